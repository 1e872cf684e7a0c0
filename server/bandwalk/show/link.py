"""Ableton Link: the tempo and the beat that programs on one network share.

aalink is GPL-3, so it is an extra that the user installs, and is imported only if Link is asked for. It needs an
asyncio loop, which runs on a thread here.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bandwalk.params.values import Values, number, text, whole
from bandwalk.pipeline.beat_clock import Timebase

logger = logging.getLogger(__name__)

TURN_S = 0.02
"""Time between two readings of the session."""

ACCURATE_S = 2e-4
"""A reading that takes longer was interrupted, and is repeated."""

STEER_S = 0.25
"""Time between two corrections of the session's tempo: other programs show each of them."""

SAME_S, FAR_BEATS = 0.001, 0.1
"""A beat that is off by less than the first is right; one off by more than the second is set at once.

In between the tempo is changed a little until the beat is right.
"""

CATCH_UP_S, MAX_STEER = 2.0, 0.02
"""Time in which the beat is made right, and most change of the tempo for it, as a share."""

SAME_BPM = 0.01
"""Smallest change of the tempo that is sent."""

MISSING = "Ableton Link: aalink is not installed; expected pip install 'bandwalk[link]'"

Report = Callable[[object, str, str], None]
"""Reports a reason to a controller: (controller, address, reason)."""


@dataclass(frozen=True, slots=True)
class LinkCalls:
    """What a session needs from the show.

    values: returns the present values of the live parameters.
    shown:  returns where the chosen clock is; None: nowhere yet.
    report: tells a controller why there is no Link.
    """

    values: Callable[[], Values]
    shown: Callable[[], Timebase | None]
    report: Report


class LinkSession:
    """Takes part in a Link session while /beat/from is link, and always where it leads.

    Args:
        leads: set the session's tempo and beat to the chosen clock's; while Link itself is chosen, its tempo to
            /beat/bpm when that changes.
    """

    def __init__(self, calls: LinkCalls, *, leads: bool) -> None:
        self.peers: int | None = None
        """Other programs in the session; None: this one is not in it."""
        self._calls = calls
        self._leads = leads
        self._line: Timebase | None = None
        self._runs = 0
        self._is_missing = False
        self._wanted = threading.Event()
        self._is_closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._asked_by: object = None
        self._led_bpm = 0.0  # of /beat/bpm, at the last turn
        self._t_steered = 0.0

    def read(self) -> Timebase | None:
        """Return where the session is; None where there is no session."""
        return self._line

    def follow(self, address: str, value: object, controller: object) -> None:
        """Join or leave as /beat/from says: a listener of the store."""
        if address == "/beat/from":
            self.ask(wanted=value == "link", controller=controller)

    def ask(self, *, wanted: bool, controller: object = None) -> None:
        """Join the session, or leave it where it is not led; never waits."""
        if not wanted and not self._leads:
            self._wanted.clear()
            return
        self._asked_by = controller
        self._wanted.set()
        if self._is_missing:
            self._calls.report(controller, "/beat/from", MISSING)
        elif self._thread is None:
            self._thread = threading.Thread(target=self._work, name="link", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Leave the session."""
        self._is_closed.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _work(self) -> None:
        try:
            from aalink import Link
        except ImportError:
            self._is_missing = True
            logger.warning("%s", MISSING)
            self._calls.report(self._asked_by, "/beat/from", MISSING)
            return
        while not self._is_closed.is_set():
            self._wanted.wait()
            if not self._is_closed.is_set():
                self._run(Link)

    def _run(self, link_type: Any) -> None:
        try:
            asyncio.run(self._take_part(link_type))
        except (RuntimeError, OSError) as e:  # as where the network is taken away; the show goes on
            logger.error("Ableton Link: %s; tries again", e)
            self._is_closed.wait(1.0)

    async def _take_part(self, link_type: Any) -> None:
        """Be in the session until it is not wanted any more."""
        shown = self._calls.shown()
        link = link_type(shown.bpm if shown is not None else number(self._calls.values(), "/beat/bpm"))
        self._led_bpm = number(self._calls.values(), "/beat/bpm")
        link.enabled = True
        logger.info("Ableton Link: joined at %.2f bpm", link.tempo)
        try:
            while self._wanted.is_set() and not self._is_closed.is_set():
                self._turn(link, self._calls.values())
                await asyncio.sleep(TURN_S)
        finally:
            link.enabled = False
            self._line = self.peers = None

    def _turn(self, link: Any, values: Values) -> None:
        bar = whole(values, "/beat/beats_per_bar")
        if link.quantum != bar:
            link.quantum = bar
        peers = link.num_peers
        if peers and not self.peers:
            self._runs += 1  # its beat is that of the others now
        self.peers = peers
        if self._leads:
            self._lead(link, values, bar)
        t, beats = _read_beats(link)
        self._line = Timebase(t, beats, round(link.tempo, 2), self._runs)

    def _lead(self, link: Any, values: Values, bar: int) -> None:
        bpm, before = number(values, "/beat/bpm"), self._led_bpm
        self._led_bpm = bpm
        if text(values, "/beat/from") == "link":
            if bpm != before:
                link.tempo = bpm
            return
        shown = self._calls.shown()
        if shown is None:
            return
        t, beats = _read_beats(link)
        off = (shown.at(t) - beats + bar / 2) % bar - bar / 2
        if abs(off) > FAR_BEATS:
            link.tempo = shown.bpm
            link.force_beat(shown.at(time.monotonic()))
        elif t - self._t_steered > STEER_S:
            self._t_steered = t
            bpm = steered(shown.bpm, off)
            if abs(bpm - link.tempo) > SAME_BPM:
                link.tempo = bpm


def steered(bpm: float, off: float) -> float:
    """Return the tempo that makes a beat right that is off by so many beats, the session's being behind above 0."""
    if abs(off) * 60.0 / bpm < SAME_S:
        return bpm
    most = MAX_STEER * bpm
    return bpm + min(max(off * 60.0 / CATCH_UP_S, -most), most)


def _read_beats(link: Any) -> tuple[float, float]:
    """Return a time, monotonic seconds, and where the session is then, beats."""
    for _ in range(5):
        before = time.monotonic()
        beats = float(link.beat)
        after = time.monotonic()
        if after - before < ACCURATE_S:
            break
    return (before + after) / 2, beats
