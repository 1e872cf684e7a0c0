"""All kinds of walk by name."""

from bandwalk.walk.kinds.direction import Direction
from bandwalk.walk.kinds.drift import Drift
from bandwalk.walk.kinds.hold import Hold
from bandwalk.walk.kinds.kind import Kind
from bandwalk.walk.kinds.loop import Loop
from bandwalk.walk.kinds.orbit import Orbit
from bandwalk.walk.kinds.published_step import PublishedWalk
from bandwalk.walk.kinds.pulse import Pulse
from bandwalk.walk.kinds.random_walk import RandomWalk
from bandwalk.walk.kinds.tour import Tour

KINDS: dict[str, type[Kind]] = {
    "random": RandomWalk,
    "published": PublishedWalk,
    "orbit": Orbit,
    "hold": Hold,
    "pulse": Pulse,
    "tour": Tour,
    "loop": Loop,
    "drift": Drift,
    "direction": Direction,
}
"""By the names in the parameter table (``WALK_KINDS``; a test compares them)."""
