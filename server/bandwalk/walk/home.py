"""A style that was kept, and where the walks begin: plain records."""

import hashlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class SavedStyle:
    """A style that was kept. Two are equal if name and numbers are.

    ws:     [num_ws, w_dim] float32, before directions and bends.
    model:  name of the model that drew it.   sha256: of its weights, hex.
    digest: of name and numbers, hex.
    """

    name: str = field(compare=False)
    ws: np.ndarray = field(compare=False, repr=False)
    model: str = field(default="", compare=False)
    sha256: str = field(default="", compare=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Note what it is compared by."""
        digest = hashlib.sha256(self.name.encode() + b"\0" + self.ws.tobytes()).hexdigest()
        object.__setattr__(self, "digest", digest)


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
