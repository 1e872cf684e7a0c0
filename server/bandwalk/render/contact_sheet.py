"""A contact sheet of clips: the picture in the middle of each, over its name."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from bandwalk.errors import WorkError
from bandwalk.output.caption import caption

_WIDTH, _HEIGHT, _GAP, _MAX_COLUMNS = 320, 180, 8, 4
_UNKNOWN = re.compile(r"[^0-9a-z ._+-]")  # what captions have no letters for


def contact_sheet(clips: Sequence[Path]) -> np.ndarray:
    """Return the sheet, [H, W, 3] uint8.

    Raises:
        WorkError: a clip cannot be read.
    """
    tiles = [_tile(clip) for clip in clips]
    columns = min(_MAX_COLUMNS, math.ceil(math.sqrt(len(tiles))))
    rows = math.ceil(len(tiles) / columns)
    height, width = (max(tile.shape[axis] for tile in tiles) for axis in (0, 1))
    sheet = np.zeros((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), np.uint8)
    for n, tile in enumerate(tiles):
        y, x = (place * (side + _GAP) for place, side in zip(divmod(n, columns), (height, width), strict=True))
        sheet[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
    return sheet


def _tile(clip: Path) -> np.ndarray:
    picture = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    seen = _middle(clip)
    y, x = (_HEIGHT - seen.shape[0]) // 2, (_WIDTH - seen.shape[1]) // 2
    picture[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
    return np.concatenate([picture, caption(_UNKNOWN.sub("-", clip.stem.lower()), _WIDTH)])


def _middle(clip: Path) -> np.ndarray:
    """Return the picture in the middle of a clip, as large as a tile takes."""
    try:
        with av.open(str(clip)) as container:
            container.seek(int((container.duration or 0) // 2))
            frame = next(container.decode(video=0))
            share = min(_WIDTH / frame.width, _HEIGHT / frame.height)
            width, height = max(2, round(frame.width * share)), max(2, round(frame.height * share))
            picture: np.ndarray = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
            return picture
    except (av.FFmpegError, OSError, StopIteration) as e:
        raise WorkError(f"{clip}: {e or 'no pictures'}; expected a clip for the contact sheet") from e
