"""Feedback: the last picture under the new one, the classic trail.

    shown = max(picture, k * moved(last shown))

The brighter of both is seen, channel by channel, so that a trail never adds up to white. Its time constants count in
seconds of audio time: k, turn and growth are those of the time since the last picture.

A trail is moved in pieces of a row, each by whole pixels. Where a piece lands between two pixels it takes the one or
the other by a sequence that spreads evenly over the frames, so that slow moves are right on average, and no frame
blurs the one before. Levels fade in the same way by whole steps: without it dark ones would stay for ever.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

AMOUNT_S = 0.1
"""The time after which a share ``amount`` of the trail is left."""

_PIECE, _PIECE_INWARDS = 32, 8
"""Pixels of the longest piece of a row, and of one of a trail that shrinks: there the pieces' ends show at the edge."""

_MOST_APART = 0.5
"""Pixels by which the move may differ between the ends of a piece."""

_STRIP = 1 << 16
"""Levels that fade at a time: they stay in the processor's cache."""

_SPREAD = (0.7548776662466927, 0.5698402909980532, 0.6180339887498949)
"""Steps of evenly spread sequences: M. Roberts' R2 for x and y, the golden ratio for levels."""

_GRAIN = 4099
"""Offsets at which the grain that rounds levels may begin."""


@dataclass(frozen=True, slots=True)
class Trail:
    """Plain values of ``/feedback/*``.

    amount: share of the trail that is left after AMOUNT_S, 0: no trail.
    zoom:   by which factor it grows a second.   rotate: degrees that it turns a second, anticlockwise.
    """

    amount: float = 0.0
    zoom: float = 1.0
    rotate: float = 0.0


class Feedback:
    """The trail of a sequence of pictures."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None  # the last picture shown; None: no trail
        self._t_s = 0.0
        self._n = 0
        self._grain = np.zeros(0, np.uint16)  # 0..255

    def step(self, rgb: np.ndarray, trail: Trail, t_s: float) -> np.ndarray:
        """Return the picture over its trail; without one, the same array.

        Args:
            rgb: [H, W, C] uint8; left as it is.
            t_s: its time; a picture of the same time as the last one is shown as that was.
        """
        if trail.amount <= 0.0:
            self._last = None
            return rgb
        last, dt_s = self._last, t_s - self._t_s
        self._t_s = t_s
        if last is None or last.shape != rgb.shape or dt_s < 0.0:
            self._last = rgb
        elif dt_s > 0.0:
            self._n += 1
            moved = move(last, trail.zoom**dt_s, math.radians(trail.rotate) * dt_s, self._offset())
            self._last = self._join(rgb, moved, trail.amount ** (dt_s / AMOUNT_S))
        assert self._last is not None
        return self._last

    def state(self) -> dict[str, np.ndarray]:
        """Return all that :meth:`restore` needs."""
        found = {"numbers": np.array([self._t_s, self._n])}
        return found if self._last is None else found | {"last": self._last}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state."""
        self._t_s, n = state["numbers"].tolist()
        self._n, self._last = round(n), state.get("last")

    def _offset(self) -> tuple[float, float]:
        """Return by what part of a pixel this frame's moves are rounded differently, -1/2..1/2."""
        return self._n * _SPREAD[0] % 1.0 - 0.5, self._n * _SPREAD[1] % 1.0 - 0.5

    def _join(self, rgb: np.ndarray, moved: np.ndarray, share: float) -> np.ndarray:
        """Return the brighter of a picture and a share of the moved one, faded by whole levels with grain."""
        factor = int(share * 256 + self._n * _SPREAD[2] % 1.0)
        size = min(rgb.size, _STRIP) + _GRAIN
        if len(self._grain) < size:
            self._grain = np.random.default_rng(0).integers(0, 256, size, np.uint8).astype(np.uint16)
        return fade(rgb, moved, factor, self._grain[self._n * 1009 % _GRAIN :])


def fade(rgb: np.ndarray, moved: np.ndarray, factor: int, grain: np.ndarray) -> np.ndarray:
    """Return the brighter of a picture and a share, factor / 256, of the moved one, rounded down with grain.

    Args:
        grain: 0..255 for each level of a strip, uint16; the next strip has the same.
    """
    joined, room = np.empty_like(rgb, order="C"), np.empty(min(rgb.size, _STRIP), np.uint16)
    new, old, out = (x.reshape(-1) for x in (rgb, moved, joined))
    for first in range(0, rgb.size, _STRIP):
        here = slice(first, first + _STRIP)
        faded = room[: len(old[here])]
        np.multiply(old[here], np.uint16(factor), out=faded, dtype=np.uint16)
        np.add(faded, grain[: len(faded)], out=faded)
        np.right_shift(faded, 8, out=faded)
        np.copyto(out[here], faded, casting="unsafe")
        np.maximum(new[here], out[here], out=out[here])
    return joined


def fade_reference(rgb: np.ndarray, moved: np.ndarray, factor: int, grain: np.ndarray) -> np.ndarray:
    """Return the brighter of a picture and a share, factor / 256, of the moved one; grain: 0..255 for each level."""
    faded = moved.astype(np.int64) * factor + grain >> 8
    return np.asarray(np.maximum(rgb, faded).astype(np.uint8))


def move(rgb: np.ndarray, zoom: float, turn: float, offset: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Return a picture enlarged and turned anticlockwise about its centre, piece by piece.

    What comes in from outside is black.

    Args:
        rgb:    [H, W, C] uint8.
        turn:   radians.
        offset: is added to where a piece comes from before it is rounded, pixels.

    Returns:
        [H, W, C] uint8; the same array where nothing moves.
    """
    if zoom == 1.0 and turn == 0.0:
        return rgb
    h, w, colours = rgb.shape
    piece = piece_of(w, zoom, turn)
    x, y = source_of(rgb.shape, piece, zoom, turn)
    x, y = np.rint(x + offset[0]).astype(np.intp), np.rint(y + offset[1]).astype(np.intp)
    outside = (y < 0) | (y >= h) | (x < -(piece // 2)) | (x > w - piece + piece // 2)
    np.clip(x, 0, w - piece, out=x)
    np.clip(y, 0, h - 1, out=y)
    # every piece that begins at any pixel, as one item: views of the same memory that overlap
    kind = np.dtype((np.void, piece * colours))
    pieces = np.ndarray((h * w - piece + 1,), kind, np.ascontiguousarray(rgb), 0, (colours,))
    moved: np.ndarray = pieces[y * w + x].view(np.uint8).reshape(h, w // piece, piece * colours)
    moved[outside] = 0
    return moved.reshape(h, w, colours)


def piece_of(width: int, zoom: float, turn: float) -> int:
    """Return how many pixels of a row are moved as one: so many that a move is nearly the same for all of them."""
    apart = math.hypot(math.cos(turn) / zoom - 1.0, math.sin(turn) / zoom)
    piece = math.gcd(width, _PIECE if zoom >= 1.0 else _PIECE_INWARDS)
    while piece > 1 and piece * apart > _MOST_APART:
        piece //= 2
    return piece


def source_of(shape: tuple[int, ...], piece: int, zoom: float, turn: float) -> tuple[np.ndarray, np.ndarray]:
    """Return from which column and row each piece comes, not rounded: [H, W / piece] float64 each."""
    h, w = shape[:2]
    first = np.arange(0, w, piece)
    dx = first + (piece - 1) / 2 - (w - 1) / 2  # from the picture's centre to the piece's
    dy = np.arange(h)[:, None] - (h - 1) / 2
    c, s = math.cos(turn) / zoom, math.sin(turn) / zoom
    x = (c - 1.0) * dx - s * dy + first
    y = s * dx + c * dy + (h - 1) / 2
    return x, y


def move_reference(rgb: np.ndarray, zoom: float, turn: float, offset: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Return what :func:`move` does, pixel by pixel."""
    h, w, _ = rgb.shape
    piece = piece_of(w, zoom, turn)
    x, y = source_of(rgb.shape, piece, zoom, turn)
    moved = np.empty_like(rgb)
    for row in range(h):
        for column in range(w):
            k = column // piece
            from_x, from_y = round(x[row, k] + offset[0]), round(y[row, k] + offset[1])
            is_inside = -(piece // 2) <= from_x <= w - piece + piece // 2 and 0 <= from_y < h
            from_x = min(max(from_x, 0), w - piece) + column % piece
            moved[row, column] = rgb[from_y, from_x] if is_inside else 0
    return moved
