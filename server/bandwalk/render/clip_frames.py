"""The frames of a clip from its drawn pictures, in order, and what is kept to go on after an interruption."""

from collections.abc import Mapping

import numpy as np

from bandwalk.pipeline.draw_frame import ClipFader
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.render.job import Job


class ClipFrames:
    """The trail, the limiter of flashes and the fade of one clip.

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
        self._fader = ClipFader(job.span.t_audio(0))
        for n in range(first):
            self._fader.step(job.span.t_audio(n), job.values)
        if state:
            self.sequence.restore(state)

    def step(self, rgb: np.ndarray) -> np.ndarray:
        """Return the next frame of the next picture, [H, W, 3 or 4] uint8."""
        t_audio = self._job.span.t_audio(self._n)
        self._n += 1
        brightness = self._fader.step(t_audio, self._job.values)
        return self.sequence.step(rgb, self._job.values, t_audio=t_audio, brightness=brightness)

    def state(self) -> dict[str, np.ndarray]:
        """Return what the next frame depends on."""
        return self.sequence.state()
