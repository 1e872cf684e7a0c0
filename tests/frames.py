"""A published frame, read by hand: oracles import nothing from bandwalk."""

import io
import json

import numpy as np
from PIL import Image


def meta_of(message):
    """The frame's description, read by hand: APP9 stands right after SOI."""
    assert message[:4] == b"\xff\xd8\xff\xe9"
    length = int.from_bytes(message[4:6], "big")
    body = message[6 : 4 + length]
    assert body[:10] == b"bandwalk\0\x01"
    return json.loads(body[10:])


def picture_of(message):
    """The file without its description: equal for equal pictures."""
    length = int.from_bytes(message[4:6], "big")
    return message[:2] + message[4 + length :]


def pixels_of(message):
    return np.asarray(Image.open(io.BytesIO(message))).astype(float)
