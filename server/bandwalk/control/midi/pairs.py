"""Two 7-bit messages that make one 14-bit number, in either order."""


class Pair:
    """The upper and the lower half of a number.

    The standard sends the upper half first; some devices send the lower one first, and some only the half that has
    changed. What comes first tells the order. No number is made of a new and an old half, so none jumps.
    """

    def __init__(self) -> None:
        self._upper = self._lower = 0
        self._last = ""
        self._lower_first = False

    def upper(self, value: int) -> int | None:
        """Take the upper 7 bits; return the whole number if it is complete."""
        before, self._last = self._last, "upper"
        self._upper = value
        if self._lower_first:
            return self._whole()
        return _alone(value) if before == "upper" else None

    def lower(self, value: int) -> int | None:
        """Take the lower 7 bits; return the whole number if it is complete."""
        before, self._last = self._last, "lower"
        self._lower = value
        if before == "":
            self._lower_first = True
        elif before == "lower":  # the upper half is sent only if it changes, so it comes first
            self._lower_first = False
        return None if self._lower_first else self._whole()

    def _whole(self) -> int:
        return self._upper << 7 | self._lower


def _alone(upper: int) -> int:
    """Return the number of a device that sends no lower half, so that both ends and the middle are reached."""
    return upper << 7 if upper <= 64 else 8192 + round((upper - 64) * 8191 / 63)
