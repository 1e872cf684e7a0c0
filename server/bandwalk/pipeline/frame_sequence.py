"""What happens to finished pictures in their order: the trail, the limiter of flashes, the fade."""

from collections.abc import Mapping

import numpy as np

from bandwalk.output.fade import dim
from bandwalk.output.feedback import Feedback
from bandwalk.output.flash_cells import to_cells, to_light
from bandwalk.output.flash_limiter import FlashLimiter
from bandwalk.output.flashes import FlashMeter
from bandwalk.output.resume_point import part_of, put_under
from bandwalk.params.values import Values, switch
from bandwalk.pipeline import stage_values as plain


class FrameSequence:
    """The pictures of a show or a clip, one after the other.

    held:  how many pictures were held back so that they do not flash.
    worst: most flashes in a second, general and red, where they are counted.

    Args:
        may_limit: whether ``/safe/flashes`` has an effect.
        measures:  whether flashes are counted where they are not held back.
    """

    def __init__(self, *, may_limit: bool = True, measures: bool = False) -> None:
        self.held = 0
        self.worst = (0.0, 0.0)
        self._may_limit = may_limit
        self._feedback = Feedback()
        self._limiter: FlashLimiter | None = None
        self._meter = FlashMeter() if measures else None

    def step(
        self, rgb: np.ndarray, values: Values, *, t_audio: float, brightness: float, t_s: float | None = None
    ) -> np.ndarray:
        """Return a picture as it is shown; the same array where nothing is done to it.

        Args:
            rgb:        [H, W, 3 or 4] uint8 at its size; left as it is, and not changed later.
            t_audio:    its audio time; a picture shown again has that of before.
            brightness: wanted, 0 black .. 1 as drawn.
            t_s:        when it is shown, seconds; None: at its audio time.
        """
        t_s = t_audio if t_s is None else t_s
        shown = self._feedback.step(rgb, plain.trail(values), t_audio)
        if not (self._may_limit and switch(values, "/safe/flashes")):
            self._limiter = None
            shown = dim(shown, brightness)
            self._measure(shown, t_s)
            return shown
        if self._limiter is None:
            self._limiter = FlashLimiter()
        before = self._limiter.held
        shown, brightness = self._limiter.step(shown, brightness, t_s)
        self.held += self._limiter.held - before
        return dim(shown, brightness)

    def _measure(self, shown: np.ndarray, t_s: float) -> None:
        if self._meter is not None:
            self._meter.step(to_light(to_cells(shown)), t_s)
            general, red = self._meter.flashes()
            self.worst = max(self.worst[0], general), max(self.worst[1], red)

    def state(self) -> dict[str, np.ndarray]:
        """Return all that :meth:`restore` needs to go on with the next picture."""
        found = {"numbers": np.array([self.held, *self.worst])}
        parts = {"feedback.": self._feedback, "limiter.": self._limiter, "meter.": self._meter}
        for prefix, part in parts.items():
            if part is not None:
                found |= put_under(prefix, part.state())
        return found

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state.

        Raises:
            KeyError, ValueError: it is not one of a sequence.
        """
        held, general, red = state["numbers"].tolist()
        self.held, self.worst = round(held), (general, red)
        self._feedback.restore(part_of(state, "feedback."))
        limiter = part_of(state, "limiter.")
        if limiter:
            self._limiter = FlashLimiter()
            self._limiter.restore(limiter)
        if self._meter is not None:
            self._meter.restore(part_of(state, "meter."))
