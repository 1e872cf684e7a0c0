"""Plays songs one after the other: what comes next is open before the present one ends."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bandwalk.audio import Deck, Feed, PullSource, list_songs
from bandwalk.control import Store
from bandwalk.errors import ParameterError
from bandwalk.params.values import number, text
from bandwalk.show.opened import Opened, Opener
from bandwalk.show.threads import LatestWorker

logger = logging.getLogger(__name__)

REPEAT, CROSSFADE, SOURCE = "/transport/repeat", "/transport/crossfade", "/audio/source"


class Player:
    """The list of songs that is heard, and the place in it.

    Its own thread opens songs: the next one ahead, and the one that a hand asks for.

    Args:
        feed:    what is heard.
        opened:  what it begins with.
        opener:  opens songs.
    """

    def __init__(self, feed: Feed, store: Store, opened: Opened, opener: Opener) -> None:
        self.changed: Callable[[], object] = lambda: None
        """Called when another song is heard, by any thread; must not wait."""
        self._feed, self._store, self._opener = feed, store, opener
        self._lock = threading.Lock()
        self._opened = opened
        self._place = opened.place
        self._ahead: tuple[int, PullSource] | None = None
        self._steps = 0
        self._worker: LatestWorker[None] = LatestWorker("songs", lambda _: self._settle())
        self._take(opened)

    @property
    def deck(self) -> Deck | None:
        """What plays; None: live sound."""
        return self._opened.deck

    @property
    def song(self) -> str:
        """Name of the song that plays, in the music folder or alone; empty: it is no file."""
        opened, place = self._opened, self._place
        return self.name_of(opened.songs[place]) if place < len(opened.songs) else ""

    @property
    def scene(self) -> str:
        """Name of the scene that begins with the song that plays; empty: none."""
        opened, place = self._opened, self._place
        return opened.scenes[place] if place < len(opened.scenes) else ""

    @property
    def scenes(self) -> tuple[str, ...]:
        """Names of the scenes that begin with the songs of the list; replaced, never changed."""
        return self._opened.scenes

    @property
    def path(self) -> Path | None:
        """File of the song that plays; None: it is no file."""
        opened, place = self._opened, self._place
        return opened.songs[place] if place < len(opened.songs) else None

    def name_of(self, path: Path) -> str:
        """Return the name by which /audio/source knows a song; of one outside the music folder the last part."""
        folder = self._opener.folder
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name

    def switch(self, opened: Opened) -> None:
        """Play what was opened, in place of what is heard."""
        self._feed.switch(opened.source)
        self._take(opened)

    def comes_back(self, song: str, t_s: float) -> bool:
        """Go on with a song from a second on, as before a restart and before anything is heard; return whether it can.

        Args:
            song: its path; empty: what plays is no file.
        """
        opened = self._opened
        paths = [str(path) for path in opened.songs] or [""]
        if opened.deck is None or song not in paths:
            return False
        place = paths.index(song)
        if place != opened.place:
            found = self._opener.open_next(opened.songs, place, 0)
            if found is None:
                return False
            opened = replace(opened, source=Deck(found[1]), place=place)
            self._feed.switch(opened.source)
            self._take(opened, is_new=False)
        assert opened.deck is not None
        opened.deck.seek(t_s)
        return True

    def step(self, by: int) -> None:
        """Play the song that is so many places further on in the list.

        Raises:
            ParameterError: there is no list, and no song of the music folder plays.
        """
        if self.path is None:
            raise ParameterError(f"{self._feed.source.name} is no song; expected a song, a list or a folder")
        with self._lock:
            self._steps += by
        self._worker.ask(None)

    def follow(self, address: str, value: object, controller: object) -> None:
        """Open another song ahead, where that depends on a parameter: a listener of the store."""
        if address in {REPEAT, CROSSFADE}:
            self._worker.ask(None)

    def _take(self, opened: Opened, *, is_new: bool = True) -> None:
        with self._lock:
            self._opened, self._place, self._ahead, self._steps = opened, opened.place, None, 0
        if opened.deck is not None:
            opened.deck.went_on = lambda: self._worker.ask(None)
        if is_new:
            self.changed()
        self._worker.ask(None)

    def _settle(self) -> None:
        """Do what is due: note that the next song has begun, go where a hand asked, open the next song ahead."""
        opened = self._opened
        deck = opened.deck
        if deck is None:
            return
        self._note_next(opened, deck)
        with self._lock:
            steps, self._steps = self._steps, 0
        if steps:
            self._go(opened, steps)
        elif opened is self._opened:
            self._open_ahead(opened, deck)

    def _note_next(self, opened: Opened, deck: Deck) -> None:
        with self._lock:
            if opened is not self._opened or self._ahead is None or not deck.plays(self._ahead[1]):
                return
            self._place, self._ahead = self._ahead[0], None
        logger.info("plays %s", self.song)
        self.changed()

    def _go(self, opened: Opened, steps: int) -> None:
        """Play another song of the list, or of the music folder."""
        songs, place = opened.songs, self._place
        if len(songs) == 1:
            songs = self._songs_around(opened.songs[0])
            if opened.songs[0] not in songs:
                self._opener.skipped(f"{self.song} is alone; expected a list, or a song of the music folder")
                return
            place = songs.index(opened.songs[0])
        found = self._opener.open_next(songs, (place + steps) % len(songs), 1 if steps > 0 else -1)
        if found is None:
            return
        place, source = found
        if len(opened.songs) == 1:
            source.close()  # /audio/source opens it, for all controllers to see
            self._store.set(SOURCE, self.name_of(songs[place]), clamp=False)
        elif opened is self._opened:
            self._change_to(place, source)
        else:
            source.close()

    def _change_to(self, place: int, source: PullSource) -> None:
        """Play another song of the list: in a fade by the deck that plays, or at once by one of its own."""
        deck = self._opened.deck
        if deck is None or not self._feed.is_playing or not number(self._store.values, CROSSFADE):
            self.switch(replace(self._opened, source=Deck(source), place=place))
            return
        self._set_ahead(self._opened, deck, None)
        deck.fade_to(source)
        with self._lock:
            self._place = place
        self.changed()
        self._worker.ask(None)

    def _songs_around(self, song: Path) -> tuple[Path, ...]:
        """Return the songs of the music folder; with the one that plays, even if its file is gone meanwhile."""
        folder = self._opener.folder
        songs = list_songs(folder)
        if song not in songs and song.is_relative_to(folder):
            name = song.name.casefold()
            later = (n for n, each in enumerate(songs) if each.parent == song.parent and each.name.casefold() > name)
            songs.insert(next(later, len(songs)), song)
        return tuple(songs)

    def _open_ahead(self, opened: Opened, deck: Deck) -> None:
        """Open what follows, or close it again if it does not follow any more."""
        repeat, n = text(self._store.values, REPEAT), len(opened.songs)
        deck.set_crossfade(number(self._store.values, CROSSFADE))
        deck.set_repeat(repeat == "one" or (repeat == "all" and n < 2))
        after = self._place + 1
        if n < 2 or repeat == "one" or (repeat == "off" and after == n):
            self._set_ahead(opened, deck, None)
        elif self._ahead is None or (repeat == "off" and self._ahead[0] < after):
            self._set_ahead(opened, deck, self._open_after(opened.songs, after, goes_round=repeat == "all"))

    def _set_ahead(self, opened: Opened, deck: Deck, ahead: tuple[int, PullSource] | None) -> None:
        with self._lock:
            if opened is self._opened:
                self._ahead = ahead
        deck.set_next(None if ahead is None else ahead[1])  # one that was left closes it

    def _open_after(self, songs: tuple[Path, ...], after: int, *, goes_round: bool) -> tuple[int, PullSource] | None:
        if goes_round:
            return self._opener.open_next(songs, after % len(songs), 1)
        found = self._opener.open_next(songs[after:], 0, 1)
        return None if found is None else (found[0] + after, found[1])
