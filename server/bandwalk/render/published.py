"""The published method as poses: the whole song is heard first, then walked."""

from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np

from bandwalk import values as plain
from bandwalk.ahead import ahead
from bandwalk.analysis.published import RATE, band_rms, hop_of, to_change
from bandwalk.audio.mono import mono_at
from bandwalk.generator import Generator
from bandwalk.records import BANDS, Features, Pose
from bandwalk.render.job import Job
from bandwalk.values import Values
from bandwalk.walk import Sway
from bandwalk.walk.published import published_path

_DECODED_AHEAD = 64
"""Pieces that the decoder may be ahead of the filters."""


def published_poses(job: Job, G: Generator) -> Iterator[Pose]:
    """Yield the pose of every frame of the job; between two steps it lies on the line from one to the other.

    It holds three numbers a step (2.9 kB a second of song) and two poses, no sound.

    Raises:
        AudioError: the song cannot be read.
    """
    hop = hop_of(job.settings["bpm"])
    rms, n = hear(job.audio, job.settings["channels"], hop)
    heard = _features(rms, Fraction(hop, RATE))
    path = published_path(
        to_change(rms),
        [_length(job.values, band) for band in BANDS],
        seed=job.values["/style/seed"],
        walk_seeds=[job.values[f"/walk/{band}/seed"] for band in BANDS],
        z_dim=G.z_dim,
    )
    sways = _sways(heard, job.values, hop / RATE)
    z, sway, sway_next = next(path), next(sways), next(sways)
    z_next, step = next(path, z), 0
    for k in range(job.span.frames_before(Fraction(n, RATE))):
        at = job.span.t_exact(k) * RATE / hop  # in steps
        while at >= step + 1:
            z, z_next, step = z_next, next(path, z_next), step + 1
            sway, sway_next = sway_next, next(sways)
        share = float(at - step)
        between = (1 - share) * z + share * z_next
        *level, drift = ((1 - share) * sway + share * sway_next).tolist()
        yield Pose(job.span.t_audio(k), between.astype(np.float32), tuple(level), drift, heard(step))


def _sways(heard: Callable[[int], Features], values: Values, step_s: float) -> Iterator[np.ndarray]:
    """Yield levels and drift [n_bands + 1] where each step begins."""
    sway, noise = Sway(step_s), plain.noise_drive(values)
    for step in count():
        yield sway.now
        if not values["/master/freeze"]:
            sway.step(heard(step), noise, intensity=values["/master/intensity"], speed=values["/master/speed"])


def hear(audio: Path, channels: str, hop: int) -> tuple[np.ndarray, int]:
    """Return (RMS of each band and step [3, n_steps], samples at 22,050 Hz), decoding beside filtering."""
    with closing(ahead(mono_at(audio, RATE, channels=channels), _DECODED_AHEAD, "decode")) as chunks:
        return band_rms(chunks, hop)


def _length(values: Values, band: str) -> float:
    """Return how far a band's walk goes at a change of 1."""
    walk = f"/walk/{band}"
    moves = values[f"{walk}/enabled"] and values[f"{walk}/kind"] != "hold" and not values["/master/freeze"]
    factors = values[f"{walk}/gain"] * values["/master/intensity"] * values["/master/speed"]
    return float(values[f"{walk}/max_step"] * factors) if moves else 0.0


def _features(rms: np.ndarray, step_s: Fraction) -> Callable[[int], Features]:
    """Return what gives a step's features; levels are over the song's largest RMS, onsets are not looked for."""
    largest = np.maximum(rms.max(axis=1, keepdims=True), np.finfo(float).tiny)
    level, change = rms / largest, np.clip(to_change(rms), -1, 1)

    def of_step(i: int) -> Features:
        step = min(i, rms.shape[1] - 1)
        now, loud, moved = (tuple(table[:, step].tolist()) for table in (rms, level, change))
        return Features(step, float(step * step_s), 0.0, now, loud, moved, (False,) * len(BANDS), 0.0)

    return of_step
