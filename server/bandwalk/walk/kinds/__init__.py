"""The kinds of walk: one small class a file, each with its own state; ``table`` has them by name."""

from bandwalk.walk.kinds.kind import Keyframes, Kind, Moment
from bandwalk.walk.kinds.table import KINDS

__all__ = ["KINDS", "Keyframes", "Kind", "Moment"]
