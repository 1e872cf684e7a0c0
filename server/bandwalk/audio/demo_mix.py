"""Mixes the demo bar by bar: what precedes a bar, round the end of the track, is heard in its echoes and its room."""

from functools import lru_cache

import numpy as np

from bandwalk.audio.demo_score import BAR, BARS, LENGTH, LONGEST_BARS, STEP, Note, compose
from bandwalk.units import SAMPLE_RATE, s_to_samples

PEAK = 0.85
"""-1.4 dBFS."""

SQUEEZE = 1.1
"""The loudest sample goes so far into the tanh that softens the mix."""

LOUDEST = 1.80775
"""The largest sample of the mix of seed 1 before that."""

_ROOM = s_to_samples(1.3)
_FFT = 155_520
"""A bar and the room before it, and a length for which the transform is fast."""

_DIP = 0.35
_DOWN = np.linspace(1, _DIP, s_to_samples(0.005), dtype=np.float32)  # ahead of the kick: no click
_BUSES = {"bass": "bass", "pluck": "air", "lead": "air", "pad": "air"}


class DemoMix:
    """The track of a seed, which decides the noises, the room and how hard the string is plucked.

    Three buses: drums are dry, the bass ducks under the kick, and so does the air, which has echoes and a room.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.notes = compose(rng)
        self._kicks = [note.at for note in self.notes if note.voice == "kick"]
        decay = np.exp(-np.arange(_ROOM, dtype=np.float32) / np.float32(0.3 * SAMPLE_RATE))
        response = rng.standard_normal((2, _ROOM), dtype=np.float32) * decay * np.float32(0.0045)
        self._room = np.fft.rfft(response, _FFT)
        self._air = lru_cache(maxsize=LONGEST_BARS + 1)(self._air_of)

    def onsets(self) -> dict[str, tuple[int, ...]]:
        """Return the samples at which each voice begins."""
        return {name: tuple(note.at for note in self.notes if note.voice == name) for name in _names(self.notes)}

    def bar(self, bar: int) -> np.ndarray:
        """Return a bar as it is played, [BAR, 2] float32."""
        y: np.ndarray = np.tanh(self.unsqueezed(bar) * np.float32(SQUEEZE / LOUDEST))
        return np.ascontiguousarray(y.T * np.float32(PEAK / np.tanh(SQUEEZE)))

    def unsqueezed(self, bar: int) -> np.ndarray:
        """Return the sum of all buses in a bar, [2, BAR] float32."""
        before, here = self._echoed(bar - 1), self._echoed(bar)
        air = here + self._reverb(before, here)
        return np.asarray(self._sum("drums", bar) + self._ducking(bar) * (self._sum("bass", bar) + air))

    def _sum(self, bus: str, bar: int) -> np.ndarray:
        """Return what the notes of a bus give in a bar, [2, BAR]; past the end they go on at the start."""
        total = np.zeros((2, BAR), np.float32)
        for note in self.notes:
            bars_ago = (bar - note.at // BAR) % BARS
            if bars_ago <= LONGEST_BARS and _BUSES.get(note.voice, "drums") == bus:
                _add(total, note, note.at % BAR - bars_ago * BAR)
        return total

    def _air_of(self, bar: int) -> np.ndarray:
        return self._sum("air", bar)

    def _echoed(self, bar: int) -> np.ndarray:
        """Return the air of a bar with its echoes three sixteenths apart, left and right in turn, [2, BAR]."""
        bar %= BARS
        before, here = self._air((bar - 1) % BARS), self._air(bar)
        mono = np.concatenate([before[0] + before[1], here[0] + here[1]]) / 2  # [2 * BAR]
        delayed = {steps: mono[BAR - steps * STEP : 2 * BAR - steps * STEP] for steps in (3, 6, 9, 12)}
        left = 0.3 * delayed[3] + 0.11 * delayed[9]
        right = 0.19 * delayed[6] + 0.06 * delayed[12]
        return here + np.stack([left, right])

    def _reverb(self, before: np.ndarray, here: np.ndarray) -> np.ndarray:
        """Return the reverb of a bar, decaying noise that is different for left and right, [2, BAR]."""
        x = np.concatenate([before[:, BAR - _ROOM + 1 :], here], axis=1).sum(axis=0) / 2  # [_ROOM - 1 + BAR]
        wet = np.fft.irfft(np.fft.rfft(x, _FFT) * self._room, _FFT)
        return np.asarray(wet[:, _ROOM - 1 : _ROOM - 1 + BAR], np.float32)

    def _ducking(self, bar: int) -> np.ndarray:
        """Return the gain, [BAR], that ducks the music under each kick."""
        t = np.arange(4 * STEP, dtype=np.float32) / SAMPLE_RATE
        dip = np.concatenate([_DOWN, np.minimum(1, _DIP + 0.65 * (t / 0.22) ** 1.5)])
        gain = np.ones(3 * BAR, np.float32)  # from a bar before this one to one after it
        for at in self._kicks:
            place = (at - (bar - 1) * BAR) % LENGTH - len(_DOWN)
            if 0 <= place <= len(gain) - len(dip):
                part = gain[place : place + len(dip)]
                np.minimum(part, dip, out=part)
        return gain[BAR : 2 * BAR]


def _add(total: np.ndarray, note: Note, place: int) -> None:
    """Add a note that begins at this sample of total [2, n], or so far before it."""
    y = note.sound()
    start, end = max(place, 0), min(place + y.shape[-1], total.shape[1])
    if start < end:
        sides = np.float32(note.gain) * np.sqrt(np.array([[1 - note.pan], [1 + note.pan]], np.float32))
        total[:, start:end] += sides * y[..., start - place : end - place]


def _names(notes: list[Note]) -> list[str]:
    return list(dict.fromkeys(note.voice for note in notes))
