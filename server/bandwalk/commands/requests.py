"""What the commands about models are asked for, and what they do where nothing is said.

The command line takes its defaults from here, so nothing heavy is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """A contact sheet.

    kind:    seeds, mix or walk.
    seed:    the first seed.
    size:    side of one picture, pixels.
    rows:    the group of styles that names the rows of a mix.
    columns: the group of styles that a column of a mix shares.
    w:       a file; its picture stands for the first seed's, and the others are as far from it as from that.
    """

    kind: str = "seeds"
    seed: int = 0
    size: int = 256
    rows: str = "coarse"
    columns: str = "fine"
    w: str = ""


@dataclass(frozen=True, slots=True)
class DirectionsRequest:
    """Directions of a model.

    method:     sefa, pca or both.
    components: of each kind, 1..16.
    output:     file to write; None: where a show looks for it.
    sheet:      picture with a strip for each direction; None: none.
    seed:       of the pictures in it.
    """

    method: str = "both"
    components: int = 4
    output: Path | None = None
    sheet: Path | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class WalksRequest:
    """Learned walks.

    edits:  what the walks are to do; empty: one walk for each edit.
    output: file to write.
    space:  w: one vector for all styles; layers: one for each.
    steps:  number of steps for each walk.
    batch:  pictures in a step.
    seed:   of the pictures.
    plot:   picture of the losses; None: none.
    strip:  picture of each walk above its edit; None: none.
    device: one of params.DEVICES.
    """

    edits: Sequence[str] = ()
    output: Path = Path("walks.safetensors")
    space: str = "w"
    steps: int = 200
    batch: int = 4
    seed: int = 0
    plot: Path | None = None
    strip: Path | None = None
    device: str = "auto"
