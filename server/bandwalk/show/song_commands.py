"""The commands and parameters of the song that plays: position, loop, cue points, the next and the previous song."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bandwalk.audio import Deck, Feed
from bandwalk.audio.deck import MIN_LOOP_S
from bandwalk.clock import Clock
from bandwalk.control import Controller, Handler, Store
from bandwalk.errors import ParameterError
from bandwalk.params.row import Value
from bandwalk.params.song_rows import CUES, MAX_S
from bandwalk.params.values import number
from bandwalk.show.cues import Cues
from bandwalk.show.handlers import Reporter
from bandwalk.show.player import Player
from bandwalk.show.threads import LatestWorker
from bandwalk.units import samples_to_s

POSITION, LOOP_IN, LOOP_OUT, CUE_AT = "/transport/position", "/loop/in", "/loop/out", "/cue/at/"

TELL_S = 0.5
"""Time between two values of the position."""

REPEAT_S = 2.0
"""Time after which signals are sent again, for clients that are new."""


class SongControl:
    """What controllers do to the song, and what they are told of it.

    The rows hold what the deck does: it is written into them again after each change, so a value that was refused, or
    one of the song before, does not stay.

    Args:
        player: plays songs.
        tell:   sends signals to all controllers.
        report: tells a controller what is refused.
    """

    def __init__(
        self,
        feed: Feed,
        store: Store,
        player: Player,
        *,
        clock: Clock,
        tell: Callable[[Mapping[str, Value]], None],
        report: Reporter,
    ) -> None:
        self._feed, self._store, self._player, self._clock = feed, store, player, clock
        self._tell, self._report = tell, report
        self._cues = Cues()
        self._told: Mapping[str, Value] = {}
        self._t_position = self._t_signals = 0.0
        self._wanted: list[tuple[Deck, float]] = []  # none or one
        self._is_stale = True
        self._seeker: LatestWorker[None] = LatestWorker("seek", lambda _: self._seek())
        self.skipped = ""

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        return {
            "/transport/play": lambda args, _: self._feed.play(),
            "/transport/pause": lambda args, _: self._feed.pause(),
            "/transport/seek": lambda args, _: self._go(self._deck("/transport/seek"), args[0]),
            "/transport/next": lambda args, _: self._player.step(1),
            "/transport/previous": lambda args, _: self._player.step(-1),
            "/loop/off": lambda args, _: self._end_loop(),
            "/cue/set": lambda args, _: self._set_cue(*args),
            "/cue/clear": lambda args, _: self._set_cue(args[0], -1.0),
            **{f"/cue/{n}": partial(self._use_cue, n) for n in CUES},
        }

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Do what a controller asks by a parameter: a listener of the store."""
        if controller is None or not address.startswith((POSITION, LOOP_IN, LOOP_OUT, CUE_AT)):
            return
        try:
            self._set(address, number({address: value}, address))
        except ParameterError as e:
            self._report(controller, address, str(e))
        self._is_stale = True

    def comes_back(self, values: Mapping[str, Value]) -> None:
        """Take the loop and the cue points of a song that comes back."""
        deck = self._deck(POSITION)
        for n in CUES:
            t_s = values.get(f"{CUE_AT}{n}")
            if isinstance(t_s, float) and t_s >= 0.0:
                self._cues.set(self._key, n, t_s)
        in_s, out_s = values.get(LOOP_IN, 0.0), values.get(LOOP_OUT, 0.0)
        if isinstance(in_s, float) and isinstance(out_s, float) and out_s - in_s >= MIN_LOOP_S:
            deck.set_loop(in_s, out_s)
        self._is_stale = True

    def changed(self) -> None:
        """Note that another song is heard."""
        self._is_stale = True

    def turn(self) -> None:
        """Tell where the song is, twice a second, and what has changed: called every few hundredths of a second."""
        now = self._clock.now()
        if self._is_stale or (now - self._t_position >= TELL_S and not self._wanted):
            self._is_stale, self._t_position = False, now
            self._store.read(lambda values: self._write(values))  # noqa: PLW0108  while nobody sets them
        signals = self._signals()
        if signals != self._told or now - self._t_signals >= REPEAT_S:
            self._told, self._t_signals = signals, now
            self._tell(signals)

    def _write(self, values: Mapping[str, Value]) -> None:
        """Write into the rows what the deck does."""
        deck = self._player.deck
        in_s, out_s = (0.0, 0.0) if deck is None else deck.loop_s
        rows: dict[str, Value] = {LOOP_IN: in_s, LOOP_OUT: out_s, **self._cues.rows(self._key)}
        if not self._wanted:
            rows[POSITION] = 0.0 if deck is None else min(deck.position_s, MAX_S)
        self._store.set_many(rows)

    def _signals(self) -> dict[str, Value]:
        deck = self._player.deck
        length = None if deck is None else deck.length
        return {
            "/transport/song": self._player.song,
            "/transport/duration": samples_to_s(length or 0),
            "/transport/playing": int(self._feed.is_playing),
            "/transport/skipped": self.skipped,
        }

    @property
    def _key(self) -> str:
        """The song, as its cue points are kept."""
        return str(self._player.path or self._feed.source.name)

    def _deck(self, address: str) -> Deck:
        """Return the deck.

        Raises:
            ParameterError: live sound is heard, which has none.
        """
        deck = self._player.deck
        if deck is None:
            raise ParameterError(f"{address}: {self._feed.source.name} is live sound; expected a song")
        return deck

    def _set(self, address: str, value: float) -> None:
        deck = self._deck(address)
        if address == POSITION:
            self._go(deck, value)
        elif address.startswith(CUE_AT):
            self._cues.set(self._key, int(address.removeprefix(CUE_AT)), value)
        else:
            values = self._store.values
            try:
                deck.set_loop(number(values, LOOP_IN), number(values, LOOP_OUT))
            except ParameterError as e:
                raise ParameterError(f"{address}: {e}") from e

    def _end_loop(self) -> None:
        self._deck("/loop/off").set_loop(0.0, 0.0)
        self._is_stale = True

    def _set_cue(self, number: int, t_s: float | None = None) -> None:
        deck = self._deck("/cue/set")
        self._cues.set(self._key, number, deck.position_s if t_s is None else t_s)
        self._is_stale = True

    def _use_cue(self, number: int, args: list[Any], controller: Controller) -> None:
        """Go to a cue point; one that is not set is set."""
        deck = self._deck(f"/cue/{number}")
        t_s = self._cues.of(self._key)[number - 1]
        if t_s >= 0:
            self._go(deck, t_s)
        else:
            self._set_cue(number)

    def _go(self, deck: Deck, t_s: float) -> None:
        """Go to a second, on a thread of its own: to seek in a file may take a while."""
        self._wanted = [(deck, max(0.0, min(t_s, MAX_S)))]
        self._seeker.ask(None)

    def _seek(self) -> None:
        wanted = self._wanted
        for deck, t_s in wanted:
            deck.seek(t_s)
        if wanted is self._wanted:
            self._wanted = []
        self._is_stale = True
