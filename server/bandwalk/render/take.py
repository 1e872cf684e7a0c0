"""What the pictures of a clip are drawn from, and how: the same wherever they are drawn."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from bandwalk.analysis.channels import Song
from bandwalk.generator import Generator as Model
from bandwalk.pipeline import Finisher, Shot, finish, paint
from bandwalk.render.job import Job
from bandwalk.render.plan import shots_of
from bandwalk.values import Values


@dataclass(frozen=True, slots=True)
class Take:
    """All that is different from picture to picture: the shot, and its brightness, 0 black, 1 as drawn."""

    shot: Shot
    brightness: float


def takes_of(
    clips: Sequence[Job], G: Model, first: int = 0, *, song: Song | None = None
) -> Generator[Take, None, None]:
    """Yield what is drawn, frame by frame from the first that is wanted; the clips of a frame one after the other.

    Args:
        song: what drives the styles, as :func:`bandwalk.render.plan.channels_of` heard it; None: the bands drive.

    Raises:
        AudioError: the song cannot be read.
    """
    plans = [shots_of(job, G, song) for job in clips]
    finishers = [Finisher(job.span.t_audio(0)) for job in clips]
    try:
        for n, shots in enumerate(zip(*plans, strict=True)):
            for job, shot, finisher in zip(clips, shots, finishers, strict=True):
                brightness = finisher.step(shot.pose.t_audio, job.values)
                if n >= first:
                    yield Take(shot, brightness)
    finally:
        for plan in plans:
            plan.close()


def draw(G: Model, take: Take, values: Values) -> np.ndarray:
    """Return a take's picture as it is shown, [H, W, 3] uint8.

    Args:
        values: of any clip of the render; what they differ in moves the walks only.
    """
    return finish(paint(G, take.shot, values), take.brightness, values)
