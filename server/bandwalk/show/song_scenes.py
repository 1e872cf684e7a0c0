"""Scenes that begin with songs, as lines of a list say."""

from collections.abc import Callable

from bandwalk.errors import BandwalkError
from bandwalk.show.player import Player

_MAX_TOLD = 8
"""Most scenes of a list that are reported because they are unknown."""


class SongScenes:
    """Asks for the scene of each song that begins, by a line ``#BANDWALK-SCENE:name`` before it.

    Args:
        go:    asks for a scene, or another preset, by its name; it begins on the next line of the music. It raises a
               BandwalkError where there is none. It reads a file, so it is never called by a thread of the show.
        knows: returns whether there is such a scene or preset.
        fault: is told in one line what is wrong.
    """

    def __init__(
        self,
        player: Player,
        *,
        go: Callable[[str], object],
        knows: Callable[[str], bool],
        fault: Callable[[str], object],
    ) -> None:
        self._player, self._go, self._knows, self._fault = player, go, knows, fault
        self._checked: tuple[str, ...] = ()

    def begin(self, *, is_new: bool = True) -> None:
        """Follow a song that begins; is_new: False where it has begun earlier, before a restart."""
        self._check(self._player.scenes)
        name = self._player.scene
        if not name or not is_new:
            return
        try:
            self._go(name)
        except BandwalkError as e:
            self._fault(f"scene {name} of {self._player.song}: {e}")

    def _check(self, scenes: tuple[str, ...]) -> None:
        """Report what a new list names and nobody knows, before its song begins."""
        if scenes is self._checked:
            return
        self._checked = scenes
        unknown = [name for name in dict.fromkeys(filter(None, scenes)) if not self._knows(name)]
        for name in unknown[:_MAX_TOLD]:
            self._fault(f"scene {name} of a list of songs: no such scene or preset; its song plays without it")
