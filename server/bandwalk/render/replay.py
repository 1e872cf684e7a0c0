"""``bandwalk render --replay``: a show that was recorded, drawn again at any size and frame rate."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bandwalk.errors import ParameterError, WorkError
from bandwalk.output.resume_point import ResumePoint
from bandwalk.params.settings import HearSettings, Settings
from bandwalk.params.values import Values, number, text
from bandwalk.pipeline.draw_frame import ClipFader, finish, paint
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.pipeline.models import chosen_device
from bandwalk.pipeline.open_drivers import open_live_drivers
from bandwalk.pipeline.session import HeardSound, Log, Replay, Shown
from bandwalk.pipeline.start import Start
from bandwalk.render.clip_writer import ClipSink, open_sink
from bandwalk.render.job import Job, Span, threads_of
from bandwalk.render.progress import RenderProgress
from bandwalk.render.replay_models import ReplayModels
from bandwalk.units import inside, to_rate

logger = logging.getLogger(__name__)

_MAX_NOTE = 10_000
_OUT = ("/out/size", "/out/fps", "/out/fit")
"""What the command line may set anew."""


def render_replay(start: Start, output: str) -> str:
    """Draw a session again, or the part of it that was recorded, and return what was made in one line.

    Args:
        start:  settings, and the size and frame rate if the command line has them; ``--replay`` names a session log, or
                the note beside a recording that names its log.
        output: as of :func:`bandwalk.render.run.render`.

    Raises:
        BandwalkError: the log, its sound or the model cannot be read, or the clip cannot be written.
    """
    path = Path(start.settings.clip.replay).expanduser()
    log, span = _find_log(path)
    given = {address: start.values[address] for address in _OUT if address in start.given}
    first = {**log.values, **given}
    settings = start.settings.with_draw(device=chosen_device(start.settings.draw.device))
    sound = HeardSound(inside(log.path.parent, log.header.sound))
    job = _job(settings, output, first, _whole(span, sound, number(first, "/out/fps")))
    models = ReplayModels(log, settings, first)
    drivers = open_live_drivers(_hearing(settings, log), settings.draw.device)
    folder = settings.folders.presets
    replay = Replay(log, sound, models.first(), models.load, drivers=drivers, folder=folder)
    sink = open_sink(_with_sound(job, path, sound), ResumePoint())
    _draw(replay, job, sink, given)
    _report(replay)
    same = f"{replay.same} of {replay.checked} noted pictures have the same latents"
    return f"{output}: {sink.frames} frames at {float(job.span.fps):.6g} fps; {same}"


def _find_log(path: Path) -> tuple[Log, tuple[float, float]]:
    """Return a log, and the part of it that is wanted, seconds."""
    try:
        with path.open("rb") as file:
            first = file.readline(_MAX_NOTE)
    except OSError as e:
        raise ParameterError(f"--replay {path}: {e.strerror}; expected a session log") from e
    note: object = None
    with suppress(ValueError, RecursionError):
        note = json.loads(first)
    if isinstance(note, dict) and note.get("bandwalk_recording") == 1:
        log = Log(inside(path.parent, str(note.get("session"))))
        videos = [path.with_suffix(suffix) for suffix in (".mkv", ".mp4")]
        spans = [log.recorded(video.name) for video in videos if video.exists()]
        return log, next(iter(spans), (0.0, float("inf")))
    return Log(path), (0.0, float("inf"))


def _whole(span: tuple[float, float], sound: HeardSound, fps: float) -> Span:
    begin, end = span[0], min(span[1], sound.samples / 48_000)
    if begin >= end:
        raise ParameterError("--replay: the recording has no sound that was heard; expected some")
    first, last = (Fraction(t).limit_denominator(1_000_000) for t in (begin, end))
    return Span(first, last, to_rate(fps))


def _job(settings: Settings, output: str, values: Values, span: Span) -> Job:
    path = None if output == "-" else Path(output)
    if path is not None and os.path.lexists(path) and not settings.clip.force:
        raise ParameterError(f"--output = {output}: it is there already; expected another name, or --force")
    return Job(Path(), path, values, settings, span)


def _hearing(settings: Settings, log: Log) -> HearSettings:
    """Return how the show heard; the checkpoint is the one that the command line names."""
    return replace(settings.hear, features=log.header.features, step_rate=log.header.step_rate)


def _with_sound(job: Job, path: Path, sound: HeardSound) -> Job:
    """Return the job with its sound: the recording's beside the log, else what was heard, one channel."""
    span = job.span
    for suffix in (".mkv", ".mp4"):
        beside = path.with_suffix(suffix)
        if beside.exists() and span.end is not None:
            return replace(job, audio=beside, span=Span(Fraction(0), span.end - span.start, span.fps))
    return replace(job, audio=sound.path)


def _draw(replay: Replay, job: Job, sink: ClipSink, given: Values) -> None:
    """Draw and write all pictures."""
    set_threads(threads_of(job))
    span, total = job.span, job.span.frames_before(Fraction(replay.length_s))
    look_ahead_s = replay.pipeline.look_ahead_s
    times = (span.t_audio(n) - look_ahead_s for n in range(total))
    try:
        with RenderProgress(0, total, is_about=False) as progress:
            for rgb in _pictures(replay.shown(times), job, given):
                sink.write(rgb)
                progress.advance()
        sink.finish()
    except (OSError, av.FFmpegError) as e:
        sink.abandon()
        raise WorkError(f"writing {job.output}: {getattr(e, 'strerror', None) or e}") from e
    except BaseException:
        sink.abandon()
        raise


def _pictures(shown: Iterator[Shown], job: Job, given: Values) -> Iterator[np.ndarray]:
    """Yield the pictures as they are shown, [H, W, 3] uint8."""
    sequence, fader = FrameSequence(), ClipFader(float(job.span.start))
    size = text(job.values, "/out/size")
    for n, (picture_input, seen, G) in enumerate(shown):
        values = {**seen, **given, "/out/size": size}
        rgb = finish(paint(G, picture_input, values), values)
        t = job.span.t_audio(n)
        yield sequence.step(rgb, values, t_audio=t, brightness=fader.step(t, values))


def _report(replay: Replay) -> None:
    if replay.lost:
        logger.warning("from some moment on it is another show: %s", replay.lost)
    if replay.same < replay.checked:
        logger.warning(
            "%d of %d noted pictures have other latents: another kind of machine, or a style's way",
            replay.checked - replay.same,
            replay.checked,
        )
