"""Models of all families take turns while a show plays: frames keep coming, memory stays flat, no thread breaks."""

import os
import re
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from server import Frames, Osc, Server

from bandwalk.generator import load
from bandwalk.generator.conversion import FOLDER
from bandwalk.generator.engines import convert_synthesis
from bandwalk.generator.network_files import NetworkFiles
from bandwalk.pipeline import models
from bandwalk.show import model_host
from bandwalk.wire import parse_segment

DATA = Path(__file__).parents[1] / "data"

# Of other sizes in every way: resolution, styles, numbers in z, classes.
FILES = ("d0_sg1_64_tiny.pkl", "a2_sg2ada_cond5.pkl", "c1_sg3t.pkl", "builtin")
ROUNDS = 3
STALL_S = 0.3
"""Beyond the longest usual gap. Held at the median of all changes: a busy machine makes single ones wait longer."""


def _rss_mb(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Watchdog:
    """Receives frames and notes the gap before each, by what went on."""

    def __init__(self, frames):
        self._frames = frames
        self._before = time.monotonic()
        self.gaps = defaultdict(list)

    def until(self, what, seen):
        deadline = time.monotonic() + 120
        while True:
            meta = parse_segment(self._frames.next())
            now = time.monotonic()
            self.gaps[what].append(now - self._before)
            self._before = now
            if seen(meta):
                return
            assert now < deadline, f"{what}: not in time"

    def let_play(self, count):
        left = iter(range(count, 0, -1))
        self.until("alone", lambda meta: next(left) == 1)


def test_models_take_turns_while_frames_keep_coming_and_memory_stays_flat(tmp_path):
    for name in FILES[:3]:
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    flags = ("--model", tmp_path / FILES[0], "--size", "128", "--threads", "1", "--models", tmp_path)
    with (
        Server("demo", *flags, env={"XDG_CACHE_HOME": str(tmp_path)}) as running,
        Frames(running) as frames,
    ):
        osc, watch, memory, loading = Osc(running, subscribe=False), Watchdog(frames), [], []
        frames.next()
        for _ in range(ROUNDS):
            for name in (*FILES[1:], FILES[0]):
                osc.send("/model/load", name)
                stem = Path(name).stem
                watch.until("loading", lambda meta, stem=stem: meta["model"] == stem)
                loading.append(watch.gaps.pop("loading"))
                watch.let_play(10)
            memory.append(_rss_mb(running.process.pid))
        osc.send("/stats")
        osc.until("/stats/late")
        osc.close()
        log = "".join(running.log)
    # a busy machine makes a stage stall
    assert not re.search(r"^[EW] (?!bandwalk\.pipeline\.stalls: )|Traceback|; goes on", log, re.MULTILINE), log
    assert np.median([max(gaps) for gaps in loading]) < max(watch.gaps["alone"]) + STALL_S
    assert memory[-1] < memory[1] + 10  # MB; one of these models more at each change would be some 100


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_models_that_cannot_be_asked_for_are_not_listed(tmp_path):
    folder = tmp_path / "models"
    (folder / "folder.pkl").mkdir(parents=True)
    for name in ("good.pkl", "two\nlines.pkl", ".hidden.pkl", "x.directions.safetensors", "notes.txt", "b\udcff.pkl"):
        (folder / name).write_bytes(b"")
    (tmp_path / "outside.pkl").write_bytes(b"")
    (folder / "way-out.pkl").symlink_to(tmp_path / "outside.pkl")
    host = model_host.ModelHost("builtin", folder, load, ready=lambda *_: None, failed=lambda *_: None)
    assert host.names() == ["builtin", "good.pkl"]


def test_a_model_plays_before_its_gains_are_measured_and_gets_them_then(cache):
    path = str(DATA / FILES[1])
    fresh = models.load_model(path, None, device="cpu", exact=False)
    assert fresh.gains == (1.0, 1.0, 1.0)
    calls = []
    models.settle(fresh, lambda: calls.append(fresh.gains))
    assert len(calls) == models.GAIN_SEEDS  # it can be given up between any two pictures
    assert fresh.gains != (1.0, 1.0, 1.0)
    assert models.load_model(path, None, device="cpu", exact=False).gains == fresh.gains
    assert models.open_model(path, None, device="cpu", exact=False).gains == fresh.gains


def test_what_a_show_does_with_a_model_does_not_change_its_gains(tmp_path):
    G, other = load(DATA / FILES[0]), load(DATA / FILES[0])
    other.noise = 0.0
    expected = models.cached_gains(G, tmp_path / "one", 2)
    assert models.cached_gains(other, tmp_path / "other", 2) == expected
    assert other.noise == 0.0


def test_a_measurement_that_is_given_up_is_not_kept(tmp_path):
    G = load(DATA / FILES[0])

    def give_up():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        models.cached_gains(G, tmp_path, 2, give_up)
    assert not list(tmp_path.iterdir())


def test_an_engine_is_prepared_while_the_show_plays(tmp_path):
    G, files = load(DATA / FILES[0]), NetworkFiles(tmp_path / "bandwalk" / FOLDER)
    files.write(files.path(G), convert_synthesis(G.live_synthesis(full=True)))  # by an earlier show
    flags = ("--model", DATA / FILES[0], "--size", "128", "--threads", "1")
    with Server("demo", *flags, env={"XDG_CACHE_HOME": str(tmp_path)}) as running:
        running.wait_for("grey levels from its pictures")  # faster or not: on so small a network it is chance
        with Frames(running) as frames:
            assert frames.next() != frames.next()
