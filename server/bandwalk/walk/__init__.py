"""Walks through the latent space: features in, poses out.

``sphere`` moves a point, ``kinds`` says how each kind of walk moves, ``walker`` lets each band drive one,
``track`` remembers the path so that a frame can show any audio time, ``mix`` says which walk drives which style.
"""

from bandwalk.walk.mix import band_gains, layer_owners
from bandwalk.walk.track import Track
from bandwalk.walk.walker import Drive, Walker

__all__ = ["Drive", "Track", "Walker", "band_gains", "layer_owners"]
