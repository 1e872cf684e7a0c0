"""Walks through the latent space: features in, poses out.

``sphere`` moves a point, ``kinds`` has the kinds of walk, ``walker`` lets each band or driver move one, ``sway`` has
everything else that moves, ``routes`` says what the routes say, ``track`` keeps the path so that a frame can show any
audio time, ``mix`` decides which walk drives which style.
"""

from bandwalk.walk.mix import NOBODY, Cast, band_gains, cast_bands, cast_drivers, layer_owners
from bandwalk.walk.routes import Routes, RouteValues
from bandwalk.walk.sway import REST, NoiseDrive, Sway
from bandwalk.walk.track import Track, pose_of
from bandwalk.walk.walker import Drive, Walker

__all__ = [
    "NOBODY",
    "REST",
    "Cast",
    "Drive",
    "NoiseDrive",
    "RouteValues",
    "Routes",
    "Sway",
    "Track",
    "Walker",
    "band_gains",
    "cast_bands",
    "cast_drivers",
    "layer_owners",
    "pose_of",
]
