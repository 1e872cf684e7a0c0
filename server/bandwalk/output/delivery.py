"""Delivery: publishes pictures at its own pace, independent of the thread that draws.

If no new picture comes, the last good one is published again: in steps during a fade, else after a while. So a blackout
works, and viewers have a picture, also when drawing is slow, fails or hangs.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bandwalk.clock import Clock
from bandwalk.output.delay import DelayLine
from bandwalk.output.fade import Fader
from bandwalk.output.newest_slot import NewestSlot
from bandwalk.params.values import Values, number, switch
from bandwalk.records import Counters, Frame, Picture

QUIET_S = 0.25
"""The last picture is repeated if no new one has come for this long, or for 1.5 frame times if these are longer."""

FADE_STEP_S = 0.05
"""Longest step of a fade: a blackout starts within this time, also when pictures are slow."""

MAX_HELD = 600
"""Most frames that /out/delay_ms holds back: two seconds at 240 per second, and some room."""

_LATE_FRAMES = 1.5
"""A picture that comes more frame times than this after the one before is late."""

_TURN_S = 0.1
"""Longest wait of the thread while it has nothing to do."""


class Encode(Protocol):
    """Turns a picture into a frame."""

    def __call__(self, picture: Picture, values: Values, brightness: float, t_s: float) -> Frame:
        """Return the frame of a picture that is shown at t_s; its brightness is 0, black, to 1, as drawn."""


class Delivery:
    """Encodes the newest picture, or the last one again, delays it, and publishes it.

    Only :meth:`put` and :meth:`wake` may be called from other threads.

    Args:
        encode:  turns a picture into a frame.
        publish: called with each frame; the description of a repeated picture says ``repeat``.
        blank:   returns a picture to publish as black if none was drawn yet.
    """

    def __init__(
        self,
        encode: Encode,
        publish: Callable[[Frame], object],
        *,
        blank: Callable[[Values], Picture],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._encode = encode
        self._publish = publish
        self._blank = blank
        self._clock = clock
        self._counters = counters
        self._slot: NewestSlot[Picture] = NewestSlot()
        self._held: DelayLine[Frame] = DelayLine(clock, capacity=MAX_HELD, counters=counters)
        self._fader = Fader()
        self._is_changing = False
        self._last: Picture | None = None
        self._t_encoded = self._t_faded = clock.now()

    def put(self, picture: Picture) -> None:
        """Take a new picture; called by the thread that draws."""
        if self._slot.put(picture):
            self._counters.add("encode")

    def wake(self) -> None:
        """Read the values again at once; callable from any thread."""
        self._slot.wake()

    def turn(self, read: Callable[[], Values], *, is_wanted: bool = True, is_changing: bool = False) -> None:
        """Wait for a picture, or until something is due without one, and deliver it.

        Args:
            read:      returns the present values.
            is_wanted: whether to repeat the last picture at all.
            is_changing: a model is loaded or fades in: the picture is repeated as soon as in a fade to black.
        """
        self._is_changing = is_changing
        picture = self._slot.take(self.wait_s(read()))
        self.step(picture, read(), is_wanted=is_wanted)

    def wait_s(self, values: Values) -> float:
        """Return how long to wait for a new picture, seconds."""
        dues = (self._held.next_due(self._delay_s(values)), self._t_encoded + self._patience_s(values))
        return min(_TURN_S, *(max(0.0, due - self._clock.now()) for due in dues if due is not None))

    def step(self, picture: Picture | None, values: Values, *, is_wanted: bool = True) -> None:
        """Deliver a new picture, or whatever is due."""
        try:
            if picture is not None:
                self._hold(picture, values)
                self._last = _still(picture)
        finally:  # a picture that cannot be encoded is skipped
            self._go_on(values, is_wanted=is_wanted)

    def _go_on(self, values: Values, *, is_wanted: bool) -> None:
        now = self._clock.now()
        if not is_wanted:
            self._t_encoded = now
        elif now >= self._t_encoded + self._patience_s(values):
            self._repeat(values)
        frame = self._held.take(self._delay_s(values))
        if frame is not None:
            self._publish(frame)

    def _repeat(self, values: Values) -> None:
        if self._last is None and switch(values, "/master/blackout"):
            self._last = _still(self._blank(values))
        if self._last is not None:
            self._hold(self._last, values, repeat=True)

    def _hold(self, picture: Picture, values: Values, **more: bool) -> None:
        """Encode a picture and put the frame into the delay."""
        now = self._clock.now()
        frame = self._encode(picture, values, self._fade(values), now)
        self._t_encoded = now
        self._held.put(replace(frame, description={**frame.description, **more}))

    def _fade(self, values: Values) -> float:
        """Update the brightness; a fade that starts now counts at most one frame time."""
        now = self._clock.now()
        dt_s = now - self._t_faded
        if self._is_at_rest:
            dt_s = min(dt_s, 1.0 / number(values, "/out/fps"), FADE_STEP_S)
        self._t_faded = now
        return self._fader.step(switch(values, "/master/blackout"), number(values, "/master/fade"), dt_s=dt_s)

    @property
    def _is_at_rest(self) -> bool:
        return self._fader.brightness in (0.0, 1.0)

    def _patience_s(self, values: Values) -> float:
        """Return the time after the frame before at which the picture is repeated."""
        late_s = _LATE_FRAMES / number(values, "/out/fps")
        is_fading = self._fader.brightness != (0.0 if switch(values, "/master/blackout") else 1.0)
        return min(late_s, FADE_STEP_S) if is_fading or self._is_changing else max(late_s, QUIET_S)

    def _delay_s(self, values: Values) -> float:
        """Return how long frames are delayed; a blackout is for emergencies and does not wait for the PA."""
        if switch(values, "/master/blackout") or self._fader.brightness < 1.0:
            return 0.0
        return number(values, "/out/delay_ms") / 1e3


def _still(picture: Picture) -> Picture:
    """Return a picture for repeating, without its onsets, which were already sent."""
    features = replace(picture.pose.features, onset=(False,) * len(picture.pose.features.onset))
    return replace(picture, pose=replace(picture.pose, features=features))
