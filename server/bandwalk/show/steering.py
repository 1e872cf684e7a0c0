"""What steers a show: the commands of all parts behind one dispatcher, and what follows a changed parameter."""

from functools import partial

from bandwalk.control import Damping, Dispatcher, Handler
from bandwalk.control.inbox import Batch, Refusal
from bandwalk.show.beat_handlers import beat_commands, tap
from bandwalk.show.handlers import SourceSwitch, commands
from bandwalk.show.keyframe_switch import KeyframeSwitch
from bandwalk.show.link import LinkCalls, LinkSession
from bandwalk.show.look_files import LookFiles
from bandwalk.show.midi_commands import MidiCommands, open_desk, open_devices
from bandwalk.show.model_host import ModelHost
from bandwalk.show.parts import ShowParts
from bandwalk.show.preset_commands import Presets
from bandwalk.show.recording import open_recorder
from bandwalk.show.scene_commands import Scenes, messages_of, tell_all
from bandwalk.show.schedule_stage import ScheduleStage
from bandwalk.show.sound_commands import SoundCommands
from bandwalk.show.state_file import State
from bandwalk.show.styles import open_styles


class Steering:
    """What takes commands: :meth:`begin`, :meth:`start`, :meth:`turn` every few hundredths of a second, :meth:`close`.

    Args:
        host: loads models.
    """

    def __init__(self, parts: ShowParts, host: ModelHost) -> None:
        self._parts = parts
        self._host = host
        self.midi = open_desk(parts, lambda: self.dispatcher)
        self.styles = open_styles(parts, lambda: self.dispatcher)
        self.looks = LookFiles(parts.store, parts.settings.folders.presets)
        self.scenes = Scenes(parts, host, self.styles)
        self.sound = SoundCommands(parts, self.scenes, lambda: self.dispatcher)
        self.recorder = open_recorder(parts, partial(tell_all, parts))
        self.dispatcher = Dispatcher(
            parts.store,
            self._handlers(),
            subscribers=parts.ports.subscribers,
            send=parts.ports.osc_in.send,
            clock=parts.clock,
            counters=parts.tally.counters,
        )
        self.dispatcher.overheard = lambda said: parts.ports.web.tell({"/error/last": said})
        self.link = self._open_link()
        self._damping = Damping([parts.ports.osc_out.echo, parts.ports.web.echo], parts.clock)
        parts.pipeline.acts["/beat/tap"] = partial(tap, parts.pipeline.beat_clock, parts.store)
        self._listen()

    def _listen(self) -> None:
        """Let each part follow the parameters that concern it."""
        parts, store, report = self._parts, self._parts.store, self.dispatcher.report
        store.listen(self._damping.follow)
        store.listen_rows(parts.ports.web.exchange)
        store.listen(self.sound.follow)
        store.listen(SourceSwitch(self.sound.player, store, parts.opener.open, report).follow)
        store.listen(self.link.follow)
        store.listen(self.styles.follow)
        self.keyframes = KeyframeSwitch(store, parts.settings.folders.presets, parts.pipeline, report)
        store.listen(self.keyframes.follow)

    def _handlers(self) -> dict[str, Handler]:
        parts = self._parts
        may_save = parts.ports.subscribers.may_save
        midi = MidiCommands(self.midi, parts.settings.folders.presets, may_save)
        keeper = Presets(
            parts.store,
            parts.settings.folders.presets,
            glider=parts.pipeline.glider,
            may_save=may_save,
            prepare=self.styles.prepare,
            recalled=partial(self._recalled, midi),
            saved=self.scenes.conductor.saved,
            is_busy=lambda: self.dispatcher.has_file_actions,
        )
        self.timed = ScheduleStage(parts, self.scenes, self.sound.player, keeper.recall_now)
        return {
            **self.sound.handlers(),
            **commands(pipeline=parts.pipeline, host=self._host, stats=self.stats),
            **beat_commands(parts.pipeline.beat_clock, parts.store, lambda: self.dispatcher.arrived),
            **keeper.handlers(),
            **midi.handlers(),
            **self.scenes.handlers(),
            **self.styles.handlers(),
            **self.recorder.handlers(),
        }

    def _recalled(self, midi: MidiCommands, name: str) -> None:
        self.scenes.recalled(name)
        midi.follow_preset(name)

    def _open_link(self) -> LinkSession:
        """Return the session of Ableton Link, as the chosen clock follows it."""
        parts, clock = self._parts, self._parts.pipeline.beat_clock
        calls = LinkCalls(parts.store.snapshot, lambda: clock.shown, self.dispatcher.report)
        session = LinkSession(calls, leads=parts.settings.network.link_lead)
        clock.outer["link"] = session.read
        return session

    def stats(self) -> list[tuple[str, float | int | str]]:
        """Return what /stats answers."""
        messages = self._parts.tally.messages(self._parts.clock.now())
        messages += messages_of(self.scenes.conductor.told).items()
        messages += self.recorder.messages()
        peers = self.link.peers
        return messages if peers is None else [*messages, ("/stats/link/peers", peers)]

    def begin(self) -> None:
        """Read the style that the show begins with, before its first picture."""
        self.styles.begin()
        self.recorder.begin()

    def start(self) -> None:
        """Take commands."""
        parts = self._parts
        self.link.ask(wanted=parts.store.values["/beat/from"] == "link")
        parts.ports.osc_in.start(self._apply)
        if parts.ports.osc_tcp is not None:
            parts.ports.osc_tcp.start()
        open_devices(self.midi, parts.settings.midi.midi)

    def comes_back(self, state: State) -> None:
        """Be where the show was before a restart, in its song and its glide: before anything is heard or drawn."""
        self.sound.comes_back(state)
        if state.rest is not None:
            self._parts.pipeline.glider.resume(self._parts.store.values, state.rest)

    def enter(self, state: State | None) -> None:
        """Begin the scene of the first song, or be in that from before a restart."""
        if state is not None:
            self.scenes.comes_back(state)
        self.sound.begin(is_new=state is None)

    def _apply(self, piece: Batch | Refusal) -> None:
        with self._parts.tally.stalls.watch("control"):
            self.dispatcher(piece)

    def turn(self) -> None:
        """Send subscribers and devices what they are owed of the state."""
        self.midi.turn()
        self.sound.turn()
        deck = self.sound.player.deck
        self.recorder.turn(self.sound.player.path, 0.0 if deck is None else deck.position_s)
        self._damping.turn(self._parts.store)
        self._parts.ports.osc_out.turn(self._parts.store)

    def close(self) -> None:
        """End the threads of all parts."""
        self.midi.close()
        self.dispatcher.close()
        self.styles.close()
        self.looks.close()
        self.recorder.close()
        self.sound.close()
        self.link.close()
