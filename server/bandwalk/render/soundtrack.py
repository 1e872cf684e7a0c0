"""Which sound a clip has: the song's own, copied where it can be, or the one band that moves the picture."""

from collections.abc import Iterator

import av
import numpy as np
from scipy.signal import sosfilt

from bandwalk import values as plain
from bandwalk.analysis.filters import to_edges, to_sos
from bandwalk.audio import Options, open_source
from bandwalk.audio.source import PullSource
from bandwalk.output.containers import Container
from bandwalk.output.soundtrack import CopiedSound, EncodedSound, Soundtrack
from bandwalk.records import BANDS
from bandwalk.render.job import Job
from bandwalk.units import SAMPLE_RATE

_CHUNK = 4096


def soundtrack_of(job: Job, container: Container) -> Soundtrack:
    """Return the sound that goes into a clip, from the span's start on."""
    is_whole = not job.span.start and job.span.end is None and not job.settings["channels"]
    if is_whole and not job.has_band_sound and _codec_of(job) in container.copied:
        return CopiedSound(job.audio)
    source = open_source(str(job.audio), Options(channels=job.settings["channels"]))
    assert isinstance(source, PullSource)
    blocks = _blocks(source, job)
    first = next(blocks)
    blocks = _filtered(first, blocks, job) if job.has_band_sound else _again(first, blocks)
    return EncodedSound(blocks, first.shape[1], container)


def _codec_of(job: Job) -> str:
    with av.open(str(job.audio)) as container:
        streams = container.streams.audio
        return str(streams[0].codec_context.codec.canonical_name) if streams else ""


def _blocks(source: PullSource, job: Job) -> Iterator[np.ndarray]:
    """Yield the span's sound, [n, channels] float32."""
    start, end = job.span.start, job.span.end
    source.seek(float(start))
    left = round((end - start) * SAMPLE_RATE) if end is not None else None
    while left is None or left > 0:
        x = source.read(_CHUNK if left is None else min(_CHUNK, left))
        if not len(x):
            break
        left = None if left is None else left - len(x)
        yield x
    source.close()


def _again(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _filtered(first: np.ndarray, rest: Iterator[np.ndarray], job: Job) -> Iterator[np.ndarray]:
    """Yield what the band that moves the picture hears."""
    band = plain.ear(job.values).bands[BANDS.index(job.band)]
    sos = to_sos(to_edges(band))
    state = np.zeros((len(sos), 2, first.shape[1]))
    for x in _again(first, rest):
        y, state = sosfilt(sos, x, axis=0, zi=state)
        yield y.astype(np.float32)
