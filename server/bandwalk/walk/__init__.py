"""Walks through the latent space: features in, poses out.

``sphere`` moves a point, ``kinds`` has the kinds of walk, ``walker`` lets each band or driver move one, ``bar_count``
counts the bars that some of them keep to, ``sway`` has everything else that moves, ``routes`` says what the routes
say, ``home`` where the walks begin, ``shares`` how much of them is at saved styles, ``track`` keeps the path so that
a frame can show any audio time, ``mix`` decides which walk drives which style.
"""

from bandwalk.walk.bar_count import BarCount
from bandwalk.walk.home import Home, SavedStyle
from bandwalk.walk.kinds import Keyframes
from bandwalk.walk.mix import NO_BAND, StyleMix, band_gains, layer_owners, mix_by_bands, mix_by_drivers
from bandwalk.walk.routes import Routes, RouteValues
from bandwalk.walk.shares import NO_SHARES, Shares, between_all
from bandwalk.walk.sway import IN_PLACE, REST, NoiseDrive, Sway
from bandwalk.walk.track import Track, pose_of
from bandwalk.walk.walker import Drive, LeftWalks, Walker

__all__ = [
    "IN_PLACE",
    "NO_BAND",
    "NO_SHARES",
    "REST",
    "BarCount",
    "Drive",
    "Home",
    "Keyframes",
    "LeftWalks",
    "NoiseDrive",
    "RouteValues",
    "Routes",
    "SavedStyle",
    "Shares",
    "StyleMix",
    "Sway",
    "Track",
    "Walker",
    "band_gains",
    "between_all",
    "layer_owners",
    "mix_by_bands",
    "mix_by_drivers",
    "pose_of",
]
