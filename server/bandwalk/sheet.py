"""Contact sheets of any model: pick seeds by them, judge a model by them.

    seeds   pictures of successive seeds, numbered
    mix     rows share one group of styles, columns another
    walk    a walk that moves only the coarse, the middle, the fine styles, or all

Each picture stands over its caption.
"""

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bandwalk.errors import ParameterError
from bandwalk.generator import GROUPS, Generator, group_layers, load
from bandwalk.output.jpeg import open_encoder
from bandwalk.units import seed_to_z

SUFFIXES = (".jpg", ".jpeg", ".png")
KINDS = ("seeds", "mix", "walk")

_GAP = 4  # pixels between pictures
_SEEDS, _COLUMNS = 30, 6  # of a sheet of seeds
_MIX = 6  # rows and columns of a mixing grid
_WALK_FRAMES, _WALK_STEP = 8, 0.10  # frames a strip, and radians on the sphere of z between them


def write_sheet(
    model: str,
    path: Path,
    *,
    kind: str = "seeds",
    seed: int = 0,
    size: int = 256,
    rows: str = "coarse",
    columns: str = "fine",
) -> str:
    """Draw a contact sheet of a model into a file, and return what was written in one line.

    Raises:
        ParameterError:  an unknown kind, suffix, group or size.
        CheckpointError: a model that cannot be loaded.
    """
    check_suffix(path)
    if kind not in KINDS:
        raise ParameterError(f"--kind = {kind}: expected one of {', '.join(KINDS)}")
    G = load(model, size=size) if model == "builtin" else load(model)
    if kind == "seeds":
        rgb = seeds_sheet(G, range(seed, seed + _SEEDS), side=size)
    elif kind == "mix":
        across = range(seed + _MIX, seed + 2 * _MIX)
        rgb = mix_sheet(G, range(seed, seed + _MIX), across, rows=rows, columns=columns, side=size)
    else:
        rgb = walk_sheet(G, seed, side=size)
    save(rgb, path)
    return f"{path}: {kind} of {G.name} from seed {seed}, {rgb.shape[1]}x{rgb.shape[0]}"


def seeds_sheet(G: Generator, seeds: Sequence[int], *, columns: int = _COLUMNS, side: int | None = None) -> np.ndarray:
    """Return the pictures of some seeds, each over its number [H, W, 3]."""
    tiles = [_tile(G, _ws(G, seed), str(seed), side) for seed in seeds]
    return _arranged(tiles, columns)


def mix_sheet(
    G: Generator,
    down: Sequence[int],
    across: Sequence[int],
    *,
    rows: str = "coarse",
    columns: str = "fine",
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
            ws = _ws(G, row)
            ws[:, layers] = _ws(G, column)[:, layers]
            tiles.append(_tile(G, ws, f"{rows} {row} {columns} {column}", side))
    return _arranged(tiles, len(across))


def walk_sheet(G: Generator, seed: int, *, side: int | None = None) -> np.ndarray:
    """Return four strips of one walk in z, the first three moving one group of styles each [H, W, 3]."""
    start, aim = seed_to_z(seed, G.z_dim), seed_to_z(seed + 1, G.z_dim)
    angles = np.arange(_WALK_FRAMES) * _WALK_STEP
    path = G.map((np.cos(angles)[:, None] * start + np.sin(angles)[:, None] * aim).astype(np.float32))
    tiles = []
    for name in (*GROUPS, "all"):
        layers = list(range(G.num_ws)) if name == "all" else list(group_layers(name, G.num_ws))
        for k in range(_WALK_FRAMES):
            ws = path[:1].clone()
            ws[:, layers] = path[k : k + 1, layers]
            tiles.append(_tile(G, ws, name if k == 0 else "", side))
    return _arranged(tiles, _WALK_FRAMES)


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


def check_suffix(path: Path) -> str:
    """Return the suffix of a picture file, in lower case.

    Raises:
        ParameterError: one that is not written here.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"--output = {path}: expected a name that ends in {', '.join(SUFFIXES)}")
    return suffix


def to_png(rgb: np.ndarray) -> bytes:
    """Return a picture [H, W, 3] uint8 as a PNG file: eight bits, RGB, each row unfiltered."""
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # filter type 0 before each row
    rows[:, 1:] = rgb.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _ws(G: Generator, seed: int) -> torch.Tensor:
    return G.map(seed_to_z(seed, G.z_dim)[None])


def _tile(G: Generator, ws: torch.Tensor, text: str, side: int | None) -> np.ndarray:
    """Draw one picture, no wider than ``side``, over its caption."""
    rgb = G.render(ws)
    times = max(1, rgb.shape[1] // side) if side else 1
    if times > 1:
        height, width = rgb.shape[0] // times, rgb.shape[1] // times
        blocks = rgb[: height * times, : width * times].reshape(height, times, width, times, 3)
        rgb = blocks.mean((1, 3)).astype(np.uint8)
    return np.concatenate([rgb, _caption(text, rgb.shape[1])])


def _arranged(tiles: Sequence[np.ndarray], columns: int) -> np.ndarray:
    """Lay pictures of one size out in rows, black between them."""
    height, width, _ = tiles[0].shape
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.zeros((rows * (height + _GAP), columns * (width + _GAP), 3), np.uint8)
    for k, tile in enumerate(tiles):
        y, x = (k // columns) * (height + _GAP), (k % columns) * (width + _GAP)
        sheet[y : y + height, x : x + width] = tile
    return sheet[:-_GAP, :-_GAP]


# Letters of 3 x 5 dots, row by row, three bits each: what numbers and the names of groups need.
_GLYPHS = {
    "0": 0o75557, "1": 0o26227, "2": 0o71747, "3": 0o71717, "4": 0o55711,
    "5": 0o74717, "6": 0o74757, "7": 0o71122, "8": 0o75757, "9": 0o75717,
    "a": 0o25755, "c": 0o34443, "d": 0o65556, "e": 0o74647, "f": 0o74644, "i": 0o72227,
    "l": 0o44447, "m": 0o57755, "n": 0o65555, "o": 0o25552, "r": 0o65655, "s": 0o34216, " ": 0,
}  # fmt: skip
_DOT = 2  # pixels
_LINE = 9 * _DOT  # height of a caption
_PAPER, _PRINT = 16, 200  # grey levels


def _caption(text: str, width: int) -> np.ndarray:
    """Return a line of text [_LINE, width, 3], cut where the picture ends."""
    dots = np.zeros((9, max(4 * len(text), 1) + 2), np.uint8)
    for k, letter in enumerate(text):
        bits = [(_GLYPHS[letter] >> (14 - i)) & 1 for i in range(15)]
        dots[2:7, 4 * k + 2 : 4 * k + 5] = np.reshape(bits, (5, 3))
    line = np.full((_LINE, width, 3), _PAPER, np.uint8)
    printed = np.kron(dots, np.ones((_DOT, _DOT), np.uint8))[:, :width]
    line[:, : printed.shape[1]][printed == 1] = _PRINT
    return line
