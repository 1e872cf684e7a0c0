"""What a change of scene is, and what is told about it."""

from collections.abc import Callable
from dataclasses import dataclass

from bandwalk.params.values import Values


@dataclass(frozen=True, slots=True)
class Change:
    """A look that is read and ready.

    name:     of its preset.
    ends:     the values that it sets, by address.
    place:    in the list of scenes; 0: in none.
    model:    that it is drawn with; empty: the one that draws already.
    is_ready: whether what else it needs (a model) is there; called in the thread that hears.
    begin:    called there before the values are set, with the seconds of the glide.
    """

    name: str
    ends: Values
    place: int = 0
    model: str = ""
    is_ready: Callable[[], bool] = lambda: True
    begin: Callable[[float], object] = lambda seconds: None


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to all. current, pending: names; place: of the current scene; auto: what the autopilot did last."""

    current: str = ""
    pending: str = ""
    place: int = 0
    auto: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A change that begins in this step.

    left:   beats until it lands.
    grid:   distance of the lines that it may land on, beats; 0: anywhere.
    reason: why the autopilot makes it; empty: a hand asked for it.
    """

    change: Change
    left: float
    grid: float
    reason: str = ""
