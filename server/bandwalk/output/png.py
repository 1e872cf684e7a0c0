"""Writes PNG files: eight bits, RGB or RGBA, rows without filters."""

import struct
import zlib

import numpy as np

_KINDS = {3: 2, 4: 6}  # channels to PNG's colour types: truecolour, without and with alpha


def to_png(rgb: np.ndarray, level: int = 6) -> bytes:
    """Return a picture [H, W, 3], or with opacity [H, W, 4], uint8, as a PNG file.

    Args:
        rgb:   the picture.
        level: of zlib, 1 (fast) .. 9 (small).
    """
    height, width, colours = rgb.shape
    rows = np.zeros((height, 1 + colours * width), np.uint8)  # filter type 0 before each row
    rows[:, 1:] = rgb.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, _KINDS[colours], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), level)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
