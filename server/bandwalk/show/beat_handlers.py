"""The commands of the one clock."""

from collections.abc import Callable

from bandwalk.control import Handler, Store
from bandwalk.pipeline.beat_clock import BeatClock


def beat_commands(clock: BeatClock, store: Store, arrived: Callable[[], float]) -> dict[str, Handler]:
    """Return the handlers of /beat/tap and /beat/resync.

    Args:
        arrived: returns when the present command arrived, monotonic seconds.
    """
    return {
        "/beat/tap": lambda args, controller: tap(clock, store, arrived()),
        "/beat/resync": lambda args, controller: clock.resync(arrived()),
    }


def tap(clock: BeatClock, store: Store, t: float) -> None:
    """Take a tap at t, monotonic seconds; all controllers are told that the taps are followed now, the sender too."""
    clock.tap(t)
    store.set("/beat/from", "tap", clamp=False)
