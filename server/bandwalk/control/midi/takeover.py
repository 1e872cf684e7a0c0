"""Soft takeover: a knob that stands elsewhere than its parameter sets nothing until it has reached or passed it."""


class Takeover:
    """What is known of one control."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._holds = False

    def takes(self, at: float, target: float, *, near: float, is_own: bool) -> bool:
        """Return whether a control that is now at a position may set its parameter.

        Args:
            at:     where it is now, 0..1.
            target: where the parameter is, 0..1.
            near:   this near is reached.
            is_own: the parameter still has the value that this control gave it.
        """
        before, self._at = self._at, at
        if not (self._holds and is_own):
            way = (at, at if before is None else before)
            self._holds = min(way) - near <= target <= max(way) + near
        return self._holds

    def stand(self, at: float) -> None:
        """Note that the control is at a position without having been moved by hand: a motor moved it."""
        self._at = at
