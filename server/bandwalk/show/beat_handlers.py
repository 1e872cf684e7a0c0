"""The commands of the one clock."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bandwalk.control import Handler, Store
from bandwalk.params.controller import Controller
from bandwalk.pipeline.beat_clock import BeatClock


def beat_commands(clock: BeatClock, store: Store, arrived: Callable[[], float]) -> dict[str, Handler]:
    """Return the handlers of /beat/tap and /beat/resync.

    Args:
        arrived: returns when the present command arrived, monotonic seconds.
    """
    return {
        "/beat/tap": partial(_tap, clock, store, arrived),
        "/beat/resync": lambda args, controller: clock.resync(arrived()),
    }


def _tap(clock: BeatClock, store: Store, arrived: Callable[[], float], args: list[Any], controller: Controller) -> None:
    """Take a tap; all controllers are told that the taps are followed now, also the one that tapped."""
    clock.tap(arrived())
    store.set("/beat/from", "tap", clamp=False)
