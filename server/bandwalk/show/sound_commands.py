"""What controllers do to the sound of a show: the song that plays, the list, and what can be heard."""

import logging
from collections.abc import Callable

from bandwalk.control import Dispatcher, Handler
from bandwalk.params.row import Value
from bandwalk.show.parts import ShowParts
from bandwalk.show.player import Player
from bandwalk.show.scene_commands import Scenes, tell_all
from bandwalk.show.song_commands import POSITION, SongControl
from bandwalk.show.song_scenes import SongScenes
from bandwalk.show.song_waves import SongWaves
from bandwalk.show.sound_list import SoundList
from bandwalk.show.state_file import State

logger = logging.getLogger(__name__)


class SoundCommands:
    """The sound of a show: :meth:`turn` every few hundredths of a second, :meth:`close`.

    Args:
        scenes:     those that begin with songs.
        dispatcher: returns the show's, which is made later.
    """

    def __init__(self, parts: ShowParts, scenes: Scenes, dispatcher: Callable[[], Dispatcher]) -> None:
        self._dispatcher = dispatcher
        parts.opener.skipped = self._skip
        self.player = Player(parts.feed, parts.store, parts.opened, parts.opener)
        self._song = SongControl(
            parts.feed,
            parts.store,
            self.player,
            clock=parts.clock,
            tell=lambda values: tell_all(parts, values),
            report=lambda controller, address, reason: dispatcher().report(controller, address, reason),
        )
        self._scenes = SongScenes(self.player, go=scenes.go_to, knows=scenes.knows, fault=self._skip)
        self.player.changed = self._changed
        folder = parts.settings.folders.music
        self._list = SoundList(folder, lambda controller, reply: dispatcher().answer(controller, reply))
        self.song_has_come = self._list.renew
        self.waves = SongWaves(self.player, self._list.surveyor)

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        return {**self._song.handlers(), "/audio/list": lambda args, controller: self._list.ask(controller)}

    def follow(self, address: str, value: Value, controller: object) -> None:
        """Follow the parameters that concern the sound: a listener of the store."""
        self._song.follow(address, value, controller)
        self.player.follow(address, value, controller)

    def comes_back(self, state: State) -> None:
        """Play what a state was at, from where it was."""
        at = state.values.get(POSITION)
        if self.player.comes_back(state.song, at if isinstance(at, float) else 0.0):
            self._song.comes_back(state.values)

    def begin(self, *, is_new: bool) -> None:
        """Begin the scene of the first song; is_new: False where it has begun before a restart."""
        self._scenes.begin(is_new=is_new)

    def turn(self) -> None:
        """Tell controllers what has changed."""
        self._song.turn()

    def close(self) -> None:
        """Do no more beside the show."""
        self.waves.close()
        self._list.close()

    def _changed(self) -> None:
        """Follow another song that is heard."""
        self._song.changed()
        self._scenes.begin()

    def _skip(self, reason: str) -> None:
        """Report a song that is left out."""
        logger.warning("%s", reason)
        self._song.skipped = reason
