"""Enlarges pictures by Lanczos' kernel of three lobes: sharper than bilinear, by FFmpeg's scaler."""

from __future__ import annotations

import threading

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

_PLANES = "yuv444p"
"""A format of three planes, all as large as the picture: here they are red, green and blue, which are not converted."""

_scalers = threading.local()


def enlarge(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture [h, w, 3] uint8 at a larger size: [height, width, 3] uint8."""
    if not hasattr(_scalers, "scaler"):
        _scalers.scaler = VideoReformatter()  # keeps the kernels of the last sizes
    small = av.VideoFrame(rgb.shape[1], rgb.shape[0], _PLANES)
    for c in range(3):
        np.copyto(_samples(small, c), rgb[:, :, c])
    large = _scalers.scaler.reformat(small, width, height, _PLANES, interpolation=Interpolation.LANCZOS)
    out = np.empty((height, width, 3), np.uint8)
    for c in range(3):
        np.copyto(out[:, :, c], _samples(large, c))
    return out


def _samples(frame: av.VideoFrame, plane: int) -> np.ndarray:
    """Return a plane's samples [h, w], the frame's own memory."""
    rows = frame.planes[plane]
    samples: np.ndarray = np.frombuffer(memoryview(rows), np.uint8)
    return samples.reshape(rows.height, rows.line_size)[:, : rows.width]
