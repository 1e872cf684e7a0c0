"""A style that was kept, and where the walks begin: plain records."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class SavedStyle:
    """A style that was kept.

    ws:     [num_ws, w_dim] float32, before directions and bends.
    model:  name of the model that drew it.   sha256: of its weights, hex.
    """

    name: str
    ws: np.ndarray
    model: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """Where the walks begin, and since when.

    style:   None: they begin at the w of their seed.
    t_audio: when it was chosen, seconds.
    seconds: how long the way there takes, from what was seen before.
    """

    style: SavedStyle | None = None
    t_audio: float = 0.0
    seconds: float = 0.0
