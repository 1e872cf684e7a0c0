"""Contact sheets of any model: pick seeds by them, judge a model by them.

    seeds   pictures of successive seeds, numbered
    mix     rows share one group of styles, columns another
    walk    a walk that moves only the coarse, the middle, the fine styles, or all

Each picture stands over its caption.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bandwalk.commands.requests import SheetRequest
from bandwalk.errors import ParameterError
from bandwalk.generator import GROUPS, Generator, group_layers, is_embedded, load
from bandwalk.generator.given import read_w
from bandwalk.output.caption import caption
from bandwalk.output.jpeg import open_encoder
from bandwalk.output.png import to_png
from bandwalk.units import seed_to_z

SUFFIXES = (".jpg", ".jpeg", ".png")
KINDS = ("seeds", "mix", "walk")

_GAP = 4  # pixels between pictures
_SEEDS, _COLUMNS = 30, 6  # of a sheet of seeds
_MIX = 6  # rows and columns of a mixing grid
_WALK_FRAMES, _WALK_STEP = 8, 0.10  # frames a strip, and radians on the sphere of z between them


def write_sheet(model: str, path: Path, request: SheetRequest) -> str:
    """Draw a contact sheet of a model into a file, and return what was written in one line.

    Raises:
        ParameterError:  an unknown kind, suffix, group or size.
        CheckpointError: a model that cannot be loaded.
    """
    check_suffix(path)
    kind, seed, size = request.kind, request.seed, request.size
    if kind not in KINDS:
        raise ParameterError(f"--kind = {kind}: expected one of {', '.join(KINDS)}")
    G = load(model, size=size if is_embedded(model) else None)
    G.start = read_w(Path(request.w).expanduser(), G) if request.w else None
    if kind == "seeds":
        rgb = seeds_sheet(G, range(seed, seed + _SEEDS), side=size)
    elif kind == "mix":
        across = range(seed + _MIX, seed + 2 * _MIX)
        rgb = mix_sheet(G, range(seed, seed + _MIX), across, rows=request.rows, columns=request.columns, side=size)
    else:
        rgb = walk_sheet(G, seed, side=size)
    save(rgb, path)
    return f"{path}: {kind} of {G.name} from seed {seed}, {rgb.shape[1]}x{rgb.shape[0]}"


def seeds_sheet(G: Generator, seeds: Sequence[int], *, columns: int = _COLUMNS, side: int | None = None) -> np.ndarray:
    """Return the pictures of some seeds, each over its number [H, W, 3]."""
    tiles = [tile(G, _ws(G, seed, seeds[0]), str(seed), side) for seed in seeds]
    return arranged(tiles, columns)


def mix_sheet(
    G: Generator,
    down: Sequence[int],
    across: Sequence[int],
    *,
    rows: str,
    columns: str,
    side: int | None = None,
) -> np.ndarray:
    """Return a grid whose columns share a group of styles, and whose rows share all others [H, W, 3].

    Args:
        G:       The generator.
        down:    Seeds of the rows.
        across:  Seeds of the columns.
        rows:    The group that names the rows: coarse, middle or fine.
        columns: The group that comes from the column's seed.
        side:    Greatest width of one picture.
    """
    for group in (rows, columns):
        if group not in GROUPS:
            raise ParameterError(f"group = {group}: expected one of {', '.join(GROUPS)}")
    if rows == columns:
        raise ParameterError(f"rows = columns = {rows}: expected two different groups")
    layers = list(group_layers(columns, G.num_ws))
    tiles = []
    for row in down:
        for column in across:
            ws = _ws(G, row, down[0])
            ws[:, layers] = _ws(G, column, down[0])[:, layers]
            tiles.append(tile(G, ws, f"{rows} {row} {columns} {column}", side))
    return arranged(tiles, len(across))


def walk_sheet(G: Generator, seed: int, *, side: int | None = None) -> np.ndarray:
    """Return four strips of one walk in z, the first three moving one group of styles each [H, W, 3]."""
    start, aim = seed_to_z(seed, G.z_dim), seed_to_z(seed + 1, G.z_dim)
    angles = np.arange(_WALK_FRAMES) * _WALK_STEP
    path = G.map((np.cos(angles)[:, None] * start + np.sin(angles)[:, None] * aim).astype(np.float32))
    if G.start is not None:
        path = G.start + (path - path[:1])
    tiles = []
    for name in (*GROUPS, "all"):
        layers = list(range(G.num_ws)) if name == "all" else list(group_layers(name, G.num_ws))
        for k in range(_WALK_FRAMES):
            ws = path[:1].clone()
            ws[:, layers] = path[k : k + 1, layers]
            tiles.append(tile(G, ws, name if k == 0 else "", side))
    return arranged(tiles, _WALK_FRAMES)


def save(rgb: np.ndarray, path: Path) -> None:
    """Write a picture [H, W, 3] uint8 as .jpg or .png.

    Raises:
        ParameterError: another suffix, or a place that cannot be written.
    """
    data = to_png(rgb) if check_suffix(path) == ".png" else open_encoder().encode(rgb, quality=92, chroma="444")
    try:
        path.write_bytes(data)
    except OSError as e:
        raise ParameterError(f"--output = {path}: {e.strerror}") from e


def check_suffix(path: Path, flag: str = "--output") -> str:
    """Return the suffix of a picture file that a flag names, in lower case.

    Raises:
        ParameterError: one that is not written here.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"{flag} = {path}: expected a name that ends in {', '.join(SUFFIXES)}")
    return suffix


def _ws(G: Generator, seed: int, first: int) -> torch.Tensor:
    """Return the styles of a seed; where the model has a start, as far from it as from the first seed's."""
    ws = G.map(seed_to_z(seed, G.z_dim)[None])
    return ws if G.start is None else G.start + (ws - G.map(seed_to_z(first, G.z_dim)[None]))


def tile(G: Generator, ws: torch.Tensor, text: str, side: int | None, *, least: int = 1) -> np.ndarray:
    """Draw one picture of ws [1, num_ws, w_dim] over its caption [H, W, 3].

    Args:
        text:  Of the caption.
        side:  Width from twice of which on pixels are averaged; None: never.
        least: Width from half of which down pixels are repeated.
    """
    rgb = G.render(ws)
    times = max(1, rgb.shape[1] // side) if side else 1
    if times > 1:
        height, width = rgb.shape[0] // times, rgb.shape[1] // times
        blocks = rgb[: height * times, : width * times].reshape(height, times, width, times, 3)
        rgb = blocks.mean((1, 3)).astype(np.uint8)
    repeats = max(1, least // rgb.shape[1])
    rgb = rgb.repeat(repeats, 0).repeat(repeats, 1)
    return np.concatenate([rgb, caption(text, rgb.shape[1])])


def arranged(tiles: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Lay pictures of one size out in rows, black between them [H, W, 3]."""
    height, width, _ = tiles[0].shape
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.zeros((rows * (height + _GAP), columns * (width + _GAP), 3), np.uint8)
    for k, tile in enumerate(tiles):
        y, x = (k // columns) * (height + _GAP), (k % columns) * (width + _GAP)
        sheet[y : y + height, x : x + width] = tile
    return sheet[:-_GAP, :-_GAP]
