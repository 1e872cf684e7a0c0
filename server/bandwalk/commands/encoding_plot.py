"""Figure 3 of the published project: an encoding of sound over time, a coloured line for each driver."""

import colorsys

import numpy as np

from bandwalk.analysis.drivers import song_statistics

_PAPER, _GREY = 12, 110
USED = 14
"""Channels that drive the styles of a model with as many, as in the published experiment."""

_ROW = 32
"""Pixels of a channel's row, and of the margins; lines of channels that move much reach into the rows beside."""


def draw_encoding(encoding: np.ndarray, width: int) -> np.ndarray:
    """Draw an encoding: [(n + 2) * 32, width, 3] uint8, time to the right, channel 0 on top.

    All channels have one scale, so that the eye sees which ones move. Those that drive no style are grey.

    Args:
        encoding: [steps, n], at least one step.
        width:    pixels.
    """
    n = encoding.shape[1]
    height = (n + 2) * _ROW
    rgb = np.full((height, width, 3), _PAPER, np.uint8)
    y = np.arange(height)[:, None]
    top, bottom = _reach(encoding - np.median(encoding, axis=0), width)  # [width, n], where each line is per column
    scale = 0.75 * _ROW / max(float(np.percentile(np.abs([top, bottom]), 99)), 1e-9)
    drives = set(song_statistics(encoding).order[:USED].tolist())
    for channel in range(n):
        middle = (channel + 1.5) * _ROW
        colour = np.multiply(colorsys.hsv_to_rgb(channel / n, 0.65, 1.0), 255) if channel in drives else (_GREY,) * 3
        first = np.clip(np.round(middle - scale * top[:, channel]), 0, height - 1).astype(int)
        last = np.clip(np.round(middle - scale * bottom[:, channel]) + 1, 0, height - 1).astype(int)
        rgb[(y >= first) & (y <= last)] = np.asarray(colour, dtype=np.uint8)
    return rgb


def _reach(x: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the largest and the smallest value of each column of the picture, [width, n]; columns join."""
    at = np.linspace(0, len(x) - 1, width + 1)
    before, after = np.floor(at[:-1]).astype(int), np.ceil(at[1:]).astype(int)
    pieces = [x[a : b + 1] for a, b in zip(before, after, strict=True)]
    return np.array([piece.max(axis=0) for piece in pieces]), np.array([piece.min(axis=0) for piece in pieces])
