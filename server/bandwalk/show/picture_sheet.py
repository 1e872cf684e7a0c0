"""Small pictures for the panel, drawn beside the show: one at a time, behind all other threads, with long rests."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from bandwalk.errors import BandwalkError
from bandwalk.machine import lower_priority
from bandwalk.output.jpeg import Encoder
from bandwalk.output.shape import to_size
from bandwalk.pipeline.draw_threads import set_threads

MAX_KEPT = 512
"""Pictures that are kept, of all models together: about 4 MB."""

MAX_WAITING = 64
"""Pictures that wait to be drawn; the oldest is given up for a newer one."""

SIDE, QUALITY = 128, 80

RESTS = 3.0
"""Times as long as it has drawn, the thread rests after each picture."""

Reply = Callable[[bytes | None], object]


class Subject(NamedTuple):
    """What a picture shows.

    key:  what it depends on: equal pictures have equal keys.
    draw: returns it, [H, W, 3] uint8, of any size.
    """

    key: Hashable
    draw: Callable[[], np.ndarray]


class PictureSheet:
    """Draws the pictures that are asked for, and keeps them by their subjects.

    Args:
        find: returns the subject of a kind and a name, None if there is none; may read a disk, may raise BandwalkError.
    """

    def __init__(self, find: Callable[[str, str], Subject | None], encoder: Encoder) -> None:
        self._find = find
        self._encoder = encoder
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._wanted: OrderedDict[tuple[str, str], list[Reply]] = OrderedDict()  # the oldest first
        self._changed = threading.Condition()
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, kind: str, name: str, reply: Reply) -> None:
        """Call reply with a picture, a JPEG file, once it is drawn; with None if there is none. Never waits."""
        given_up: list[Reply] = []
        with self._changed:
            self._wanted.setdefault((kind, name), []).append(reply)
            if len(self._wanted) > MAX_WAITING:
                given_up = self._wanted.popitem(last=False)[1]
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="pictures", daemon=True)
                self._thread.start()
        for each in given_up:
            each(None)

    def close(self) -> None:
        """Draw no more pictures."""
        self._is_closed.set()
        with self._changed:
            self._changed.notify()

    def _work(self) -> None:
        lower_priority()
        set_threads(1)
        while not self._is_closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._is_closed.is_set())
                if self._is_closed.is_set():
                    return
                (kind, name), replies = self._wanted.popitem()
            begun = time.monotonic()
            picture = self._picture(kind, name)
            for reply in replies:
                reply(picture)
            self._is_closed.wait(RESTS * (time.monotonic() - begun))

    def _picture(self, kind: str, name: str) -> bytes | None:
        try:
            subject = self._find(kind, name)
            if subject is None:
                return None
            if subject.key not in self._kept:
                rgb = to_size(np.ascontiguousarray(subject.draw()), SIDE, SIDE, fit="crop")
                self._kept[subject.key] = self._encoder.encode(rgb, quality=QUALITY, chroma="420")
        except (BandwalkError, RuntimeError, MemoryError):  # a model that cannot be drawn is the show's to report
            return None
        self._kept.move_to_end(subject.key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[subject.key]
