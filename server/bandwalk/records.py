"""What flows from stage to stage: small frozen records.

Block -> Features -> Pose -> Picture -> Frame
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bandwalk.units import samples_to_s

if TYPE_CHECKING:  # a command's help does without numpy
    import numpy as np

BANDS = ("low", "mid", "high")
"""The three bands; where two claim one layer, the later one wins."""

THIRDS_HZ = (
    *(20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0),
    *(200.0, 250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0),
    *(2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0, 16000.0),
)
"""The bands of the spectrum that is shown: third-octaves by their nominal centres (ISO 266)."""

PITCHES = ("c", "cs", "d", "ds", "e", "f", "fs", "g", "gs", "a", "as", "b")
"""The twelve pitch classes, "s" for sharp."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of sound: mono, 48 kHz.

    y:         [n] float32, -1..1.
    end:       samples since the stream began, this block's included.
    t_capture: monotonic seconds at which the last sample was captured.
    """

    y: "np.ndarray"
    end: int
    t_capture: float

    @property
    def t_audio(self) -> float:
        """Audio time of the block's end, seconds since the stream began."""
        return samples_to_s(self.end)


SURE, LOST = 0.35, 0.15
"""Beats are reported from this confidence on, until it is under the second."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Where the music is at the end of a step.

    beat, bar:  a beat, or the first beat of a bar, begins in this step.
    beats:      beats since the start; the fraction is the phase in the beat.
    bar_phase:  position in the bar, 0..1.
    bpm:        beats per minute.
    confidence: 0..1; 0: no beat is known.
    """

    beat: bool = False
    bar: bool = False
    beats: float = 0.0
    bar_phase: float = 0.0
    bpm: float = 120.0
    confidence: float = 0.0

    @property
    def phase(self) -> float:
        """Position in the beat, 0..1."""
        return self.beats % 1.0


@dataclass(frozen=True, slots=True)
class Music:
    """What one analysis step heard besides the three bands; :mod:`bandwalk.params.signals` says what each value is.

    drop is a hit, as the onsets are; breaks and silence last.
    """

    air_level: float = 0.0
    air_change: float = 0.0
    air_onset: bool = False
    air_rms: float = 0.0
    onset: bool = False
    flux: float = 0.0
    loudness: float = -70.0
    energy: float = 0.0
    drop: bool = False
    breaks: bool = False
    silence: bool = True
    centroid: float = 0.0
    flatness: float = 0.0
    percussive: float = 0.0
    chroma: tuple[float, ...] = (0.0,) * len(PITCHES)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """What one analysis step heard; tuples are in the order of :data:`BANDS`.

    step:      index of the step, from 0.
    t_audio:   audio time of the step's end, seconds.
    t_capture: monotonic seconds at which the step's last sample was captured.
    rms:       RMS of each band over the window, linear, unscaled.
    level:     0..1.   change: -1..1.   onset: True in the step in which one was found.
    rms_full:  RMS of the whole sound.
    beat, music: what else is heard.
    drivers:   how much each of the 16 drivers changes, 0..1, the most moving one first; empty where bands drive.
    """

    step: int
    t_audio: float
    t_capture: float
    rms: tuple[float, ...]
    level: tuple[float, ...]
    change: tuple[float, ...]
    onset: tuple[bool, ...]
    rms_full: float
    beat: Beat = Beat()
    music: Music = Music()
    drivers: tuple[float, ...] = ()

    @property
    def has_hits(self) -> bool:
        """Whether a hit begins in this step."""
        beat, music = self.beat, self.music
        return any(self.onset) or beat.beat or music.onset or music.air_onset or music.drop

    def with_hits(self, before: "Features") -> "Features":
        """Return these features with the hits of earlier ones too: where steps are left out, no hit is lost."""
        if not before.has_hits:
            return self
        beat, music = self.beat, self.music
        onset = tuple(a or b for a, b in zip(self.onset, before.onset, strict=True))
        beat = replace(beat, beat=beat.beat or before.beat.beat, bar=beat.bar or before.beat.bar)
        music = replace(
            music,
            air_onset=music.air_onset or before.music.air_onset,
            onset=music.onset or before.music.onset,
            drop=music.drop or before.music.drop,
        )
        return replace(self, onset=onset, beat=beat, music=music)

    def without_hits(self) -> "Features":
        """Return these features with no hit in them."""
        if not self.has_hits:
            return self
        beat = replace(self.beat, beat=False, bar=False)
        music = replace(self.music, air_onset=False, onset=False, drop=False)
        return replace(self, onset=(False,) * len(self.onset), beat=beat, music=music)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the walks stand at one audio time.

    z:        [n_walks + 1, z_dim] float32: one row for each walk, last their common start.
    level:    of each band, 0..1, at the same time as z: what drives a value, the same live and offline.
    drift:    of the synthesis noise, radians since it lay as stored.
    features: the newest step heard, its onsets the OR of all steps since the pose before.
    by_drivers: there is a walk for each style, moved by the drivers; otherwise one for each band.
    routes:   what each route says, at the same time as z; empty: all of them rest.
    along:    alpha by which each band's walk goes along a direction of the model; empty: by none.
    home:     where the walks begin, a :class:`bandwalk.walk.Home`; None: at the w of their seed, and always have.
    place:    how far the glide to another look is, at the same time as z (:mod:`bandwalk.pipeline.glide`).
    shares:   how much of each walk is at saved styles, a :data:`bandwalk.walk.Shares` each; empty: no walk is at any.
    is_late:  the step of its time was not there yet; it shows the newest.
    """

    t_audio: float
    z: "np.ndarray"
    level: tuple[float, ...]
    drift: float
    features: Features
    by_drivers: bool = False
    routes: tuple[float, ...] = ()
    along: tuple[float, ...] = ()
    home: Any = None
    place: float = 0.0
    shares: tuple[Any, ...] = ()
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture on its way to the encoder.

    rgb:   [H, W, 3] uint8.
    size:  that it is shown at, as /out/size has it: the one for its model, which may be exchanged meanwhile.
    alpha: its model draws it to be seen through.
    """

    rgb: "np.ndarray"
    pose: Pose
    model: str
    fps: float
    size: str
    alpha: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded picture on its way out: one complete JPEG file.

    description: what its segment says, all but its number and the times of capture and publishing.
    t_capture:   monotonic seconds at which its newest sound was captured; 0: no sound was heard yet.
    """

    jpeg: bytes
    description: Mapping[str, Any]
    t_capture: float


@dataclass(frozen=True, slots=True)
class BandValues:
    """Plain values of ``/band/{band}/*`` (units in :mod:`bandwalk.params`)."""

    f_lo: float
    f_hi: float
    gain: float
    attack_s: float
    release_s: float


@dataclass(frozen=True, slots=True)
class BeatValues:
    """Plain values of ``/beat/*`` that the ear follows: the range of the tempo, beats per minute, and the bar."""

    lowest: float
    highest: float
    beats_per_bar: int


@dataclass(frozen=True, slots=True)
class EarValues:
    """Plain values of everything that the analysis follows."""

    gain: float
    floor_db: float
    bands: tuple[BandValues, ...]
    beat: BeatValues


@dataclass(frozen=True, slots=True)
class WalkValues:
    """Plain values of ``/walk/{band}/*``, and the master rows that reach the walks."""

    kind: str
    max_step: float
    gain: float
    enabled: bool
    seed: int
    fall: float
    bars: int
    seeds: str
    direction: str
    keyframes: str


@dataclass(frozen=True, slots=True)
class Bend:
    """A change to the maps that some layers of a generator draw.

    kind:   one of params.BEND_KINDS, but not "none".
    layers: style indices; the maps drawn with these styles are changed.
    value:  strength; 0: none.
    share:  of the channels, 0..1; the last of them may be changed in part.
    seed:   chooses the channels. A larger share keeps those of a smaller one.
    """

    kind: str
    layers: tuple[int, ...]
    value: float
    share: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """One stage's times: milliseconds, over the last few thousand runs."""

    stage: str
    count: int
    median_ms: float
    p99_ms: float


@dataclass(slots=True)
class Counters:
    """Real-time faults by name, since the start: what was lost is counted, never silent."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, cause: str, n: int = 1) -> None:
        """Count n more faults of this cause (called from any thread; a lost race costs one count)."""
        self.counts[cause] = self.counts.get(cause, 0) + n
