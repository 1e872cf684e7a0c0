"""Cue points of songs, kept in memory while the show runs."""

from collections import OrderedDict

from bandwalk.errors import ParameterError
from bandwalk.params.row import Value
from bandwalk.params.song_rows import CUES, NO_CUE

MAX_SONGS = 1000
"""Songs whose cue points are kept; those of the song that was used longest ago go first."""


class Cues:
    """Eight places in each song, seconds; negative: not set."""

    def __init__(self) -> None:
        self._songs: OrderedDict[str, tuple[float, ...]] = OrderedDict()

    def of(self, song: str) -> tuple[float, ...]:
        """Return all places of a song."""
        return self._songs.get(song, (NO_CUE,) * len(CUES))

    def set(self, song: str, number: int, t_s: float) -> None:
        """Set a cue point; a negative place clears it, and number 0 is all of them.

        Raises:
            ParameterError: no such number.
        """
        if number not in (0, *CUES):
            raise ParameterError(f"cue point {number}: expected {CUES[0]}..{CUES[-1]}")
        places, t_s = self.of(song), t_s if t_s >= 0 else NO_CUE
        self._songs[song] = tuple(t_s if number in (0, n) else old for n, old in zip(CUES, places, strict=True))
        self._songs.move_to_end(song)
        while len(self._songs) > MAX_SONGS:
            self._songs.popitem(last=False)

    def rows(self, song: str) -> dict[str, Value]:
        """Return the values of the rows under /cue/at."""
        return {f"/cue/at/{n}": place for n, place in zip(CUES, self.of(song), strict=True)}
