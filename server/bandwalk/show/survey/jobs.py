"""What the process that looks into songs does with one: each job yields answers, the newest of which counts."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from bandwalk.audio.decode import open_decoder
from bandwalk.errors import BandwalkError
from bandwalk.show.survey.peaks import Peaks
from bandwalk.show.survey.tempo import tempo_of

GROWS_S = 0.5
"""Time between two answers while a wave grows."""

CHUNK = 1 << 16

Answer = dict[str, Any]


def wave(path: Path, now: Callable[[], float] = time.monotonic) -> Iterator[Answer]:
    """Yield how loud a song is, part by part, while it is read.

    Raises:
        AudioError: it cannot be opened. One that breaks off ends there.
    """
    peaks, told = Peaks(), now()
    with closing(open_decoder(path)) as decoder:
        with suppress(BandwalkError):
            while len(x := decoder.read(CHUNK)):
                peaks.add(x)
                if now() - told >= GROWS_S:
                    told = now()
                    yield _shown(peaks, decoder.sample_rate, is_whole=False)
        peaks.end()
        yield _shown(peaks, decoder.sample_rate, is_whole=True)


def _shown(peaks: Peaks, rate: int, *, is_whole: bool) -> Answer:
    highest, rms = peaks.points()
    return {"per_s": rate / peaks.width, "peaks": highest, "rms": rms, "is_whole": is_whole}


def _tempo(path: Path) -> Iterator[Answer]:
    yield {"bpm": tempo_of(path)}


JOBS: dict[str, Callable[[Path], Iterator[Answer]]] = {"wave": wave, "tempo": _tempo}
