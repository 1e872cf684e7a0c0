"""A deck: plays a sound that can be read, loops a part of it, and goes over to the next one, at once or in a fade."""

import math
import threading
from collections.abc import Callable

import numpy as np

from bandwalk.audio.crossfade import Crossfade, with_channels
from bandwalk.audio.demo import DemoSource
from bandwalk.audio.sound_file import FileSource
from bandwalk.audio.source import PullSource
from bandwalk.errors import ParameterError
from bandwalk.records import Counters
from bandwalk.units import s_to_samples, samples_to_s

MIN_LOOP_S = 0.05
"""Shortest loop: each turn of it seeks in the file."""

_MAX_TURNS = 16
"""Most jumps in one reading: a block has room for no more."""


class Deck:
    """A source that is read at our pace, with a loop and with the source that comes after it.

    What it gives is what the parts give, sample by sample: up to the end of the loop, then from its start. Two songs
    follow each other without a gap, or fade into each other; position, length and loop are those of the one that comes.
    All methods may be called from any thread.

    Args:
        source:  open; the deck closes it.
        went_on: called when the next source has begun, by the thread that reads; must not wait.
    """

    def __init__(self, source: PullSource, went_on: Callable[[], object] = lambda: None) -> None:
        self.went_on = went_on
        self._lock = threading.Lock()
        self._counters = Counters()
        self._repeats = isinstance(source, FileSource) and source.loop
        self._next: PullSource | None = None
        self._fade_s = 0.0
        self._fade = Crossfade()
        self._went_on = False
        self._left: list[PullSource] = []
        self._is_closed = False
        self._channels = 1
        self._take_up(source)

    @property
    def name(self) -> str:
        """The name of what plays."""
        return self._source.name

    @property
    def counters(self) -> Counters:
        """The counters of faults."""
        return self._counters

    @counters.setter
    def counters(self, counters: Counters) -> None:
        self._counters = self._source.counters = counters

    @property
    def is_about(self) -> bool:
        """Whether the length is only a header's."""
        return self._source.is_about

    @property
    def is_cut(self) -> bool:
        """Whether the sound ended before the file's real end."""
        return self._source.is_cut

    @property
    def length(self) -> int | None:
        """Samples at 48 kHz of what plays; None if the file does not say."""
        return self._source.length

    @property
    def position_s(self) -> float:
        """Where the next sample comes from, seconds."""
        return samples_to_s(self._at)

    @property
    def loop_s(self) -> tuple[float, float]:
        """Start and end of the loop, seconds; it is on where the end is later."""
        return samples_to_s(self._loop[0]), samples_to_s(self._loop[1])

    def set_loop(self, in_s: float, out_s: float) -> None:
        """Play the part between two seconds again and again; an end that is not later than the start ends the loop.

        Raises:
            ParameterError: the loop is too short.
        """
        if 0.0 < out_s - in_s < MIN_LOOP_S - 1e-6:
            raise ParameterError(f"a loop of {out_s - in_s:.3f} s; expected at least {MIN_LOOP_S:g} s")
        with self._lock:
            self._loop = (s_to_samples(in_s), s_to_samples(out_s))

    def set_repeat(self, repeats: bool) -> None:
        """Start a file again when it ends, or do not; the demo always does."""
        with self._lock:
            self._repeats = repeats
            if isinstance(self._source, FileSource):
                self._source.loop = repeats

    def set_next(self, source: PullSource | None) -> None:
        """Play this source when the present one ends; the deck closes it. None: no other."""
        with self._lock:
            if not self._is_closed:
                source, self._next = self._next, source
        if source is not None:
            source.close()

    def set_crossfade(self, fade_s: float) -> None:
        """Begin the next source so many seconds before the end of the present one; 0: when it has ended.

        A fade takes at most half of each of the two. A source that does not know its length does not fade out.
        """
        with self._lock:
            self._fade_s = fade_s

    def fade_to(self, source: PullSource) -> None:
        """Go over to a source now, in a fade; the deck closes it."""
        with self._lock:
            if self._is_closed:
                self._left.append(source)
            else:
                self._change_to(source)
        self._close_left()

    def plays(self, source: PullSource) -> bool:
        """Return whether it plays this source."""
        return self._source is source

    def read(self, n: int) -> np.ndarray:
        """Return the next samples, [n, channels] float32 at 48 kHz; fewer where the sound ends.

        Where the next source has another number of channels, it has that of the one before until the reading ends.
        """
        with self._lock:
            pieces = self._pieces(n)
            went_on, self._went_on = self._went_on, False
        self._close_left()
        if went_on:
            self.went_on()
        if not pieces:
            return np.zeros((0, self._channels), np.float32)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def seek(self, t_s: float) -> None:
        """Go to this second, limited to the start and the end."""
        with self._lock:
            self._seek(t_s)

    def close(self) -> None:
        """Close what is open; from now on :meth:`read` returns no samples."""
        with self._lock:
            self._is_closed = True
            self._left += [self._source, *self._fade.stop(), *([] if self._next is None else [self._next])]
            self._next = None
        self._close_left()

    def _take_up(self, source: PullSource) -> None:
        source.counters = self._counters
        if isinstance(source, FileSource):
            source.loop = self._repeats
        self._source = source
        self._at = 0
        self._loop = (0, 0)

    def _close_left(self) -> None:
        """Close what is not heard any more, while nobody waits for it."""
        with self._lock:
            left, self._left = self._left, []
        for source in left:
            source.close()

    def _seek(self, t_s: float) -> None:
        self._source.seek(t_s)
        length = self._source.length
        end_s = t_s if length is None or t_s < samples_to_s(length) else samples_to_s(length)
        self._at = s_to_samples(max(0.0, end_s))
        if isinstance(self._source, DemoSource) and length:
            self._at %= length

    def _pieces(self, n: int) -> list[np.ndarray]:
        """Read up to n samples from one source after the other."""
        pieces: list[np.ndarray] = []
        turns = 0
        while n > 0 and turns < _MAX_TURNS:
            x = self._read_some(n)
            if not len(x):
                turns += 1
                if self._is_closed or not self._go_on():
                    break
                continue
            self._note(len(x))
            if self._fade.is_on:
                x = self._fade.mix(x)
                self._left += self._fade.take_silent()
            pieces.append(with_channels(x, pieces[0].shape[1]) if pieces else x)
            n -= len(x)
        if pieces:
            self._channels = pieces[0].shape[1]
        return pieces

    def _read_some(self, n: int) -> np.ndarray:
        """Return samples up to the end of the loop or the start of a fade, at most n; none where something follows."""
        start, end = self._loop
        if end > start:
            if self._at >= end:
                self._seek(samples_to_s(start))
            n = min(n, end - self._at)
        elif self._next is not None:
            n = int(min(n, self._until_fade(self._next)))
        return self._source.read(n)

    def _until_fade(self, source: PullSource) -> float:
        """Return how many samples come before the source that follows begins to fade in; inf: all there are."""
        fade, length = self._fade_samples(source), self._source.length
        return math.inf if not fade or length is None or self._at >= length else max(0, length - fade - self._at)

    def _fade_samples(self, source: PullSource) -> int:
        """Return the length of a fade to a source."""
        lengths = (self._source.length, source.length)
        return min([s_to_samples(self._fade_s), *(length // 2 for length in lengths if length is not None)])

    def _note(self, n: int) -> None:
        """Count what was read; a source that starts again by itself is at its start after its end."""
        self._at += n
        length = self._source.length
        if length and self._at >= length and (self._repeats or isinstance(self._source, DemoSource)):
            self._at -= length

    def _go_on(self) -> bool:
        """Go on where the source gives nothing: at the start of the loop, or with the next source."""
        start, end = self._loop
        if end > start and self._at > start:
            self._seek(samples_to_s(start))
            return True
        if self._next is None:
            return False
        source, self._next = self._next, None
        self._change_to(source)
        self._went_on = True
        return True

    def _change_to(self, source: PullSource) -> None:
        """Begin a source; the one before fades out, over what is left of it."""
        old, length = self._source, self._source.length
        n = self._fade_samples(source)
        n = n if length is None else min(n, length - self._at)
        self._left += self._fade.begin(old, n) if n > 0 else [old]
        self._take_up(source)
