"""What a timetable does to a show, on a thread of its own."""

from collections.abc import Callable
from functools import partial

from bandwalk.audio import songs_of
from bandwalk.errors import BandwalkError
from bandwalk.params.row import Value
from bandwalk.show.handlers import SOURCE
from bandwalk.show.parts import ShowParts
from bandwalk.show.player import Player
from bandwalk.show.scene_commands import Scenes, tell_all
from bandwalk.show.schedule import TURN_S, Schedule
from bandwalk.show.song_commands import REPEAT_S
from bandwalk.show.threads import ThreadGroup

BLACK, ENABLED, NEXT = "/master/blackout", "/schedule/enabled", "/schedule/next"


class ScheduleStage:
    """Lets scenes, looks, sources and black be on, as a timetable says.

    Args:
        recall: recalls a preset at once.
    """

    def __init__(self, parts: ShowParts, scenes: Scenes, player: Player, recall: Callable[[str], object]) -> None:
        self._parts, self._scenes, self._player, self._recall = parts, scenes, player, recall
        self._told, self._t_told = "", 0.0

    def follow(self, schedule: Schedule, threads: ThreadGroup) -> None:
        """Follow a timetable on a thread of its own."""
        turn = partial(self._turn, schedule, threads)
        threads.start("schedule", turn, begin=partial(schedule.begin, self))

    def do(self, what: str, value: str | bool, *, is_due: bool) -> None:
        """Let something be on; what is on already stays as it is, unless its time has come just now.

        Raises:
            BandwalkError: it cannot be.
        """
        if what == "black":
            self._parts.store.set(BLACK, value, clamp=False)
        elif what == "source":
            self._play(str(value), is_due=is_due)
        elif not is_due and self._scenes.conductor.told.current == value:
            return
        elif what == "scene":
            self._scenes.go_to(str(value))
        else:
            self._recall(str(value))

    def fault_of(self, what: str, value: str | bool) -> str:
        """Return why there is no such scene, look or source; empty: there is."""
        if what in {"scene", "look"}:
            return "" if self._scenes.knows(str(value)) else "no such scene or preset; it stays as it is then"
        if what == "source" and value != "demo" and not str(value).startswith("live"):
            try:
                paths = songs_of(str(value), music=self._parts.opener.folder).paths
            except BandwalkError as e:
                return f"{e}; the sound stays as it is then"
            if not any(path.exists() for path in paths):
                return "no such file; the sound stays as it is then"
        return ""

    def _play(self, name: str, *, is_due: bool) -> None:
        """Play a source; the one that is on goes on, and one that has ended begins again."""
        parts = self._parts
        if is_due and parts.store.values[SOURCE] == name and not parts.feed.is_playing:
            self._player.switch(parts.opener.open(name))
        else:
            parts.store.set(SOURCE, name, clamp=False)

    def _turn(self, schedule: Schedule, threads: ThreadGroup) -> None:
        """Wait a moment, follow the timetable, and tell all what is next."""
        threads.stop.wait(TURN_S)
        schedule.turn(enabled=bool(self._parts.store.values[ENABLED]))
        now = self._parts.clock.now()
        if schedule.next_told != self._told or now - self._t_told >= REPEAT_S:
            self._told, self._t_told = schedule.next_told, now
            told: dict[str, Value] = {NEXT: self._told}
            tell_all(self._parts, told)
