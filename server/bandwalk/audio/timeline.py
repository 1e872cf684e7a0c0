"""Where pieces of sound lie: by their timestamps where these can be believed, else one after the other."""

MAX_JITTER_S = 0.06
"""Timestamps that are off by less say nothing: containers round them, recorders stamp what they get late."""

MAX_ROUNDING_S = 0.002
"""After a packet that was lost the timestamps are needed as exactly as containers round them: to a millisecond."""

MAX_GAP_S = 60.0
"""A longer step of the timestamps is a clock that jumped, not sound that is missing."""


class Timeline:
    """Counts samples, and looks at timestamps, in samples too, on any zero of their own.

    at:    place of the next sample.
    zero:  timestamp of place 0; None until the first one came.
    jumps: times that the timestamps began anew, as where recordings were joined.
    """

    def __init__(self, sample_rate: int) -> None:
        self.at = 0
        self.zero: int | None = None
        self.jumps = 0
        self._rate = sample_rate
        self._is_lost = False
        self._next: int | None = None  # where the piece after the last one that was followed has to lie

    def add(self, stamp: int | None, n: int, *, is_hurt: bool = False) -> int:
        """Put n samples behind those before; return the samples of silence that have to stand between.

        Args:
            stamp:   timestamp of the first one; None: it has none.
            n:       samples.
            is_hurt: whether something between could not be decoded.
        """
        gap = self._gap(stamp)
        slack_s = MAX_ROUNDING_S if is_hurt else MAX_JITTER_S
        gap = gap if gap > slack_s * self._rate else 0
        self.at += gap + n
        return gap

    def follow(self, stamp: int | None, n: int) -> None:
        """Pass by n samples that are not heard, on the way to others: exactly where two timestamps agree."""
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
        """Begin elsewhere: at a place, or (None) where the next timestamp says."""
        self._next = None
        self._is_lost = place is None
        if place is not None:
            self.at = place

    def begin_anew(self) -> None:
        """Let the next timestamp be that of the next sample."""
        self.zero, self._next, self._is_lost = None, None, False

    def _gap(self, stamp: int | None) -> int:
        """Return how much later a timestamp is than the sound before ended; a clock that jumped is set anew."""
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
