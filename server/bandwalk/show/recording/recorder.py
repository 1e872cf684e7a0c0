"""What a show hands to its recordings, and what the commands ask of them. Nothing here waits for a disk."""

import logging
import math
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import av
import numpy as np

from bandwalk.control import Controller, DiskWork, Handler
from bandwalk.errors import ParameterError
from bandwalk.params.row import Value
from bandwalk.params.settings import Settings
from bandwalk.pipeline.session import SUFFIX, SUFFIX_OF_SOUND, Header, Notes, on_grid
from bandwalk.pipeline.session.lines import to_line
from bandwalk.records import Block, Counters, Frame
from bandwalk.show.parts import ShowParts
from bandwalk.show.recording.session import Heard, SessionFiles, Song
from bandwalk.show.recording.video import LATE_S, HeardPiece, Piece, ShownPicture, Video, free_path, kind_of
from bandwalk.show.recording.written import Written
from bandwalk.units import inside, samples_to_s

logger = logging.getLogger(__name__)

MAX_SESSION_S = 24 * 3600.0
"""Longest session that is kept: 10 GB of sound at most."""


class Recorder:
    """The recordings of a show: :meth:`begin` before the first sound, then :meth:`hear` and :meth:`show`.

    Args:
        tell: sends signals to all controllers.
    """

    def __init__(self, parts: ShowParts, tell: Callable[[dict[str, Value]], object]) -> None:
        self._settings: Settings = parts.settings
        self._parts, self._tell = parts, tell
        self._counters: Counters = parts.tally.counters
        self._may_save = parts.ports.subscribers.may_save
        self._session: Written[bytes | Heard | Song] | None = None
        self._session_name = ""
        self._notes: Notes | None = None
        self._video: Written[Piece] | None = None
        self._path, self._began, self._end, self._lag_s = Path(), 0, 0, 0.0
        self._is_gap = False
        self._song: Path | None = None
        self._told: dict[str, Value] = {}
        self._t_told, self.fault, self._unheard = -math.inf, "", 0

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by address."""
        return {"/record/start": self._on_start, "/record/stop": self._on_stop}

    @property
    def is_on(self) -> bool:
        """Whether pictures are recorded."""
        return self._video is not None and not self._video.is_over

    @property
    def folder(self) -> Path | None:
        """Where recordings may be; None: there is no such folder."""
        named = self._settings.show.recordings
        return Path(named).expanduser() if named else None

    def begin(self) -> None:
        """Begin the session, if the show may be recorded, and the recording that the command line names.

        Raises:
            ParameterError: the recording that the command line names cannot be written.
        """
        record = self._settings.show.record
        if record:
            path = Path(record).expanduser()
            kind_of(path)
            path = free_path(path)
            self._begin_session(path.with_suffix(SUFFIX))
            self._open_video(path)
            if not self.is_on:
                raise ParameterError(f"--record = {record}: {self.fault}; expected a file that can be written")
        elif self.folder is not None:
            self._begin_session(self.folder / f"show-{datetime.now():%Y%m%d-%H%M%S}{SUFFIX}")

    def hear(self, x: np.ndarray, block: Block) -> None:
        """Take the sound of a block, as it came [n, channels] and as it is heard; called by the thread that hears."""
        self._end = block.end
        if self._session is not None:
            self._put(Heard(block.y, block.end), block.y.nbytes)
            if samples_to_s(block.end) > MAX_SESSION_S:
                self._end_session(f"after {MAX_SESSION_S / 3600:g} hours")
        video = self._video
        if video is not None:
            video.put(HeardPiece(x, block.end), x.nbytes)

    def show(self, message: bytes, frame: Frame, now: float) -> None:
        """Take a frame as it was published at a moment, monotonic seconds."""
        video = self._video
        if video is None:
            return
        said = frame.description
        t_heard, t_capture = self._parts.feed.anchor
        t_now = t_heard + now - t_capture
        is_repeat = "repeat" in said
        if is_repeat:
            t_audio = t_now - self._lag_s
        else:
            t_audio = float(said["t_audio"])
            self._lag_s = min(max(0.0, t_now - t_audio), LATE_S)
        video.put(ShownPicture(message, (said["width"], said["height"]), t_audio, is_repeat), len(message))

    def turn(self, song: Path | None, position_s: float) -> None:
        """Tell what is recorded, and note another song; called every few hundredths of a second."""
        if song != self._song:
            self._song = song
            if song is not None and self._session is not None:
                self._put(Song(song, samples_to_s(self._end), position_s), 1000)
        unheard = self._counters.counts.get("steps_unheard", 0)
        if unheard != self._unheard:
            self._unheard = unheard
            self._lose("the process that hears was lost")
        if self._video is not None and self._video.is_over:
            self._video = None
        time_s = samples_to_s(self._end - self._began) if self.is_on else 0.0
        told: dict[str, Value] = {
            "/record/file": self._path.name if self.is_on else "",
            "/record/time": float(math.floor(time_s)),
            "/record/fault": self.fault,
        }
        now = self._parts.clock.now()
        if told != self._told or now - self._t_told >= 2.0:
            self._told, self._t_told = told, now
            self._tell(told)

    def messages(self) -> list[tuple[str, float | int | str]]:
        """Return what /stats says of it."""
        return [(address, value) for address, value in self._told.items()]  # type: ignore[misc]

    def close(self) -> None:
        """End all files."""
        self._stop()
        if self._session is not None:
            self._session.close()

    def _on_start(self, args: list[Any], controller: Controller) -> DiskWork:
        self._check("/record/start", controller)
        return DiskWork(lambda: self._start(str(args[0]) if args else ""))

    def _on_stop(self, args: list[Any], controller: Controller) -> DiskWork:
        self._check("/record/stop", controller)
        return DiskWork(self._stop)

    def _check(self, address: str, controller: Controller) -> None:
        if not self._may_save(controller):
            raise ParameterError(f"{address}: expected this machine, or an address of --osc-allow")

    def _start(self, name: str) -> None:
        """Begin a recording; one that is on ends.

        Raises:
            ParameterError: there is no folder, or the name is none of a file in it, or cannot be written.
        """
        if self.folder is None:
            raise ParameterError("/record/start: no folder; expected --recordings FOLDER at the start")
        name = name or f"{datetime.now():%Y%m%d-%H%M%S}.mkv"
        path = inside(self.folder, name if Path(name).suffix else f"{name}.mkv")
        kind_of(path)
        self._stop()
        self._open_video(free_path(path))
        if not self.is_on:
            raise ParameterError(f"/record/start {name[:80]}: {self.fault}; expected a file that can be written")

    def _open_video(self, path: Path) -> None:
        self.fault, self._path, self._began = "", path, self._end
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            video = Video(path, self._end, self._opened)
        except OSError as e:
            self._fail(path, e.strerror or type(e).__name__)
            return
        self._video = Written("record_lost", video, self._counters, lambda why: self._fail(path, why))

    def _opened(self, path: Path, t_audio: float) -> None:
        """Note a file that is begun; beside it stands where its session is."""
        logger.info("records %s", path)
        self._path = path
        if self._session is None:
            return
        self._put(to_line(["i", "recording", t_audio, path.name]), 200)
        beside = path.with_suffix(SUFFIX)
        if beside.name != self._session_name and not beside.exists():
            beside.write_bytes(to_line({"bandwalk_recording": 1, "session": self._session_name, "start": t_audio}))

    def _fail(self, path: Path, why: str) -> None:
        self.fault = f"{path.name}: {why}"
        logger.error("recording %s: %s; the show goes on without it", path, why)

    def _stop(self) -> None:
        video, self._video = self._video, None
        if video is not None:
            video.close()
            self._put(to_line(["i", "recorded", samples_to_s(self._end), self._path.name]), 200)
            logger.info("recorded %s", self._path)

    def _begin_session(self, path: Path) -> None:
        path, sound = free_path(path), free_path(path.with_suffix(SUFFIX_OF_SOUND))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            files = SessionFiles(path, sound)
        except (OSError, av.FFmpegError) as e:
            self._fail(path, e.strerror or type(e).__name__)
            return
        self._session_name = path.name
        self._parts.feed.rounded = on_grid
        self._session = Written("session_lost", files, self._counters, lambda why: self._fail(path, why))
        pipeline = self._parts.pipeline
        self._put(self._header(sound.name).line(), 100_000)
        notes = Notes(pipeline.began_with, lambda line: self._put(line, len(line)))
        pipeline.journal = self._notes = notes
        clock = pipeline.beat_clock
        clock.noted = lambda kind, what: notes.clock(clock.steps, kind, what)

    def _header(self, sound: str) -> Header:
        G, hear = self._parts.pipeline.scene.G, self._settings.hear
        values = dict(self._parts.pipeline.began_with)
        heard = (hear.features, hear.nsynth, hear.step_rate)
        return Header(version("bandwalk"), G.name, G.sha256, sound, *heard, values, (G.width, G.height))

    def _put(self, thing: bytes | Heard | Song, size: int) -> None:
        """Hand a thing to the session; where one was lost, the log says so."""
        session = self._session
        if session is None:
            return
        if self._is_gap and session.put(to_line(["x", "the disk was too slow"]), 100):
            self._is_gap = False
        if not session.put(thing, size):
            self._is_gap = True

    def _lose(self, why: str) -> None:
        if self._notes is not None:
            self._notes.lose(why)

    def _end_session(self, why: str) -> None:
        session, self._session = self._session, None
        logger.warning("the session log ends %s; a recording goes on", why)
        if session is not None:
            session.close(0.0)


def open_recorder(parts: ShowParts, tell: Callable[[dict[str, Value]], object]) -> Recorder:
    """Return the recorder of a show; it hears what the feed gives from now on."""
    recorder = Recorder(parts, tell)
    parts.feed.tap = recorder.hear
    return recorder
