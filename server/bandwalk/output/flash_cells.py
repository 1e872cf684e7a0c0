"""What flashes are measured by: a picture as a coarse grid of cells, in linear light.

A cell is a thirty-second of the picture's side: on a screen that fills 30 degrees of the view, one degree. The rules
ask for a quarter of the picture, 256 of the 1,024 cells, so a cell's size moves the border of what counts by less than
the cells along the edge of what flashes: at most 3 % of the picture for a square of that quarter. What alternates
within a cell (stripes, a fine checkerboard, grain) is averaged, as it is in the eye; WCAG 2.3.1 leaves out such
patterns as well.

Of each cell PLACES x PLACES runs of a few pixels are looked at, however large the picture is: one in each part of an
even grid, at a place that differs from part to part, so that no pattern is met always at the same phase. Of two parts
beside each other one has an even line and one an odd one: lines as thin as a pixel are averaged, too.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bandwalk.output.colour import LUMINANCE

CELLS = 32
"""Cells along each side of a picture."""

PLACES = 2
"""Places along each side of a cell that are looked at."""

MAX_RUN = 4
"""Pixels in a row at each place; fewer where a cell has fewer."""

_DARK, _SATURATED = 0.8, 0.8
_CUBIC = (0.012522878, 0.682171111, 0.305306011)
"""sRGB to linear light: x (a + x (b + x c)), within 0.002 (I. Taylor, "sRGB approximations for HLSL", 2012)."""

_LEVELS = 255.0


@dataclass(frozen=True, slots=True)
class Light:
    """What one picture is measured by.

    value:  of each kind and cell, luminance, and R - G - B where positive, [2, 2, n] float32: first as it is, for what
            rises, then negated, for what falls.
    counts: whether a change from or to this value is a flash's, [2, n] bool: dark enough, or saturated.
    """

    value: np.ndarray
    counts: np.ndarray


def to_cells(rgb: np.ndarray) -> np.ndarray:
    """Return the mean linear light of each cell, [CELLS * CELLS, 3] float32, 0..1.

    Args:
        rgb: [H, W, 3 or 4] uint8; opacity does not count.
    """
    return mean_light(looked_at(rgb))


def looked_at(levels: np.ndarray) -> np.ndarray:
    """Return the pixels that are looked at, run by run, [n, 3]; levels [H, W, 3 or 4] of any type."""
    h, w, colours = levels.shape
    run = _run(w)
    # every run that begins at any pixel, as one item: views of the same memory that overlap
    pixel = colours * levels.itemsize
    runs = np.ndarray((h * w - run + 1,), np.dtype((np.void, run * pixel)), np.ascontiguousarray(levels), 0, (pixel,))
    pixels = runs[_places(h, w, run)].view(levels.dtype).reshape(-1, colours)
    return pixels if colours == len(_COLOURS) else np.ascontiguousarray(pixels[:, : len(_COLOURS)])


def mean_light(pixels: np.ndarray) -> np.ndarray:
    """Return the mean linear light of each cell, [CELLS * CELLS, 3], of what :func:`looked_at` returns, uint8."""
    light = _LINEAR.take(pixels).reshape(CELLS * CELLS, -1)
    mean: np.ndarray = light @ _pool(light.shape[1] // len(_COLOURS))
    return mean


def to_cells_reference(rgb: np.ndarray) -> np.ndarray:
    """Return what :func:`to_cells` does, place by place."""
    h, w = rgb.shape[:2]
    run = _run(w)
    pixels = rgb.reshape(h * w, -1)[:, :3]
    sums = np.zeros((CELLS * CELLS, 3))
    for n, first in enumerate(_places(h, w, run).tolist()):
        sums[n // PLACES**2] += to_linear(pixels[first : first + run] / _LEVELS).sum(axis=0)
    return sums / (run * PLACES**2)


def to_linear(x: Any) -> Any:
    """Return the linear light of sRGB values 0..1, an array or a number."""
    a, b, c = _CUBIC
    return x * (a + x * (b + x * c))


def to_light(cells: np.ndarray) -> Light:
    """Return what cells [n, 3] are measured by."""
    forms = np.dot(_FORMS, cells.T)  # [4, n]
    value = np.empty((2, 2, forms.shape[1]), np.float32)
    np.maximum(forms[:2], 0.0, out=value[0])
    np.negative(value[0], out=value[1])
    return Light(value, forms[2:] >= _COUNTS_FROM)


_COLOURS = "RGB"

_LINEAR = to_linear(np.arange(256) / _LEVELS).astype(np.float32)
"""Of each level."""

_FORMS = np.array(
    [LUMINANCE, (1, -1, -1), [-x for x in LUMINANCE], (1 - _SATURATED, -_SATURATED, -_SATURATED)], np.float32
)
"""Of red, green and blue: luminance, R - G - B, luminance negated, what is not under 0 where a colour is saturated."""

_COUNTS_FROM = np.array([[-_DARK], [0.0]], np.float32)


def _run(width: int) -> int:
    return min(max(1, width // (CELLS * PLACES)), MAX_RUN)


@lru_cache(maxsize=4)
def _places(height: int, width: int, run: int) -> np.ndarray:
    """Return at which pixels of a picture the runs begin, cell by cell, [(CELLS * PLACES)^2]."""
    n = CELLS * PLACES
    rng = np.random.default_rng(0)
    part = max(0.0, width / n - run + 1)  # where in its part a run may begin so that it lies inside
    pairs = height // n // 2  # of lines in a part
    rows = np.arange(n)[:, None] * height // n + 2 * rng.integers(0, max(1, pairs), (n, n))
    rows += np.arange(n) % 2 if pairs else 0
    columns = np.arange(n) * width / n + rng.random((n, n)) * part
    places = rows * width + np.minimum(columns.astype(np.intp), width - run)
    return np.ascontiguousarray(places.reshape(CELLS, PLACES, CELLS, PLACES).swapaxes(1, 2)).ravel()


@lru_cache(maxsize=2)
def _pool(n: int) -> np.ndarray:
    """Return the matrix that averages the n pixels of a cell, [3 * n, 3] float32."""
    return np.tile(np.eye(3, dtype=np.float32), (n, 1)) / np.float32(n)
