"""Mixes sound of many channels down to two, with the weights of ITU-R BS.775, annex 4."""

from collections.abc import Sequence

import numpy as np

_HALF = float(np.sqrt(0.5))
"""-3 dB: a channel in the middle goes to both sides."""

_WEIGHTS: dict[str, tuple[float, float]] = {
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (_HALF, _HALF), "LFE": (0.0, 0.0), "LFE2": (0.0, 0.0),
    "BL": (_HALF, 0.0), "BR": (0.0, _HALF), "SL": (_HALF, 0.0), "SR": (0.0, _HALF), "BC": (0.5, 0.5),
    "FLC": (_HALF, 0.0), "FRC": (0.0, _HALF), "TFL": (_HALF, 0.0), "TFR": (0.0, _HALF), "TBL": (_HALF, 0.0),
    "TBR": (0.0, _HALF), "TFC": (0.5, 0.5), "TBC": (0.5, 0.5), "TC": (0.5, 0.5), "WL": (_HALF, 0.0),
    "WR": (0.0, _HALF), "DL": (1.0, 0.0), "DR": (0.0, 1.0),
}  # fmt: skip
"""Shares of (left, right) by a channel's name; the LFE channel is left out, as in BS.775."""


def to_stereo(names: Sequence[str], channels: int) -> np.ndarray:
    """Return the matrix [channels, 2] float32 for x @ matrix; the result never clips if x does not.

    Args:
        names:    of the channels (FL, FR, FC, LFE, BL, BR, SL, SR, BC, ...); if their number is wrong or one is
                  unknown, channels are left and right in turn.
        channels: their number.
    """
    known = len(names) == channels and all(name in _WEIGHTS for name in names)
    rows = [_WEIGHTS[name] for name in names] if known else [(1.0, 0.0), (0.0, 1.0)] * ((channels + 1) // 2)
    matrix = np.array(rows[:channels], np.float32)
    return np.asarray(matrix / max(1.0, float(matrix.sum(axis=0).max())))
