"""Pictures of seeds for the panel, drawn beside the show: one at a time, behind all other threads, with long rests."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from copy import copy

import numpy as np

from bandwalk.generator import Generator
from bandwalk.output.jpeg import Encoder
from bandwalk.output.shape import to_size
from bandwalk.params.row import INT32
from bandwalk.params.values import Values, number
from bandwalk.pipeline.draw_threads import set_threads
from bandwalk.pipeline.joined_styles import map_walks
from bandwalk.show.threads import lower_priority
from bandwalk.units import seed_to_z

MAX_KEPT = 512
"""Pictures that are kept, of all models together: about 4 MB."""

MAX_WAITING = 32
"""Pictures that wait to be drawn; the oldest is given up for a newer one."""

SIDE, QUALITY = 128, 80

RESTS = 3.0
"""Times as long as it has drawn, the thread rests after each picture."""

Reply = Callable[[bytes | None], object]
Key = tuple[object, ...]


class SeedSheet:
    """Draws the pictures that are asked for, and keeps them by the weights of the model.

    Args:
        model:  returns the model that draws.
        values: returns the present values: truncation and class count.
    """

    def __init__(self, model: Callable[[], Generator], values: Callable[[], Values], encoder: Encoder) -> None:
        self._model = model
        self._values = values
        self._encoder = encoder
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._wanted: OrderedDict[int, list[Reply]] = OrderedDict()  # by seed, the oldest first
        self._changed = threading.Condition()
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None

    def ask(self, name: str, reply: Reply) -> None:
        """Call reply with a seed's picture, a JPEG file, once it is drawn; with None if it is given up. Never waits."""
        seed = int(name) if name.isascii() and name.isdigit() and len(name) <= 10 else -1
        if not 0 <= seed <= INT32:
            reply(None)
            return
        given_up: list[Reply] = []
        with self._changed:
            self._wanted.setdefault(seed, []).append(reply)
            if len(self._wanted) > MAX_WAITING:
                given_up = self._wanted.popitem(last=False)[1]
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="seeds", daemon=True)
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
                seed, replies = self._wanted.popitem()
            begun = time.monotonic()
            picture = self._picture(seed)
            for reply in replies:
                reply(picture)
            self._is_closed.wait(RESTS * (time.monotonic() - begun))

    def _picture(self, seed: int) -> bytes | None:
        G, values = self._model(), self._values()
        classes = [values[f"/style/{name}"] for name in ("psi", "class", "class_b", "class_mix")]
        key = (G.sha256, G.width, G.height, seed, *classes)
        if key not in self._kept:
            try:
                self._kept[key] = self._draw(G, seed, values)
            except (RuntimeError, MemoryError):  # a model that cannot be drawn is the show's to report
                return None
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _draw(self, G: Generator, seed: int, values: Values) -> bytes:
        """Return the picture of a seed, without effects."""
        G = copy(G)  # the show sets noise, bends and transform on the original
        G.noise, G.drift, G.transform, G.bends = number(values, "/style/noise"), 0.0, None, ()
        shown = G.synthesize(map_walks(G, seed_to_z(seed, G.z_dim)[None], values))[0, :3]  # [3, H, W], -1..1
        rgb = (shown.float().clamp(-1.0, 1.0) * 127.5 + 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
        return self._encoder.encode(
            to_size(np.ascontiguousarray(rgb), SIDE, SIDE, fit="crop"), quality=QUALITY, chroma="420"
        )
