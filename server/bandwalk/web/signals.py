"""Features, spectrum and frames for WebSocket clients: values by address, at a rate that suits the eye."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bandwalk.params.row import INT32, Value
from bandwalk.params.signals import FEATURES, SIGNALS, numbers_of
from bandwalk.records import Features

PERIOD_S = 0.03
"""Shortest time between two sendings, fast enough for the eye; programs that need every step subscribe by UDP.

Each sending wakes the web server's thread, which costs more than what is sent.
"""

UNSEEN_PERIOD_S = 1.0
"""The same for the spectrum while nobody listens to it: who asks for a value gets one that is no older."""

_FEATURES = tuple(row.address for row in FEATURES)
_SPECTRUM = tuple(row.address for row in SIGNALS if row.address.startswith("/spectrum/"))


class Signals:
    """Sends only some of the analysis steps; no onset is lost.

    Args:
        send:     called with values by address.
        is_heard: tells whether anybody listens to one of these addresses.
    """

    def __init__(self, send: Callable[[Mapping[str, Value]], None], is_heard: Callable[[Iterable[str]], bool]) -> None:
        self._send = send
        self._is_heard = is_heard
        self._told = self._shown = -1.0
        self._missed: Features | None = None
        self._key = ""
        self._input: dict[str, Value] = {}
        self._frame: dict[str, Value] = {}
        self._is_hearing = False

    def hear(self, features: Features, spectrum: Callable[[], Sequence[float]]) -> None:
        """Take one analysis step: send it, or keep its onsets for the next step that is sent.

        Args:
            features: of the step.
            spectrum: returns the level of each third-octave; called only if it is sent.
        """
        if self._missed is not None:
            features = features.with_hits(self._missed)
        if not _is_due(self._told, features.t_audio, PERIOD_S):
            self._missed = features
            return
        self._told, self._missed = features.t_audio, None
        values: dict[str, Value] = dict(zip(_FEATURES, numbers_of(features), strict=True))
        if features.music.key != self._key:
            values["/feature/key"] = self._key = features.music.key
        if self._is_heard(_SPECTRUM) or _is_due(self._shown, features.t_audio, UNSEEN_PERIOD_S):
            self._shown = features.t_audio
            values |= zip(_SPECTRUM, spectrum(), strict=True)
        self._is_hearing, frame, self._frame = True, self._frame, {}
        self._send(values | frame)

    def input(self, db: float, health: str) -> None:
        """Take the input's peak in dBFS and its fault; send them if they are new."""
        now: dict[str, Value] = {"/audio/level_db": db, "/audio/health": health}
        if now != self._input:
            self._send({address: value for address, value in now.items() if value != self._input.get(address)})
            self._input = now

    def frame(self, seq: int, age_ms: float) -> None:
        """Take one published frame: its number and the age of its sound.

        Where steps are sent, they go with the next one: each packet has its price, on both sides.
        """
        values: dict[str, Value] = {"/frame/seq": seq & INT32, "/frame/age_ms": age_ms}
        if self._is_hearing:
            self._is_hearing, self._frame = False, values
        else:
            self._send(values)


def _is_due(before: float, now: float, period_s: float) -> bool:
    """Return whether a period is over; if the clock was set back, a new one starts."""
    return not 0.0 <= now - before < period_s * 0.99  # steps are not exact binary fractions
