"""Clips that loop: whole bars of the song, at whose end the walks are where they began."""

import math
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np

from bandwalk.analysis import Analyzer
from bandwalk.errors import ParameterError
from bandwalk.params.values import number, text, whole
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.beat_clock import BeatClock
from bandwalk.pipeline.whole_song import feed_of
from bandwalk.records import SURE, Block, Features, Pose
from bandwalk.render.job import Job, Span
from bandwalk.walk import BarCount, between_all
from bandwalk.walk.sphere import slerp

_NEAR = 1e-6
"""Beats. So near to a bar line a step is on it."""


def looped(job: Job) -> Job:
    """Return the job over its bars, if it is to loop: they begin with the first bar line at or after its start.

    Raises:
        AudioError:     the song cannot be read.
        ParameterError: there are not so many bars, or settings do not go together.
    """
    n, clip = job.settings.clip.loop_bars, job.settings.clip
    if not n:
        return job
    if job.is_published or clip.end:
        flag = "--method published" if job.is_published else "--end"
        raise ParameterError(f"--loop-bars = {n}: it does not go together with {flag}")
    begin, end = _find(job, n)
    fps = job.span.fps
    frames = max(1, round((end - begin) * float(fps)))
    start = Fraction(begin).limit_denominator(1_000_000)
    return replace(job, span=Span(start, start + frames / fps, fps), seam=math.ceil(frames / n))


def _find(job: Job, n: int) -> tuple[float, float]:
    """Return the seconds at which n bars begin and end.

    Raises:
        AudioError, ParameterError: as :func:`looped`.
    """
    start, first = float(job.span.start), None
    with closing(_bar_lines(job)) as lines:
        for bar, t_s, is_sure in lines:
            if first is None and is_sure and t_s >= start - _NEAR:
                first = bar, max(t_s, 0.0)
            if first is not None and bar >= first[0] + n:
                return first[1], t_s
    if first is None:
        why, expected = "no beat is heard", "--beat-from manual with --beat-bpm"
        if text(job.values, "/beat/from") == "manual":
            why, expected = "the song has ended", "an earlier --start"
        raise ParameterError(f"--loop-bars = {n}: {why} after {start:g} s; expected {expected}")
    raise ParameterError(f"--loop-bars = {n}: the song has fewer after {first[1]:.6g} s; expected an earlier --start")


def _bar_lines(job: Job) -> Generator[tuple[int, float, bool], None, None]:
    """Yield of each bar line its number, its second, and whether the beat is known there."""
    values, last, count = job.values, -1, BarCount()
    beats_per_bar = whole(values, "/beat/beats_per_bar")
    analyzer = Analyzer(plain.ear(values), step_rate=job.settings.hear.step_rate)
    step_s = 1.0 / analyzer.step_rate
    clock = BeatClock(step_s, number(values, "/beat/bpm"))
    with closing(feed_of(job.audio, job.settings.hear.channels, is_quiet=True)) as feed:
        for features in _steps(analyzer, feed.blocks()):
            beat = clock.step(features.beat, features.t_capture, plain.beat_clock(values))
            count.step(beat, beats_per_bar, step_s)
            bar = math.floor((count.beats + _NEAR) / beats_per_bar)
            if bar > last:
                since = (count.beats - bar * beats_per_bar) * 60.0 / beat.bpm
                yield bar, features.t_audio - since, beat.confidence >= SURE
            last = bar


def _steps(analyzer: Analyzer, blocks: Iterator[Block]) -> Iterator[Features]:
    for block in blocks:
        yield from analyzer.process(block)


def lead_in(job: Job) -> Job:
    """Return the job with its last bar's length before it, too."""
    return replace(job, span=replace(job.span, start=job.span.start - job.seam / job.span.fps))


def closed(poses: Iterator[Pose], job: Job) -> Iterator[Pose]:
    """Yield a job's poses so that they loop: in the last bar they go over to those before the first frame.

    At share s of the last bar, eased, z is that share of the arc from where the walks are to where they were before
    the clip, and everything else that moves the same share of the line. So the frame after the last one is the first.

    Args:
        poses: of :func:`lead_in`.
    """
    assert job.span.end is not None
    before = list(islice(poses, job.seam))
    free = job.span.frames_before(job.span.end) - job.seam
    for k, pose in enumerate(poses, -free):
        yield pose if k < 0 else _between(pose, before[k], _ease(k / job.seam))


def _ease(share: float) -> float:
    """Return an eased share, 0..1: level at both ends."""
    return share * share * (3.0 - 2.0 * share)


def _between(here: Pose, there: Pose, share: float) -> Pose:
    """Return the pose at a share of the way between two, with the time and the features of the first."""

    def mixed(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(x + (y - x) * share for x, y in zip(a, b, strict=True))

    z0, z1 = here.z.astype(np.float64), there.z.astype(np.float64)
    return replace(
        here,
        z=np.stack([slerp(a, b, share) for a, b in zip(z0, z1, strict=True)]).astype(np.float32),
        level=mixed(here.level, there.level),
        drift=here.drift + (there.drift - here.drift) * share,
        routes=mixed(here.routes, there.routes),
        along=mixed(here.along, there.along),
        shares=between_all(here.shares, there.shares, share),
    )
