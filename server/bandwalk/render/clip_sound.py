"""Which sound a clip has: the song's own, copied where it can be, or the one band that moves the picture."""

import logging
from collections.abc import Iterator
from itertools import chain

import numpy as np

from bandwalk.analysis.filters import to_edges, to_sos
from bandwalk.audio import SourceOptions, open_source
from bandwalk.audio.source import PullSource
from bandwalk.audio.streams import channel_names, codec_of, open_to_copy
from bandwalk.output.containers import NOT_COPIED, Container
from bandwalk.output.downmix import to_stereo
from bandwalk.output.soundtrack import LAYOUTS, CopiedSound, EncodedSound, Soundtrack
from bandwalk.pipeline import stage_values as plain
from bandwalk.records import BANDS
from bandwalk.render.job import Job
from bandwalk.render.loudness import gain_for
from bandwalk.units import SAMPLE_RATE

_CHUNK = 4096


logger = logging.getLogger(__name__)


def soundtrack_of(job: Job, container: Container) -> Soundtrack:
    """Return the sound that goes into a clip, from the span's start on."""
    is_whole = not job.span.start and job.span.end is None and not job.settings.hear.channels
    is_own = is_whole and not job.has_band_sound and not job.settings.clip.loudness
    copied = _copied(job, container) if is_own else None
    if copied is not None:
        return copied
    blocks, channels = _sound(job, is_quiet=False)
    wanted = job.settings.clip.loudness
    if wanted:
        gain = np.float32(gain_for(_sound(job, is_quiet=True)[0], channels, wanted))
        blocks = (gain * x for x in blocks)
    return EncodedSound(blocks, channels, container)


def _sound(job: Job, *, is_quiet: bool) -> tuple[Iterator[np.ndarray], int]:
    """Return the sound of the clip in pieces, and its number of channels."""
    source = open_source(str(job.audio), SourceOptions(channels=job.settings.hear.channels, is_quiet=True))
    assert isinstance(source, PullSource)
    blocks = _blocks(source, job)
    first = next(blocks, np.zeros((0, 2), np.float32))
    blocks = chain([first], blocks)
    blocks = _filtered(blocks, first.shape[1], job) if job.has_band_sound else blocks
    channels = first.shape[1]
    names = channel_names(job.audio) if not job.settings.hear.channels else ()
    is_other = channels > 2 and names and "LFE" not in names  # six channels that are not 5.1
    if channels in LAYOUTS and not is_other:
        return blocks, channels
    return _mixed_down(blocks, channels, names, is_quiet=is_quiet), 2


def _copied(job: Job, container: Container) -> CopiedSound | None:
    """Return the song's own sound, where the container's players take it and it has no gaps."""
    assert job.output is not None
    codec = codec_of(job.audio)
    if codec not in container.copied:
        why = NOT_COPIED.get((job.output.suffix.lower(), codec))
        if why:
            logger.info("the sound becomes %s: %s", container.sound, why)
        return None
    song = open_to_copy(job.audio)
    if song is None:
        logger.info("the sound is encoded anew: that of %s has gaps, or is not of one piece", job.audio.name)
        return None
    return CopiedSound(song.container, song.stream, song.zero_s)


def _mixed_down(
    blocks: Iterator[np.ndarray], channels: int, names: tuple[str, ...], *, is_quiet: bool
) -> Iterator[np.ndarray]:
    """Yield sound of many channels as stereo."""
    said = " ".join(names) if len(names) == channels else "left and right in turn"
    level = logging.DEBUG if is_quiet else logging.INFO
    logger.log(level, "the sound of %d channels (%s) is mixed down to stereo by ITU-R BS.775", channels, said)
    matrix = to_stereo(names, channels)
    for x in blocks:
        yield x @ matrix


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


def _filtered(blocks: Iterator[np.ndarray], channels: int, job: Job) -> Iterator[np.ndarray]:
    """Yield what the band that moves the picture hears."""
    from scipy.signal import sosfilt  # takes a second to import

    band = plain.ear(job.values).bands[BANDS.index(job.band)]
    sos = to_sos(to_edges(band))
    state = np.zeros((len(sos), 2, channels))
    for x in blocks:
        y, state = sosfilt(sos, x, axis=0, zi=state)
        yield y.astype(np.float32)
