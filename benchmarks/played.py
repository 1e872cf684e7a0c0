"""Songs with known hits, and the pictures that a look makes of them: for the benchmarks of looks."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np

from bandwalk.audio.demo import SEED, Track, demo_onsets
from bandwalk.audio.demo_score import STEP
from bandwalk.generator import Screen
from bandwalk.pipeline.draw_frame import finish
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.pipeline.models import open_model
from bandwalk.pipeline.moves import moved
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.start_values import values_for
from bandwalk.pipeline.stats import Tally
from bandwalk.records import BANDS, Block
from bandwalk.units import SAMPLE_RATE, db_to_lin

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import songs

KINDS = {"kick": ("kick",), "snare": ("snare", "clap"), "hat": ("hat",)}
MADE = {
    "house 124": (124, "house", 0),
    "drum and bass 174": (174, "broken", 0),
    "half time 90, -20 dB": (90, "half", -20),
}
HEARD = (*BANDS, "air")
BEAT_COUNT = songs.BEATS_PER_BAR


@dataclass(frozen=True)
class Song:
    """A sound [n] float32 at 48 kHz, its hits by kind, seconds, and the length of a bar, seconds; 0: not known."""

    name: str
    y: np.ndarray
    hits: dict
    bar_s: float


def made(name, seconds):
    """Return one of MADE."""
    bpm, pattern, level_db = MADE[name]
    beats = songs.steady(bpm, seconds + 2.0)
    y = songs.song(beats, pattern).y[: round(seconds * SAMPLE_RATE)]
    bars = np.arange(0, len(beats) - songs.BEATS_PER_BAR, songs.BEATS_PER_BAR)[:, None]
    hits = {
        kind: np.interp((bars + np.asarray(songs.PATTERNS[pattern][kind])).ravel(), np.arange(len(beats)), beats)
        for kind in KINDS
    }
    return Song(name, (db_to_lin(level_db) * 0.5 * y).astype(np.float32), hits, songs.BEATS_PER_BAR * 60 / bpm)


def demo(seconds, start_s=24.0):
    """Return a part of the demo that has all its drums."""
    onsets = demo_onsets()
    first = round(start_s * SAMPLE_RATE)
    y = Track(SEED).whole()[first : first + round(seconds * SAMPLE_RATE)].mean(axis=1)
    hits = {kind: np.sort(np.concatenate([onsets[name] for name in names])) - start_s for kind, names in KINDS.items()}
    return Song("demo", y, {kind: at[at > 0] for kind, at in hits.items()}, 16 * STEP / SAMPLE_RATE)


def from_file(path, seconds, start_s=20.0):
    """Return a part of a sound file."""
    y = decoded(path)
    first = round(start_s * SAMPLE_RATE)
    return Song(path.stem, y[first : first + round(seconds * SAMPLE_RATE)], {}, 0.0)


def decoded(path):
    """Return a sound file as one channel [n] float32 at 48 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float32)


def values_of(look, G, size, fps):
    """Return the values that a show with this look begins with."""
    flags = {"out_size": str(size), "out_fps": fps} | ({} if look == "start" else {"preset": look})
    return values_for(resolve(flags), G)


def play(G, values, song, fps, only=None):
    """Return the pictures of a song [n] of rgb, as they are shown without the limiter.

    Args:
        only: index of the band that is heard alone; 3: the air.
    """
    pipeline = Pipeline(G, values, step_rate=100.0, tally=Tally())
    if only is not None:
        follow = pipeline._follow
        pipeline._follow = lambda steps, *rest: follow([mute(step, only) for step in steps], *rest)
    sequence, frames = FrameSequence(may_limit=False), []
    for stop in range(4800, len(song.y) + 1, 4800):
        pipeline.hear(Block(song.y[stop - 4800 : stop], stop, 0.0), values)
        while len(frames) / fps <= stop / SAMPLE_RATE:
            picture = pipeline.draw(len(frames) / fps, values)
            at = moved(values, picture.pose)
            shown = finish(picture.rgb, at)
            frames.append(sequence.step(shown, at, t_audio=picture.pose.t_audio, brightness=1.0))
    return frames


def mute(features, only):
    """Return a step in which only one band is heard, without hits of others and without beats."""
    keep = [k == only for k in range(len(BANDS))]
    air = only == len(BANDS)
    bands = {
        name: tuple(x * k for x, k in zip(getattr(features, name), keep, strict=True))
        for name in ("level", "change", "onset")
    }
    music = features.music
    music = replace(
        music,
        air_level=music.air_level * air,
        air_change=music.air_change * air,
        air_onset=music.air_onset and air,
        onset=False,
        flux=0.0,
    )
    return replace(features, **bands, music=music)


def open_any(size):
    """Return a model whose directions are known."""
    return open_model("builtin", Screen(size, size), device="cpu", exact=False)
