"""Counts flashes of pictures by itself, the plain way: exact sRGB, block by block, change by change."""

import numpy as np

BLOCKS = 32

LEVELS = np.arange(256) / 255.0
SRGB = np.where(LEVELS <= 0.04045, LEVELS / 12.92, ((LEVELS + 0.055) / 1.055) ** 2.4)
"""Linear light of each level (IEC 61966-2-1)."""


def luminance(rgb):
    """Relative luminance of each of BLOCKS x BLOCKS blocks (WCAG 2), [BLOCKS, BLOCKS]."""
    light = SRGB[np.rint(rgb[..., :3]).astype(int)] @ [0.2126, 0.7152, 0.0722]
    h, w = (side // BLOCKS * BLOCKS for side in light.shape)
    return light[:h, :w].reshape(BLOCKS, h // BLOCKS, BLOCKS, w // BLOCKS).mean(axis=(1, 3))


def changes_of(values, step=0.1, dark=0.8):
    """Indices at which a sequence has come a step away from its last extreme, in the direction opposite to before."""
    found, direction = [], 0
    low = high = values[0]
    for k, value in enumerate(values):
        if direction >= 0 and high - value >= step and value < dark:
            found.append(k)
            direction, low = -1, value
        elif direction <= 0 and value - low >= step and low < dark:
            found.append(k)
            direction, high = 1, value
        low, high = min(low, value), max(high, value)
    return found


def most_changes(pictures, times, share=0.25):
    """Most changes in any one second that more than a share of the blocks have."""
    light = np.array([luminance(rgb) for rgb in pictures]).reshape(len(pictures), -1)
    times = np.asarray(times)
    changed = [times[changes_of(column)] for column in light.T.tolist()]
    ends = np.array([np.searchsorted(at, times, "right") for at in changed])
    begins = np.array([np.searchsorted(at, times - 1.0 + 1e-6, "right") for at in changed])
    counts = np.sort(ends - begins, axis=0)[::-1]  # [blocks, times]
    return int(counts[int(len(counts) * share)].max())
