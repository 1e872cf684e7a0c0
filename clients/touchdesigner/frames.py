"""The newest picture for a Script TOP, decoded in the thread that receives it. A module DAT: it uses no operators."""

import json
import threading

import cv2
import numpy as np

NAME, VERSION = b"bandwalk\0", 1
STANDALONE = {0x01, *range(0xD0, 0xD8)}  # JPEG markers without a length
SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG markers of a segment that has the picture's size
MAX_SIDE = 8192  # pixels: a small file can declare a very large picture


class Newest:
    """Decodes frames, and has a place for one picture; a newer one replaces it. For two threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._picture = None
        self.meta = {}
        self.received = self.skipped = self.broken = 0
        self.came = None

    def put(self, jpeg, now, skipped=0):
        """Decode a frame, the bytes of one JPEG file, that came at this monotonic time in seconds.

        skipped: frames that came before it and are not shown, since it is newer.
        """
        rgba = to_rgba(jpeg)
        with self._lock:
            self.came = now
            self.received += 1 + skipped
            self.skipped += skipped
            if rgba is None:
                self.broken += 1
                return
            self.skipped += self._picture is not None
            self._picture, self.meta = rgba, describe(jpeg)

    def take(self):
        """Return (picture, description) if nobody has taken it yet, or None."""
        with self._lock:
            picture, self._picture = self._picture, None
            return None if picture is None else (picture, self.meta)

    @property
    def is_there(self):
        """Whether a picture waits to be taken."""
        return self._picture is not None


NEWEST = Newest()


def to_rgba(jpeg):
    """Return the picture [H, W, 4] uint8, RGBA, bottom row first as in TOPs, contiguous; None if broken."""
    sizes = [body for marker, body in _segments(jpeg) if marker in SIZES]
    if not sizes or len(sizes[0]) < 5:
        return None
    height, width = (int.from_bytes(sizes[0][at : at + 2], "big") for at in (1, 3))
    if not 0 < max(height, width) <= MAX_SIDE:
        return None
    try:
        bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if bgr is None:
        return None
    return cv2.cvtColor(cv2.flip(bgr, 0), cv2.COLOR_BGR2RGBA)


def describe(jpeg):
    """Return the frame's description (protocol.md, Frames): seq, t_publish, features, ...; {} if it has none."""
    head = NAME + bytes([VERSION])
    found = (body[len(head) :] for marker, body in _segments(jpeg) if marker == 0xE9 and body.startswith(head))
    return next(map(_parse, found), {})


def _segments(jpeg):
    """Yield the segments of a JPEG file before its pixels, as (marker, bytes)."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] not in (0xDA, 0xD9):
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if length < 2:
            return
        yield marker, jpeg[at + 4 : at + 2 + length]
        at += 2 + length


def _parse(text):
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return meta if isinstance(meta, dict) else {}
