"""The newest frame, and its pixels for a Script TOP. A module DAT for any thread: it uses no operators."""

import json
import threading

import cv2
import numpy as np

NAME, VERSION = b"bandwalk\0", 1
STANDALONE = {0x01, *range(0xD0, 0xD8)}  # JPEG markers without a length


class Newest:
    """A place for one frame; a newer one replaces it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._jpeg = None
        self.received = self.replaced = 0

    def put(self, jpeg):
        """Take a frame, the bytes of one JPEG file."""
        with self._lock:
            self.received += 1
            self.replaced += self._jpeg is not None
            self._jpeg = bytes(jpeg)

    def take(self):
        """Return the frame if nobody has taken it yet, or None."""
        with self._lock:
            jpeg, self._jpeg = self._jpeg, None
            return jpeg

    @property
    def is_there(self):
        """Whether a frame waits to be taken."""
        return self._jpeg is not None


NEWEST = Newest()


def to_rgba(jpeg):
    """Return the picture [H, W, 4] uint8, RGBA, bottom row first as in TOPs, contiguous; None if broken."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    if bgr is None:
        return None
    return cv2.cvtColor(cv2.flip(bgr, 0), cv2.COLOR_BGR2RGBA)


def describe(jpeg):
    """Return the frame's description (protocol.md, Frames): seq, t_publish, features, ...; {} if it has none."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] not in (0xDA, 0xD9):
        marker = jpeg[at + 1]
        if marker == 0xFF or marker in STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if length < 2:
            break
        body = jpeg[at + 4 : at + 2 + length]
        if marker == 0xE9 and body.startswith(NAME + bytes([VERSION])):
            return _parse(body[len(NAME) + 1 :])
        at += 2 + length
    return {}


def _parse(text):
    try:
        meta = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return meta if isinstance(meta, dict) else {}
