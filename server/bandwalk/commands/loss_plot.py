"""Curves of losses, drawn: one panel a name, the loss over the steps."""

from collections.abc import Mapping, Sequence

import numpy as np

from bandwalk.commands.sheet import arranged
from bandwalk.output.caption import caption

_WIDTH, _HEIGHT = 320, 160  # of a panel, pixels
_COLUMNS = 2
_PAPER, _GRID, _POINT, _LINE = 16, 64, (110, 90, 60), (255, 190, 60)


def draw_curves(losses: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Return a panel for each name [H, W, 3] uint8: each step's loss, and their mean over a tenth of the steps.

    The panels reach from 0 to the largest mean, 1 at least; the grey line is at 1.
    """
    return arranged([_panel(name, np.asarray(values, np.float64)) for name, values in losses.items()], _COLUMNS)


def _panel(name: str, losses: np.ndarray) -> np.ndarray:
    rgb = np.full((_HEIGHT, _WIDTH, 3), _PAPER, np.uint8)
    mean = smoothed(losses)
    top = max(1.0, float(mean.max()))
    steps = np.linspace(0, _WIDTH - 1, len(losses)).round().astype(int)
    rgb[_row(np.array([1.0]), top)] = _GRID
    rgb[_row(losses, top), steps] = _POINT
    rows = _row(np.interp(np.arange(_WIDTH), steps, mean), top)
    for x, (before, row) in enumerate(zip(np.append(rows[0], rows[:-1]), rows, strict=True)):
        rgb[min(before, row) : max(before, row) + 1, x] = _LINE
    return np.concatenate([rgb, caption(f"{name} {mean[0]:.3f} to {mean[-1]:.3f}", _WIDTH)])


def _row(losses: np.ndarray, top: float) -> np.ndarray:
    rows: np.ndarray = ((1.0 - np.clip(losses / top, 0.0, 1.0)) * (_HEIGHT - 1)).round().astype(int)
    return rows


def smoothed(losses: np.ndarray) -> np.ndarray:
    """Return the mean of the steps about each [n], over a tenth of them; fewer at the ends."""
    reach = max(1, len(losses) // 20)
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    first = np.maximum(np.arange(len(losses)) - reach, 0)
    last = np.minimum(np.arange(len(losses)) + reach + 1, len(losses))
    out: np.ndarray = (sums[last] - sums[first]) / (last - first)
    return out
