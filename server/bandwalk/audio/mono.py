"""A sound file as one channel at any rate, piece by piece: mixed first, resampled then, as librosa loads.

Decoding takes most of the time, so that several threads decode where a file can be begun anywhere: the same bits.
"""

import logging
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from bandwalk.audio.decode import Decoder, open_decoder, open_exact
from bandwalk.audio.flaws import FlawReporter
from bandwalk.audio.resample import Resampler
from bandwalk.audio.source import channel_slice, clean, to_mono
from bandwalk.errors import AudioError
from bandwalk.machine import cores
from bandwalk.records import Counters

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16
"""Samples that are read at a time."""

_LARGE = 1 << 20
"""Samples, of all channels together, of a piece that a thread decodes: 12 s in stereo."""

_OVERLAP = 4096
"""Samples of the next piece that a thread decodes too: by them a damaged file shows that it was begun elsewhere."""

_MAX_THREADS = 4


def mono_at(path: Path, sample_rate: int, *, channels: str = "") -> Generator[np.ndarray, None, None]:
    """Yield pieces [n] float32 of a sound file.

    Args:
        path:        the file.
        sample_rate: Hz.
        channels:    those that are heard ("1-2"); "": all.

    Raises:
        AudioError:     the file cannot be read.
        ParameterError: channels that it does not have.
    """
    with closing(open_exact(path) or open_decoder(path)) as decoder:
        kept = channel_slice(channels, decoder.channels, path.name)
        sound = Resampler(decoder.sample_rate, 1, sample_rate)
        with closing(_mixed(path, decoder, kept)) as mixed:
            for y in mixed:
                sound.push(y[:, None])
                yield sound.take(len(sound))[:, 0]
        sound.push(np.zeros((0, 1), np.float32), last=True)
        yield sound.take(len(sound))[:, 0]


class _Damaged(Exception):  # noqa: N818  it is seen to here
    """A file is not what its header says."""


def _mixed(path: Path, decoder: Decoder, kept: slice) -> Generator[np.ndarray, None, None]:
    """Yield mono pieces."""
    length = max(_CHUNK, _LARGE // decoder.channels)
    done = 0
    if decoder.seeks_exactly and decoder.frames and decoder.frames > 2 * length and cores() > 1:
        try:
            with closing(_by_threads(path, kept, length, decoder.frames)) as pieces:
                for y in pieces:
                    done += len(y)
                    yield y
        except (_Damaged, AudioError):
            logger.info("%s: damaged after %.0f s; decoded in turn", path.name, done / decoder.sample_rate)
        else:
            return
    with closing(open_decoder(path)) as in_time:
        yield from _in_turn(path.name, in_time, kept, done)


def _in_turn(name: str, decoder: Decoder, kept: slice, done: int) -> Generator[np.ndarray, None, None]:
    """Yield mono pieces from this sample on, in the time that the file keeps, and tell what is wrong with it."""
    reporter, counters, rate, at = FlawReporter(name), Counters(), decoder.sample_rate, 0
    try:
        while len(x := decoder.read(_CHUNK)):
            reporter.look(decoder.flaws, at / rate, counters, silent_s=decoder.flaws.silent / rate)
            at += len(x)
            if at > done:
                yield to_mono(clean(x[max(0, done - at + len(x)) :, kept], counters))
        why = "its end is missing" if decoder.is_cut() else ""
    except AudioError as e:
        why = str(e)
    if why:
        reporter.report("cut", f"{why}; it is heard to {at / rate:.1f} s")


def _by_threads(path: Path, kept: slice, length: int, frames: int) -> Generator[np.ndarray, None, None]:
    """Yield mono pieces [length], in order; few are held.

    Raises:
        _Damaged: a piece does not begin with what the one before goes on with, or the samples are not as many.
    """
    threads = min(cores(), _MAX_THREADS)
    pool = ThreadPoolExecutor(threads, "decode")
    begun: deque[Future[np.ndarray]] = deque()
    starts = count(0, length)
    piece = partial(_piece, path, kept, length + _OVERLAP)
    held: np.ndarray | None = None
    done = 0
    try:
        while held is None or len(held) > length:
            while len(begun) <= threads:
                begun.append(pool.submit(piece, next(starts)))
            y = begun.popleft().result()
            if held is not None:
                if not np.array_equal(y[: len(held) - length], held[length:]):
                    raise _Damaged  # before what is held is heard: the hole may be in it
                done += length
                yield held[:length]
            held = y
        if done + len(held) != frames:
            raise _Damaged
        yield held
    finally:
        pool.shutdown(cancel_futures=True)


def _piece(path: Path, kept: slice, length: int, start: int) -> np.ndarray:
    """Return the mono samples [at most length] from start on."""
    decoder = open_exact(path)
    if decoder is None:
        raise AudioError(f"reading {path}: it is another file now")
    with closing(decoder):
        decoder.seek(start)
        return _read(decoder, length, kept)


def _read(decoder: Decoder, n: int, kept: slice) -> np.ndarray:
    """Return the next mono samples [about n], none at the end.

    Read by chunks: asked for much at once, libsndfile gives sound twice where an Ogg file has a hole.
    """
    pieces: list[np.ndarray] = []
    held, counters = 0, Counters()
    while held < n and len(x := decoder.read(min(_CHUNK, n - held))):
        pieces.append(to_mono(clean(x[:, kept], counters)))
        held += len(x)
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
