"""A render from beginning to end: sound is planned, pictures drawn and files written, one beside the other."""

import logging
import threading
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import av
import numpy as np

from bandwalk.audio import PullSource, SourceOptions, missing_end, open_source
from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator import Generator as Model
from bandwalk.generator import hasten
from bandwalk.generator.precision import take_over
from bandwalk.output.containers import keeps_alpha
from bandwalk.output.flashes import MAX_FLASHES
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.keyframe_files import check_keyframes
from bandwalk.pipeline.models import ExtraFiles, open_model
from bandwalk.pipeline.prefetch import ahead
from bandwalk.pipeline.song_file import song_file
from bandwalk.pipeline.start import Start
from bandwalk.pipeline.start_values import values_for
from bandwalk.pipeline.stop_signals import EXIT_INTERRUPTED, stop_signals
from bandwalk.pipeline.style_files import begin_at_style, folder_in
from bandwalk.render.backends import Draw, open_farm
from bandwalk.render.clip_scenes import check_styles
from bandwalk.render.clip_writer import ClipWriter
from bandwalk.render.job import Job, clips_of, job_of, moving, threads_of, with_workers
from bandwalk.render.loop import looped
from bandwalk.render.plan import channels_of, frame_inputs_of
from bandwalk.render.progress import RenderProgress
from bandwalk.render.state_file import decided_in, state_path
from bandwalk.units import SAMPLE_RATE

logger = logging.getLogger(__name__)

_TAKES_AHEAD, _PICTURES_AHEAD = 64, 8
"""What waits between the stages: two seconds of latents, a quarter of a second of pictures."""

Pictures = Sequence[tuple[np.ndarray, PictureInput]]


def render(start: Start, output: str) -> str:
    """Render a song, and return what was made in one line.

    Args:
        start:  settings and values; its source is the song.
        output: a file (.mp4, .mov, .webm), a folder of pictures, or "-": raw frames to stdout.

    Raises:
        BandwalkError:     wrong settings, a song or a model that cannot be read (status 2), or a clip that could
                           not be written to its end (status 1).
        KeyboardInterrupt: it was stopped; what was rendered is in the file.
    """
    if start.settings.clip.replay:
        raise ParameterError("--replay draws a session again; expected no AUDIO beside it")
    with song_file(start.source) as song:
        return _render(replace(start, source=str(song)), output)


def _render(start: Start, output: str) -> str:
    """Render a song that is a file, as :func:`render`."""
    job = looped(job_of(start, output))
    total, is_about = _frames_of(job)
    job = with_workers(job, total)
    with stop_signals(status=EXIT_INTERRUPTED) as stop:
        stop.is_taken = True
        if job.settings.clip.resume and job.output is not None:
            take_over(decided_in(state_path(job.output)))  # the clip goes on as it was drawn
        G = _model_of(job, is_sized="/out/size" in start.given)
        if job.is_published:
            start = replace(start, given=start.given | {"/style/psi"})  # published without truncation
        alpha = G.has_alpha and job.output is not None and keeps_alpha(job.output)
        clips = clips_of(replace(job, values=values_for(start, G), alpha=alpha))
        song = channels_of(job, stop)
        with open_farm(clips[0], G, stop) as draw:
            writer = ClipWriter(clips, G)
            drawn_by = job.settings.clip.farm or f"{threads_of(job)} drawing threads"
            logger.info("%s at %dx%d px on %s, %s", G.name, G.width, G.height, G.device, drawn_by)
            inputs = frame_inputs_of(moving(clips), G, writer.frames, song=song)
            with RenderProgress(writer.frames, total, is_about=is_about) as progress:
                _roll(_drawn(clips, inputs, draw), writer, job, stop=stop, progress=progress)
        done = f"{output}: {writer.frames} frames at {float(job.span.fps):.6g} fps, drawn at {progress.fps:.1f} fps"
        _report_flashes(writer)
        if stop.is_set():
            logger.warning("stopped; %s; --resume goes on", done)
            raise KeyboardInterrupt
    _check_end(job, writer.frames, done)
    return done


def _report_flashes(writer: ClipWriter) -> None:
    """Report what the limiter of flashes has done, or what it would have had to do."""
    if writer.held:
        logger.info("%d pictures follow slowly: they would have flashed too often (--no-safe-flashes)", writer.held)
    if max(writer.worst) > MAX_FLASHES:
        general, red = writer.worst
        logger.warning(
            "it flashes: up to %g times in a second, red %g times; WCAG 2.3.1 allows %g", general, red, MAX_FLASHES
        )


def _check_end(job: Job, frames: int, done: str) -> None:
    """Check that a clip which is complete has the whole song: only its last seconds are read again.

    Raises:
        WorkError: the song's end is missing, or has gone while it was rendered.
    """
    end = job.span.end
    if end is not None and frames >= job.span.frames_before(end):
        return
    why = missing_end(job.audio)
    if why:
        raise WorkError(f"{done}; the clip ends early: {job.audio.name}: {why}")


def _model_of(job: Job, *, is_sized: bool) -> Model:
    draw = job.settings.draw
    screen = screen_for(draw.model, job.values, is_chosen=is_sized)
    G = open_model(draw.model, screen, device=draw.device, exact=draw.exact, extra=ExtraFiles.of(draw))
    hasten(G, draw.engine, threads_of(job))
    if job.scenes is None:
        note = begin_at_style(G, job.values, folder_in(job.settings.folders.presets))
        notes = [note] if note else []
    else:
        notes = check_styles(G, job.scenes)
    for line in notes + check_keyframes(G, job.keyframes):
        logger.warning(line)
    return G


def _roll(
    drawn: Generator[Pictures, None, None],
    writer: ClipWriter,
    job: Job,
    *,
    stop: threading.Event,
    progress: RenderProgress,
) -> None:
    """Write the pictures until they end, the user stops them, or they cannot be drawn or written."""
    set_threads(1)  # of this thread, which makes frames of pictures: others draw
    try:
        with closing(ahead(drawn, _PICTURES_AHEAD, "draw", stop)) as pictures:
            for picture in pictures:
                writer.write(picture)
                progress.advance()
        if stop.is_set():
            writer.stop()
            return
        if not writer.frames:
            raise ParameterError(f"--start = {job.settings.clip.start:g}: the song has ended by then")
        writer.finish()
    except BrokenPipeError:  # who reads the raw frames has seen enough
        raise
    except (OSError, av.FFmpegError) as e:
        writer.abandon()
        reason = getattr(e, "strerror", None) or e
        raise WorkError(f"writing {job.output}: {reason}; {_kept(writer.kept)}") from e
    except WorkError as e:  # nobody can draw them
        writer.stop()
        raise WorkError(f"{e}; {_kept(writer.frames)}") from e
    except BaseException:
        writer.abandon()
        raise


def _kept(frames: int) -> str:
    return f"its first {frames} frames are kept, --resume goes on"


def _drawn(
    clips: Sequence[Job], inputs: Generator[PictureInput, None, None], draw: Draw
) -> Generator[Pictures, None, None]:
    """Yield the pictures of the clips that move, each with its input, frame by frame."""
    n = len(moving(clips))
    begun: deque[PictureInput] = deque()  # that are being drawn
    with closing(ahead(inputs, _TAKES_AHEAD, "plan")) as planned, closing(draw(_noted(planned, begun))) as drawn:
        while pictures := list(islice(drawn, n)):
            yield [(rgb, begun.popleft()) for rgb in pictures]


def _noted(inputs: Iterable[PictureInput], begun: deque[PictureInput]) -> Generator[PictureInput, None, None]:
    for picture_input in inputs:
        begun.append(picture_input)
        yield picture_input


def _frames_of(job: Job) -> tuple[int | None, bool]:
    """Return how many frames the clip will have, None where the song does not say, and whether that is about right.

    Raises:
        AudioError:     the song cannot be read.
        ParameterError: the clip would begin after the song's end.
    """
    source = open_source(str(job.audio), SourceOptions(channels=job.settings.hear.channels, is_quiet=True))
    assert isinstance(source, PullSource)
    start = job.span.start
    try:
        if start > 0:
            source.seek(float(start))
        if start > 0 and not len(source.read(1)):
            end = f"expected less than {source.length / SAMPLE_RATE:g}, " if source.length else "it is past "
            raise ParameterError(f"--start = {float(start):g}: {end}the song's end")
        length, is_about = source.length, source.is_about
    finally:
        source.close()
    return (None if length is None else max(1, job.span.frames_before(Fraction(length, SAMPLE_RATE)))), is_about
