"""The files of a render, kept in step, and the state from which it can be resumed."""

import sys
from collections.abc import Sequence
from typing import BinaryIO, Protocol, cast

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.output.containers import container_of
from bandwalk.output.movie import Movie
from bandwalk.output.resume_point import ResumePoint, part_of, put_under
from bandwalk.output.stills import RawPixels, Stills
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.render.ablation import side_by_side
from bandwalk.render.clip_frames import ClipFrames
from bandwalk.render.clip_sound import soundtrack_of
from bandwalk.render.job import Job, moving
from bandwalk.render.state_file import clear_arrays, identity_of, load_arrays, load_state, save_state, state_path


class ClipSink(Protocol):
    """Where the pictures of a clip go, one after the other.

    frames: written so far.   mark: where it can be resumed.
    """

    frames: int
    mark: ResumePoint

    def write(self, rgb: np.ndarray) -> None:
        """Write the next picture."""

    def finish(self) -> None:
        """End a clip that is complete."""

    def stop(self) -> None:
        """End a clip that is not, all its frames kept."""

    def abandon(self) -> None:
        """End a clip that cannot be written any more."""


class ClipWriter:
    """The clips of a render: one, or with --ablation one for each band and one of all.

    Args:
        jobs: one for each clip; of an ablation the last one shows what the others do.
        G:    the model, which the state names.

    Raises:
        ParameterError: a name of no kind, a folder that is not there, or a state of another render.
    """

    def __init__(self, jobs: Sequence[Job], G: Generator) -> None:
        job = jobs[-1]
        self._saved = 0
        self._state = state_path(job.output) if job.output is not None else None
        self._identity = identity_of(job, G)
        marks = self._marks(job, len(jobs))
        try:
            self._clips = self._open_clips(moving(jobs), marks[0].frames)
            self._sinks = [open_sink(one, mark) for one, mark in zip(jobs, marks, strict=True)]
            self._save(anew=True)
        except OSError as e:
            raise ParameterError(f"--output = {job.output}: {e.strerror}; expected a file that can be written") from e

    @property
    def frames(self) -> int:
        """Frames that every clip has."""
        return min(sink.frames for sink in self._sinks)

    @property
    def kept(self) -> int:
        """Frames that every clip has kept when it was abandoned."""
        return min(sink.mark.frames for sink in self._sinks)

    @property
    def worst(self) -> tuple[float, float]:
        """Most flashes of any clip in a second, general and red, where they are not held back."""
        found = [clip.sequence.worst for clip in self._clips]
        return max(general for general, _ in found), max(red for _, red in found)

    @property
    def held(self) -> int:
        """Pictures that were held back so that they do not flash."""
        return sum(clip.sequence.held for clip in self._clips)

    def write(self, pictures: Sequence[tuple[np.ndarray, PictureInput]]) -> None:
        """Write the next frame of every clip.

        Args:
            pictures: as drawn, one for each clip that moves, [H, W, 3 or 4] uint8, with the input of each.

        Raises:
            OSError: one cannot be written.
        """
        frames = [clip.step(rgb, drawn_from) for clip, (rgb, drawn_from) in zip(self._clips, pictures, strict=True)]
        if len(frames) < len(self._sinks):
            frames.append(side_by_side(frames))
        for sink, rgb in zip(self._sinks, frames, strict=True):
            sink.write(rgb)
        self._save()

    def finish(self) -> None:
        """End clips that are complete.

        Raises:
            OSError: one cannot be written once more; it stays as it is.
        """
        for sink in self._sinks:
            sink.finish()
        if self._state is not None:
            self._state.unlink(missing_ok=True)
            clear_arrays(self._state)

    def stop(self) -> None:
        """End clips that are not complete."""
        for sink in self._sinks:
            sink.stop()

    def abandon(self) -> None:
        """End clips that cannot be written any more."""
        for sink in self._sinks:
            sink.abandon()

    def _marks(self, job: Job, n: int) -> list[ResumePoint]:
        """Return where each clip goes on: at the start, or with --resume where its state says."""
        if self._state is None or not job.settings.clip.resume:
            return [ResumePoint()] * n
        assert job.output is not None
        if self._state.exists():
            marks = load_state(self._state, self._identity)
            if len(marks) == n:
                return marks
        elif not job.output.exists():
            return [ResumePoint()] * n
        raise ParameterError(
            f"--resume: {job.output} is there without the state of an interrupted render beside it; it is finished, or"
            " another file: expected no --resume, or another name"
        )

    def _open_clips(self, jobs: Sequence[Job], first: int) -> list[ClipFrames]:
        """Return the frames of each clip from the first that is to be made."""
        arrays = load_arrays(self._state, first) if self._state is not None and first else {}
        try:
            return [ClipFrames(job, first, part_of(arrays, f"{k}.")) for k, job in enumerate(jobs)]
        except (KeyError, ValueError) as e:
            raise ParameterError(f"--resume: {self._state}: its pictures are not of this clip; expected them") from e

    def _save(self, *, anew: bool = False) -> None:
        """Write the state when all clips have come to the same, new mark."""
        marks = [sink.mark for sink in self._sinks]
        frames = {mark.frames for mark in marks}
        if self._state is not None and len(frames) == 1 and (anew or frames != {self._saved}):
            arrays: dict[str, np.ndarray] = {}
            for k, clip in enumerate(self._clips):
                arrays |= put_under(f"{k}.", clip.state())
            save_state(self._state, self._identity, marks, arrays)
            self._saved = marks[0].frames


def open_sink(job: Job, mark: ResumePoint) -> ClipSink:
    """Open what a name asks for: a file by its suffix, a folder of pictures, or raw frames to stdout."""
    if job.output is None:
        assert sys.__stdout__ is not None
        return RawPixels(cast(BinaryIO, sys.__stdout__.buffer))  # the true one, whatever else writes to sys.stdout
    look = job.look()
    if not job.output.suffix or job.output.is_dir():
        return Stills(job.output, look.chapter, mark)
    container = container_of(job.output, look)
    return Movie(job.output, look, container=container, sound=soundtrack_of(job, container), mark=mark)
