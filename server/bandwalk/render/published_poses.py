"""The published method as poses: the whole song is heard first, then walked."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count

import numpy as np

from bandwalk.generator import Generator
from bandwalk.params.values import Values, number, switch, text, whole
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.moves import followed, routes_of
from bandwalk.pipeline.whole_song import HeardSong, hear_published
from bandwalk.records import BANDS, Features, Pose
from bandwalk.render.job import Job
from bandwalk.walk import Routes, Sway, pose_of
from bandwalk.walk.published_walk import published_path


def published_poses(job: Job, G: Generator) -> Iterator[Pose]:
    """Yield the pose of every frame of the job; between two steps it lies on the line from one to the other.

    It holds the song's features (5 kB a second of song) and two poses, no sound.

    Raises:
        AudioError: the song cannot be read.
    """
    heard = hear_published(job.audio, job.settings.hear.channels, job.settings.clip.bpm)
    features_of = _features_of(heard)
    path = published_path(
        heard.of_bands("change"),
        [_length(job.values, band) for band in BANDS],
        seed=whole(job.values, "/style/seed"),
        walk_seeds=[whole(job.values, f"/walk/{band}/seed") for band in BANDS],
        z_dim=G.z_dim,
    )
    sways = _sways(features_of, job.values, float(1 / heard.step_rate))
    z, sway, sway_next = next(path), next(sways), next(sways)
    z_next, step = next(path, z), 0
    for k in range(job.span.frames_before(Fraction(heard.samples, heard.sample_rate))):
        at = job.span.t_exact(k) * heard.step_rate  # in steps
        while at >= step + 1:
            z, z_next, step = z_next, next(path, z_next), step + 1
            sway, sway_next = sway_next, next(sways)
        share = float(at - step)
        between = (1 - share) * z + share * z_next
        yield pose_of(job.span.t_audio(k), between, (1 - share) * sway + share * sway_next, features_of(step))


def _sways(features_of: Callable[[int], Features], values: Values, step_s: float) -> Iterator[np.ndarray]:
    """Yield levels, drift and routes [n_bands + 1 + N_ROUTES + n_bands] where each step begins.

    Routes move what the picture follows; what the walks follow stays as the hand set it.
    """
    sway, noise, routes, wanted = Sway(step_s), plain.noise_drive(values), Routes(step_s), followed(routes_of(values))
    intensity, speed = number(values, "/master/intensity"), number(values, "/master/speed")
    for step in count():
        yield sway.now
        if not switch(values, "/master/freeze"):
            features = features_of(step)
            said = routes.step(wanted, features, {}, intensity)
            sway.step(features, noise, intensity=intensity, speed=speed, routes=said)


def _length(values: Values, band: str) -> float:
    """Return how far a band's walk goes at a change of 1."""
    walk = f"/walk/{band}"
    moves = (
        switch(values, f"{walk}/enabled")
        and text(values, f"{walk}/kind") != "hold"
        and not switch(values, "/master/freeze")
    )
    factors = number(values, f"{walk}/gain") * number(values, "/master/intensity") * number(values, "/master/speed")
    return float(number(values, f"{walk}/max_step") * factors) if moves else 0.0


def _features_of(heard: HeardSong) -> Callable[[int], Features]:
    """Return what gives a step's features."""
    change = np.clip(heard.of_bands("change"), -1, 1)
    rms, level, onset = (heard.of_bands(kind) for kind in ("rms", "level", "onset"))

    def of_step(i: int) -> Features:
        step = min(i, change.shape[1] - 1)
        tables = (rms, level, change, onset)
        now_rms, now_level, moved, hit = (tuple(table[:, step].tolist()) for table in tables)
        return Features(step, float(step / heard.step_rate), 0.0, now_rms, now_level, moved, hit, 0.0)

    return of_step
