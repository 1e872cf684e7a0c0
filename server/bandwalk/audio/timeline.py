"""The position of each piece of sound: by its timestamp if it is plausible, else right after the piece before."""

MAX_JITTER_S = 0.06
"""Smaller differences of timestamps are ignored: containers round them, recorders set them late."""

MAX_ROUNDING_S = 0.002
"""The same limit after a lost packet: containers round timestamps to a millisecond."""

MAX_GAP_S = 60.0
"""A longer step of the timestamps is a jump of the clock, not missing sound."""


class Timeline:
    """Counts samples and compares them with timestamps, which are in samples too but may start anywhere.

    at:    position of the next sample.
    zero:  timestamp of position 0; None until the first one came.
    jumps: how often the timestamps jumped, as in joined recordings.
    """

    def __init__(self, sample_rate: int) -> None:
        self.at = 0
        self.zero: int | None = None
        self.jumps = 0
        self._rate = sample_rate
        self._is_lost = False
        self._next: int | None = None  # expected position of the piece after the last one passed to follow()

    def add(self, stamp: int | None, n: int, *, is_hurt: bool = False) -> int:
        """Add n samples after those before; return the samples of silence to insert between.

        Args:
            stamp:   timestamp of the first sample; None if it has none.
            n:       samples.
            is_hurt: whether something between could not be decoded.
        """
        gap = self._gap(stamp)
        slack_s = MAX_ROUNDING_S if is_hurt else MAX_JITTER_S
        gap = gap if gap > slack_s * self._rate else 0
        self.at += gap + n
        return gap

    def follow(self, stamp: int | None, n: int) -> None:
        """Skip n samples on the way to a position; the count becomes exact when two timestamps agree."""
        gap = self._gap(stamp)
        if stamp is None or self.zero is None:
            self.at += n
            return
        place = stamp - self.zero
        agrees = self._next is None or abs(place - self._next) <= MAX_ROUNDING_S / 2 * self._rate
        if agrees or gap > MAX_JITTER_S * self._rate:
            self.at = place
        self._next = place + n
        self.at += n

    def go_to(self, place: int | None) -> None:
        """Continue at a position; None: at that of the next timestamp."""
        self._next = None
        self._is_lost = place is None
        if place is not None:
            self.at = place

    def begin_anew(self) -> None:
        """Take the next timestamp as that of the next sample."""
        self.zero, self._next, self._is_lost = None, None, False

    def _gap(self, stamp: int | None) -> int:
        """Return the gap between the sound before and a timestamp, in samples; set zero again after a jump."""
        if stamp is None:
            return 0
        if self.zero is None:
            self.zero = stamp - self.at
        if self._is_lost:
            self._is_lost = False
            self.at = stamp - self.zero
        gap = stamp - self.zero - self.at
        if gap < -MAX_JITTER_S * self._rate or gap > MAX_GAP_S * self._rate:
            self.zero = stamp - self.at
            self.jumps += 1
            return 0
        return gap
