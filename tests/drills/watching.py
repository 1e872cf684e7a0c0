"""A viewer of a drill: notes each frame, and says afterwards how the picture went on."""

import threading
import time

import zmq
from frames import meta_of, picture_of

DEADLINE_S = 60.0


class Watching:
    """Receives frames in a thread of its own while the body runs; prints a line of figures at its end.

    name: of the drill, in that line.
    """

    def __init__(self, base, name):
        self._name, self._ended = name, threading.Event()
        self._socket = zmq.Context.instance().socket(zmq.SUB)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.connect(f"tcp://127.0.0.1:{base + 2}")
        self.came, self.pictures, self.metas = [], [], []
        self._grown = threading.Condition()
        self._thread = threading.Thread(target=self._receive, daemon=True)

    def _receive(self):
        while not self._ended.is_set():
            if not self._socket.poll(50):
                continue
            message = self._socket.recv()
            with self._grown:
                self.came.append(time.monotonic())
                self.pictures.append(hash(picture_of(message)))
                self.metas.append(meta_of(message))
                self._grown.notify_all()

    def moves(self, count=5):
        """Wait until so many pictures have come from now on of which at least half differ."""
        begun = len(self.pictures)
        with self._grown:
            is_so = self._grown.wait_for(lambda: len(set(self.pictures[begun:])) > count // 2, DEADLINE_S)
        assert is_so, f"{self._name}: the picture does not move"

    @property
    def longest_gap_s(self):
        """The longest time without a frame, seconds."""
        return max((b - a for a, b in zip(self.came, self.came[1:], strict=False)), default=0.0)

    def __enter__(self):
        self._thread.start()
        self.moves()
        return self

    def __exit__(self, kind, *exc):
        if kind is None:
            self.moves()
        self._ended.set()
        self._thread.join()
        self._socket.close(linger=0)
        seconds = self.came[-1] - self.came[0] if self.came else 0.0
        figures = f"{len(self.came)} frames in {seconds:.1f} s, {len(set(self.pictures))} differ"
        print(f"{self._name}: {figures}, longest gap {1000 * self.longest_gap_s:.0f} ms")
