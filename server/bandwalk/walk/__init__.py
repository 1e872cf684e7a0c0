"""Walks through the latent space: features in, poses out.

``sphere`` moves a point, ``kinds`` has the kinds of walk, ``walker`` lets each band or driver move one, ``sway`` has
everything else that sound moves, ``track`` keeps the path so that a frame can show any audio time, ``mix`` decides
which walk drives which style.
"""

from bandwalk.walk.mix import NO_BAND, StyleMix, band_gains, layer_owners, mix_by_bands, mix_by_drivers
from bandwalk.walk.sway import NoiseDrive, Sway
from bandwalk.walk.track import Track
from bandwalk.walk.walker import Drive, Walker

__all__ = [
    "NO_BAND",
    "Drive",
    "NoiseDrive",
    "StyleMix",
    "Sway",
    "Track",
    "Walker",
    "band_gains",
    "layer_owners",
    "mix_by_bands",
    "mix_by_drivers",
]
