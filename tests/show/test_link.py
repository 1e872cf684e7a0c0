"""Ableton Link with another program, in a network of their own; and where its library is missing.

The libraries are not among the project's dependencies (GPL): this test installs them for itself.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path
from statistics import median

import pytest
from namespaces import Loopback

from bandwalk.params import defaults
from bandwalk.show.link import MISSING, LinkCalls, LinkSession, steered

HERE = Path(__file__).parent
DEADLINE_S = 60.0
FLAGS = {"size": "64x64", "threads": 1, "out_fps": 2.0, "out_idle": True, "beat_from": "link", "link_lead": True}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("link")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([*command, "aalink", "LinkPython-extern"], check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def network():
    with contextlib.closing(Loopback()) as network:
        yield network


class Program:
    """A program in the network that prints where its beat is."""

    def __init__(self, network, libraries, *command):
        env = {**os.environ, "PYTHONPATH": str(libraries), "HOME": str(libraries)}
        command = [*network.enter(), sys.executable, *command]
        self._process = subprocess.Popen(
            command, cwd=HERE, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.newest = None
        self._came = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            with self._came:
                self.newest = json.loads(line)
                self._came.notify_all()

    def send(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def next(self):
        with self._came:
            before = self.newest
            assert self._came.wait_for(lambda: self.newest is not before, DEADLINE_S)
            return self.newest

    def close(self):
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def peer(network, libraries):
    with contextlib.closing(Program(network, libraries, "link_peer.py", "128")) as peer:
        peer.next()
        yield peer


def off_ms(ours, theirs):
    """By how much the show's beat in the bar is off the other program's, at the show's time."""
    beats = theirs["beats"] + (ours["t"] - theirs["t"]) * theirs["bpm"] / 60 - ours["beats"]
    return ((beats + 2) % 4 - 2) * 60e3 / theirs["bpm"]


def agree(show, peer, bpm):
    """Wait until both have this tempo and one beat in a second on end; return by how much they are off then, ms.

    A program may be stopped between two looks at its clocks, and on a busy machine for some time: then the median of
    the next second counts.
    """
    deadline = time.monotonic() + DEADLINE_S
    while True:
        pairs = [(show.next(), peer.newest) for _ in range(20)]
        off = median(abs(off_ms(*pair)) for pair in pairs)
        if off < 5 and all(abs(program["bpm"] - bpm) < 0.05 for pair in pairs for program in pair):
            return off
        assert time.monotonic() < deadline, (off, pairs[-1])


def test_the_show_follows_the_session_and_leads_it(network, libraries, peer):
    with contextlib.closing(Program(network, libraries, "link_show.py", json.dumps(FLAGS))) as show:
        for bpm in (128.0, 140.0):
            peer.send(str(bpm))
            print(f"follows {bpm}: off by {agree(show, peer, bpm):.2f} ms")
        assert show.next()["peers"] == 1
        show.send("/beat/bpm 95.5")  # the session's tempo, where Link is chosen
        agree(show, peer, 95.5)
        show.send('/beat/from "manual"')
        for bpm in (100.0, 111.0):
            show.send(f"/beat/bpm {bpm}")
            print(f"leads {bpm}: off by {agree(show, peer, bpm):.2f} ms")


def test_without_its_library_the_show_goes_on_and_says_what_to_install(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "aalink", None)
    reports, is_told = [], threading.Event()

    def report(*args):
        reports.append(args)
        is_told.set()

    session = LinkSession(LinkCalls(defaults, lambda: None, report), leads=False)
    session.follow("/beat/from", "link", "tablet")
    assert is_told.wait(DEADLINE_S)
    session.follow("/beat/from", "link", "panel")
    session.close()
    assert reports == [("tablet", "/beat/from", MISSING), ("panel", "/beat/from", MISSING)]
    assert "pip install 'bandwalk[link]'" in caplog.text
    assert session.read() is None


def test_aalink_is_an_extra_of_its_own_and_no_other_names_it():
    extras = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert [name for name, packages in extras.items() if "aalink" in str(packages) or "link" in str(packages)] == [
        "link"
    ]


def test_a_session_that_is_led_is_steered_gently():
    assert steered(120.0, 0.001) == 120.0
    assert steered(120.0, 0.02) == pytest.approx(120.6)
    assert steered(120.0, -0.09) == pytest.approx(117.6)
