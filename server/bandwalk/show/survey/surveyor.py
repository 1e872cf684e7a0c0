"""Asks the process that looks into songs: the wave of the song that plays first, then tempi, one at a time."""

import json
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from bandwalk.machine import python_command

MAX_KEPT = 5000
"""Tempi that are kept, by file and time of its last change."""

MAX_WAVES = 16
"""Waves that are kept: about 16 KB each."""

MAX_WAITING = 200
"""Songs whose tempo waits to be found; those that were asked for first are given up."""

WAVE_S, TEMPO_S = 1800.0, 120.0
"""A job that takes longer is ended, and so is the process: it hangs in a file."""

IDLE_S = 10.0
"""The process ends when it has had nothing to do for this time: it holds some 80 MB."""

NO_WAVE: dict[str, Any] = {"per_s": 1.0, "peaks": [], "rms": [], "is_whole": False}

Heard = Callable[[Path, float], object]
"""Gets a song and its tempo."""


class Song(NamedTuple):
    """A file as it is now: one that has changed is another."""

    path: Path
    changed_ns: int
    size: int


def song_at(path: Path) -> Song:
    """Return a file as it is now.

    Raises:
        OSError: there is none.
    """
    stat = path.stat()
    return Song(path, stat.st_mtime_ns, stat.st_size)


class Surveyor:
    """Finds waves and tempi beside the show. No method waits, and all may be called from any thread.

    Args:
        heard: told of each tempo that is found.
    """

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._waves: OrderedDict[Song, dict[str, Any]] = OrderedDict()
        self._tempi: OrderedDict[Song, float] = OrderedDict()
        self._wanted: OrderedDict[Song, None] = OrderedDict()  # whose tempo, the oldest first
        self._wave: Song | None = None
        self._job: tuple[str, Song] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._is_given_up = self._is_closed = False

    def tempo(self, song: Song) -> float:
        """Return a song's tempo; 0: it has none, or it is not known yet and will be told."""
        with self._changed:
            if song not in self._tempi:
                self._wanted[song] = None
                while len(self._wanted) > MAX_WAITING:
                    self._wanted.popitem(last=False)
                self._wake()
            return self._tempi.get(song, 0.0)

    def wave(self, song: Song) -> dict[str, Any]:
        """Return a song's wave as far as it is known; the wave of another song is given up for it."""
        with self._changed:
            known = self._waves.get(song, NO_WAVE)
            if not known["is_whole"] and self._wave != song:
                self._wave = song
                if self._job is not None and self._job[0] == "wave":
                    self._is_given_up = True
                    self._kill()
                self._wake()
            return known

    def close(self) -> None:
        """End the process and find nothing more."""
        with self._changed:
            self._is_closed = True
            self._kill()
            self._changed.notify_all()

    def _wake(self) -> None:
        self._changed.notify_all()
        if self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=self._work, name="survey", daemon=True)
            self._thread.start()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()  # the thread reads the end of its answers

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(self._is_asked, IDLE_S) and self._process is not None:
                    self._end_process()
                self._changed.wait_for(self._is_asked)
                if self._is_closed:
                    self._end_process()
                    return
                kind, song = self._job = self._next()
            self._do(kind, song)

    def _is_asked(self) -> bool:
        return self._is_closed or self._wave is not None or bool(self._wanted)

    def _next(self) -> tuple[str, Song]:
        if self._wave is not None:
            return "wave", self._wave
        return "tempo", self._wanted.popitem(last=False)[0]

    def _do(self, kind: str, song: Song) -> None:
        """Do one job; whatever happens, it is not asked for again by itself."""
        answer = None
        with suppress(OSError, ValueError):
            process = self._begun()
            limit = threading.Timer(WAVE_S if kind == "wave" else TEMPO_S, process.kill)
            limit.daemon = True
            limit.start()
            try:
                answer = self._ask(process, kind, song)
            finally:
                limit.cancel()
        with self._changed:
            self._job, is_given_up, self._is_given_up = None, self._is_given_up, False
            if answer is None or is_given_up:
                self._end_process()
            if kind == "wave" and self._wave == song and not is_given_up:
                self._wave = None
                self._note_wave(song, {**self._waves.get(song, NO_WAVE), "is_whole": True})  # as far as it can be read
        if kind == "tempo":
            self._note_tempo(song, float((answer or {}).get("bpm", 0.0)))

    def _ask(self, process: "subprocess.Popen[str]", kind: str, song: Song) -> dict[str, Any] | None:
        """Return the last answer to a job; None: the process has ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([kind, str(song.path)]) + "\n")
        process.stdin.flush()
        last: dict[str, Any] = {}
        for line in process.stdout:
            answer = json.loads(line)
            if "is_over" in answer:
                return last
            last = answer
            if "peaks" in answer:
                with self._changed:
                    self._note_wave(song, answer)
        return None

    def _note_wave(self, song: Song, wave: dict[str, Any]) -> None:
        self._waves[song] = wave
        self._waves.move_to_end(song)
        while len(self._waves) > MAX_WAVES:
            self._waves.popitem(last=False)

    def _note_tempo(self, song: Song, bpm: float) -> None:
        with self._changed:
            self._tempi[song] = bpm
            while len(self._tempi) > MAX_KEPT:
                self._tempi.popitem(last=False)
        if bpm and not self._is_closed:
            self._heard(song.path, bpm)

    def _begun(self) -> "subprocess.Popen[str]":
        with self._changed:
            if self._is_closed:
                raise OSError("closed")
            if self._process is None:
                command = python_command("-m", "bandwalk.show.survey.child")
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    encoding="utf-8",
                    creationflags=getattr(subprocess, "IDLE_PRIORITY_CLASS", 0),  # of Windows
                )
            return self._process

    def _end_process(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            with suppress(OSError):
                process.communicate()
