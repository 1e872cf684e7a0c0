"""What a farm draws, what it has to look like, and ways to kill who draws it."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import pytest
import soundfile
from sounds import beat

from bandwalk.pipeline.drawn_size import screen_for
from bandwalk.pipeline.models import open_model
from bandwalk.render.backends import open_farm
from bandwalk.render.plan import frame_inputs_of

from ..render.conftest import job_for

SECONDS = 5.0


def children_of(pid):
    """Process ids of all that descend from a process and still live."""
    found = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                found += [child, *children_of(child)]
    return found


def title_of(pid):
    """The command line of a process, empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def wait_for(is_so, seconds=60):
    """Wait until something is so."""
    until, pause = time.monotonic() + seconds, threading.Event()
    while not is_so():
        assert time.monotonic() < until
        pause.wait(0.005)


class Killer:
    """Kills children of a process whose command line has a word in it, as soon as there is one; so many at most."""

    def __init__(self, pid, word, most=1000):
        self.killed = set()
        self._most = most
        self._pid, self._word, self._done = pid, word, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._done.set()
        self._thread.join()

    def _work(self):
        while not self._done.wait(0.03):
            for pid in children_of(self._pid):
                if self._word in title_of(pid) and len(self.killed) < self._most:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        self.killed.add(pid)


@pytest.fixture(scope="session")
def short(tmp_path_factory):
    """Five seconds of sound."""
    path = tmp_path_factory.mktemp("short") / "short.wav"
    soundfile.write(path, beat(SECONDS), 48_000)
    return path


def open_job(song, **flags):
    """A job and its model."""
    job = job_for(song, **flags)
    draw = job.settings.draw
    screen = screen_for(draw.model, job.values, is_chosen=True)
    return job, open_model(draw.model, screen, device=draw.device, exact=draw.exact)


def drawn(song, **flags):
    """All pictures of a job, in order."""
    job, G = open_job(song, **flags)
    with open_farm(job, G) as draw:
        return [picture.tobytes() for picture in draw(frame_inputs_of([job], G))]
