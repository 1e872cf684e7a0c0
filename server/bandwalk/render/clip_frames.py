"""The frames of a clip from its drawn pictures, in order, and what is kept to go on after an interruption."""

from collections.abc import Mapping

import numpy as np

from bandwalk.pipeline.draw_frame import ClipFader, PictureInput
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.pipeline.moves import moved
from bandwalk.render.job import Job
from bandwalk.render.lettering import Lettering


class ClipFrames:
    """The trail, the limiter of flashes, the fade and the letters of one clip.

    Clips of the published method are shown as they are drawn; how often they flash is counted.

    Args:
        first: number of the first frame that is made here.
        state: what :meth:`state` returned before that frame; empty: nothing was before it.

    Raises:
        KeyError, ValueError: the state is not one.
    """

    def __init__(self, job: Job, first: int, state: Mapping[str, np.ndarray]) -> None:
        self.sequence = FrameSequence(may_limit=not job.is_published, measures=True)
        self._job = job
        self._n = first
        title = job.settings.clip.title.replace("{name}", job.audio.stem)
        self._lettering = Lettering(title, job.lyrics, float(job.span.start))
        self._fader = ClipFader(job.span.t_audio(max(0, first - 1)))
        if state:
            self._fader.brightness = state["brightness"].item()
            self.sequence.restore(state)

    def step(self, rgb: np.ndarray, picture_input: PictureInput) -> np.ndarray:
        """Return the next frame of the next picture, [H, W, 3 or 4] uint8, drawn from an input."""
        t_audio = self._job.span.t_audio(self._n)
        self._n += 1
        values = moved(picture_input.over(self._job.values), picture_input.pose)
        brightness = self._fader.step(t_audio, values)
        frame = self.sequence.step(rgb, values, t_audio=t_audio, brightness=brightness)
        return self._lettering.on(frame, t_audio)

    def state(self) -> dict[str, np.ndarray]:
        """Return what the next frame depends on."""
        return {"brightness": np.array([self._fader.brightness]), **self.sequence.state()}
