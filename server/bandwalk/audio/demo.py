"""The demo track: composed here and rendered at start from a seed. It needs no file and loops without a gap.

32 bars in A minor at 124 beats a minute: an intro, a groove, a build, the full track, a break without
drums and bass, and the full track again, which leads back to the start.
"""

import functools
import threading
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from scipy import signal

from bandwalk.audio import voices
from bandwalk.audio.source import SourceOptions, channel_slice
from bandwalk.records import Counters
from bandwalk.units import SAMPLE_RATE, s_to_samples, samples_to_s

SEED = 1
STEP = 5808
"""Samples of a sixteenth: 123.97 beats a minute; a Fourier transform of the whole track is fast with this value."""
BAR = 16 * STEP
BARS = 32
LENGTH = BARS * BAR
PEAK = 0.85
"""-1.4 dBFS."""

# Two bars each: bass note, pad, and the notes of the arpeggio, as MIDI numbers.
CHORDS = (
    (33, (69, 72, 76), (76, 81, 84, 88)),  # A minor
    (29, (69, 72, 77), (77, 81, 84, 89)),  # F
    (36, (67, 72, 76), (76, 79, 84, 88)),  # C
    (31, (67, 71, 74), (74, 79, 83, 86)),  # G
)
# The tune over each chord: at these sixteenths of two bars, of this many sixteenths.
TUNE_STEPS = ((0, 3), (3, 3), (6, 4), (10, 3), (13, 3), (16, 3), (19, 3), (22, 4), (26, 2), (28, 4))
TUNE = (
    (81, 76, 79, 81, 84, 83, 79, 76, 74, 76),
    (81, 77, 79, 81, 84, 86, 84, 81, 79, 77),
    (79, 76, 79, 84, 83, 79, 76, 74, 76, 79),
    (83, 79, 81, 83, 86, 83, 79, 74, 76, 74),
)
PLAYS = {  # bars in which each voice plays
    "kick": (*range(20), *range(24, 32)),
    "snare": (*range(2, 20), *range(24, 32)),
    "clap": (*range(12, 20), *range(24, 31)),
    "bass": (*range(4, 20), *range(24, 32)),
    "hat": (*range(20), *range(24, 32)),
    "pluck": (*range(4), *range(8, 20), *range(24, 32)),
    "lead": (*range(12, 24), *range(24, 30)),
    "pad": tuple(range(32)),
}
BUILDS = (11, 23)
"""Bars with a snare roll and a riser into the next section."""


@dataclass
class DemoMix:
    """Three stereo buses, [2, LENGTH], and the onsets of each voice.

    drums: dry.   bass: ducks under the kick.   air: ducks, with echoes and reverb.
    onsets: samples at which each voice began.
    """

    drums: np.ndarray = field(default_factory=lambda: np.zeros((2, LENGTH), np.float32))
    bass: np.ndarray = field(default_factory=lambda: np.zeros((2, LENGTH), np.float32))
    air: np.ndarray = field(default_factory=lambda: np.zeros((2, LENGTH), np.float32))
    onsets: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, voice: str, y: np.ndarray, at: int, gain: float, pan: float = 0.0) -> None:
        """Play y [n] or [2, n] at a sample; past the end it continues at the start. pan: -1 left .. 1 right."""
        bus = {"bass": self.bass, "pluck": self.air, "lead": self.air, "pad": self.air}.get(voice, self.drums)
        sides = np.float32(gain) * np.sqrt(np.array([[1 - pan], [1 + pan]], np.float32))
        stereo = sides * y
        head = min(y.shape[-1], LENGTH - at)
        bus[:, at : at + head] += stereo[:, :head]
        bus[:, : y.shape[-1] - head] += stereo[:, head:]
        self.onsets[voice].append(at)


def demo_onsets() -> dict[str, np.ndarray]:
    """Return when each voice of the demo plays: rising seconds from the start, by "kick", "snare", "lead" ..."""
    return {voice: np.array(sorted(at)) / SAMPLE_RATE for voice, at in render(SEED)[1].items()}


@functools.cache
def render(seed: int) -> tuple[np.ndarray, dict[str, tuple[int, ...]]]:
    """Return the track, [LENGTH, 2] float32, and the onsets of each voice, samples.

    The seed decides the noises, the reverb and how hard the string is plucked; the notes are fixed.
    """
    rng = np.random.default_rng(seed)
    mix = DemoMix()
    _play_drums(mix, rng)
    _play_bass(mix)
    _play_pads(mix)
    _play_plucks(mix, rng)
    _play_lead(mix)
    air = mix.air + _echo(mix.air)
    air += _room(air, rng)
    y = mix.drums + _ducking(mix.onsets["kick"]) * (mix.bass + air)
    y = np.tanh(y / np.abs(y).max() * 1.1)
    y = np.ascontiguousarray(y.T * (PEAK / np.abs(y).max()))  # [LENGTH, 2]
    y.flags.writeable = False
    return y, {voice: tuple(at) for voice, at in mix.onsets.items()}


def _play_drums(mix: DemoMix, rng: np.random.Generator) -> None:
    kick, snare, clap = voices.kick(), voices.snare(rng), voices.clap(rng)
    closed, opened = voices.hat(rng, 0.022), voices.hat(rng, 0.1)
    for bar in PLAYS["kick"]:
        for step in (0, 4) if bar in BUILDS else (0, 4, 8, 12):
            mix.add("kick", kick, bar * BAR + step * STEP, 1.0)
    for bar in PLAYS["snare"]:
        for step, gain in (
            ((4, 0.65),) if bar in BUILDS else ((4, 0.65), (12, 0.65)) + (((15, 0.25),) if bar % 4 == 1 else ())
        ):
            mix.add("snare", snare, bar * BAR + step * STEP, gain)
    for bar in PLAYS["clap"]:
        for step in (4, 12):
            mix.add("clap", clap, bar * BAR + step * STEP, 0.22)
    for bar in PLAYS["hat"]:
        for step in range(0, 16, 1 if bar >= 12 else 2):
            sound, gain = (opened, 0.16) if step % 4 == 2 and bar >= 4 else (closed, (0.16, 0.07, 0.12, 0.07)[step % 4])
            mix.add("hat", sound, bar * BAR + step * STEP, gain, pan=0.25)
    for bar in BUILDS:
        for step in range(8, 16):
            mix.add("snare", snare, bar * BAR + step * STEP, 0.1 + 0.06 * (step - 8))
        mix.add("riser", voices.riser(rng, samples_to_s(BAR)), bar * BAR, 0.2)


def _play_bass(mix: DemoMix) -> None:
    for bar in PLAYS["bass"]:
        root = CHORDS[bar // 2 % 4][0]
        for step in (2, 6, 10, 14) + ((15,) if bar % 2 else ()):
            mix.add("bass", voices.bass(root, samples_to_s(2 * STEP)), bar * BAR + step * STEP, 0.45)


def _play_pads(mix: DemoMix) -> None:
    length_s = samples_to_s(2 * BAR) + 0.8
    chords = []
    for _, notes, _ in CHORDS:
        chords.append(np.stack([voices.pad(notes, length_s, spread) for spread in (0.002, 0.0031)]))
    for bar in PLAYS["pad"][::2]:
        mix.add("pad", chords[bar // 2 % 4], bar * BAR, 0.05 if bar in range(20, 24) else 0.032)


def _play_plucks(mix: DemoMix, rng: np.random.Generator) -> None:
    order = (0, 2, 1, 3, 2, 1, 0, 2, 3, 1, 2, 0, 1, 3, 2, 1)
    for bar in PLAYS["pluck"]:
        notes = CHORDS[bar // 2 % 4][2]
        level = 0.1 if bar < 4 else 0.12
        for step in range(16):
            accent = 1.0 if step % 16 in (0, 3, 6, 8, 11, 14) else 0.45
            touch = accent * rng.uniform(0.85, 1.1)
            pan = 0.5 * (-1) ** step
            mix.add("pluck", voices.pluck(notes[order[step]]), bar * BAR + step * STEP, level * touch, pan)


def _play_lead(mix: DemoMix) -> None:
    for bar in PLAYS["lead"][::2]:
        for note, (step, steps) in zip(TUNE[bar // 2 % 4], TUNE_STEPS, strict=True):
            sound = voices.lead(note, samples_to_s(steps * STEP))
            mix.add("lead", sound, bar * BAR + step * STEP, 0.16)


def _echo(y: np.ndarray) -> np.ndarray:
    """Echoes three sixteenths apart, left and right in turn; past the end they continue at the start."""
    mono = (y[0] + y[1]) / 2
    left = 0.3 * np.roll(mono, 3 * STEP) + 0.11 * np.roll(mono, 9 * STEP)
    right = 0.19 * np.roll(mono, 6 * STEP) + 0.06 * np.roll(mono, 12 * STEP)
    return np.stack([left, right])


def _room(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Reverb: decaying noise, different for left and right; past the end it continues at the start."""
    n = s_to_samples(1.3)
    decay = np.exp(-np.arange(n, dtype=np.float32) / np.float32(0.3 * SAMPLE_RATE))
    response = rng.standard_normal((2, n), dtype=np.float32) * decay * np.float32(0.0045)
    wet = signal.oaconvolve((y[:1] + y[1:]) / 2, response, axes=1)
    wet[:, : n - 1] += wet[:, LENGTH:]
    return np.asarray(wet[:, :LENGTH])


def _ducking(kicks: list[int]) -> np.ndarray:
    """Return the gain, [LENGTH], that ducks the music under each kick."""
    gain = np.ones(LENGTH, np.float32)
    t = np.arange(4 * STEP, dtype=np.float32) / SAMPLE_RATE
    down = np.linspace(1, 0.35, s_to_samples(0.005), dtype=np.float32)  # ahead of the kick: no click
    dip = np.concatenate([down, np.minimum(1, 0.35 + 0.65 * (t / 0.22) ** 1.5)])
    for at in kicks:
        rows = np.arange(at - len(down), at - len(down) + len(dip)) % LENGTH
        gain[rows] = np.minimum(gain[rows], dip)
    return gain


class DemoSource:
    """Plays the demo track in a loop."""

    def __init__(self, options: SourceOptions) -> None:
        self.name = "demo"
        self.counters = Counters()
        self.length: int | None = LENGTH
        self.is_about = self.is_cut = False
        self._sound = render(SEED)[0][:, channel_slice(options.channels, 2, self.name)]
        self._at = 0
        self._lock = threading.Lock()

    def read(self, n: int) -> np.ndarray:
        """Return the next n samples, [n, channels] float32 at 48 kHz; it never ends."""
        with self._lock:
            at = self._at
            self._at = (at + n) % LENGTH
        if at + n <= LENGTH:
            return self._sound[at : at + n]
        return np.take(self._sound, np.arange(at, at + n), axis=0, mode="wrap")

    def seek(self, t_s: float) -> None:
        """Go to this second, modulo the length of the track."""
        with self._lock:
            self._at = s_to_samples(t_s) % LENGTH

    def close(self) -> None:
        """Do nothing: nothing is open."""
