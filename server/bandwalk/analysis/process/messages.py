"""What goes between a show and the process that hears for it, as bytes; nothing in it is ever executed.

from the show     OPEN step rate, whether the sound comes back, values     SET values     STEP sound
from the process  READY, once; then for each STEP: HEARD features, sound if it was asked for, or FAILED why
"""

import json
import socket
import struct
from dataclasses import astuple, fields
from itertools import islice
from operator import attrgetter

from bandwalk.records import BANDS, PITCHES, BandValues, Beat, BeatValues, EarValues, Features, Music

OPEN, SET, STEP, READY, HEARD, FAILED = (bytes([letter]) for letter in b"osyrhf")
"""The first byte of a message."""

_LENGTH = struct.Struct("<I")

_RECEIVED = 1 << 16
"""Bytes that are taken from the socket at once: any message of a step."""

_beat = attrgetter(*(each.name for each in fields(Beat)))
_music = attrgetter(*(each.name for each in fields(Music)))
_MUSIC_NUMBERS = [each.name for each in fields(Music)][:-2]  # the last two are chroma and key
_N_BEAT, _N_MUSIC = len(fields(Beat)), len(_MUSIC_NUMBERS)
_CODES = {bool: "?", float: "d", bytes: "8s"}


def pack_values(values: EarValues) -> bytes:
    """Return what the ear follows."""
    return json.dumps(astuple(values)).encode()


def unpack_values(data: bytes) -> EarValues:
    """Return what :func:`pack_values` was given, to the bit."""
    gain, floor_db, bands, beat = json.loads(data)
    return EarValues(gain, floor_db, tuple(BandValues(*band) for band in bands), BeatValues(*beat))


def _flat(features: Features) -> tuple[float | bytes, ...]:
    *numbers, chroma, key = _music(features.music)
    bands = (*features.rms, *features.level, *features.change, *features.onset)
    return (*bands, features.rms_full, *_beat(features.beat), *numbers, *chroma, key.encode())


_NO_BANDS = (0.0,) * len(BANDS)
_NOTHING = Features(0, 0.0, 0.0, _NO_BANDS, _NO_BANDS, _NO_BANDS, (False,) * len(BANDS), 0.0)
_FORMAT = struct.Struct("<" + "".join(_CODES[type(x)] for x in _flat(_NOTHING)))

FEATURES_BYTES = _FORMAT.size


def nothing_heard() -> Features:
    """Return the features before the first sound."""
    return _NOTHING


def pack_features(features: Features) -> bytes:
    """Return a step's features as bytes [FEATURES_BYTES], without its number and times."""
    return _FORMAT.pack(*_flat(features))


def unpack_features(data: bytes, step: int, t_audio: float, t_capture: float) -> Features:
    """Return the features that :func:`pack_features` was given, as those of this step."""
    numbers = iter(_FORMAT.unpack(data))
    rms, level, change, onset = (tuple(islice(numbers, len(BANDS))) for _ in range(4))
    rms_full = next(numbers)
    beat = Beat(*islice(numbers, _N_BEAT))
    first, chroma, key = tuple(islice(numbers, _N_MUSIC)), tuple(islice(numbers, len(PITCHES))), next(numbers)
    music = Music(**dict(zip(_MUSIC_NUMBERS, first, strict=True)), chroma=chroma, key=key.rstrip(b"\0").decode())
    return Features(step, t_audio, t_capture, rms, level, change, onset, rms_full, beat, music)


class Channel:
    """Messages over a socket, each with its length before it; used by one thread at a time."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._received = b""

    def send(self, message: bytes, wait_s: float | None = None) -> None:
        """Send a message.

        Raises:
            OSError: the other end is gone, or takes nothing for so long.
        """
        self._socket.settimeout(wait_s)
        self._socket.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self, wait_s: float | None = None) -> bytes | None:
        """Return the next message; None: it is not there within this time.

        Raises:
            EOFError: the other end is gone.
            OSError:  the same.
        """
        self._socket.settimeout(wait_s)
        while not self._is_whole():
            try:
                received = self._socket.recv(_RECEIVED)
            except (BlockingIOError, TimeoutError):
                return None
            if not received:
                raise EOFError
            self._received += received
        end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
        message, self._received = self._received[_LENGTH.size : end], self._received[end:]
        return message

    def close(self) -> None:
        """Close this end; the other one sees that."""
        self._socket.close()

    def _is_whole(self) -> bool:
        n = len(self._received) - _LENGTH.size
        return n >= 0 and n >= _LENGTH.unpack_from(self._received)[0]
