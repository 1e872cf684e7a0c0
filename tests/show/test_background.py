"""What happens beside the show: models and sources that are loaded while it goes on."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from bandwalk.control import Store
from bandwalk.errors import AudioError, ParameterError
from bandwalk.params import defaults
from bandwalk.show.handlers import SourceSwitch
from bandwalk.show.model_host import ModelHost
from bandwalk.show.threads import LatestWorker

DEADLINE_S = 30


class Gate:
    """A thing to open that opens when the test says so, and notes what was asked."""

    def __init__(self, bad=()):
        self.asked, self.bad = [], bad
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def open(self, name):
        self.asked.append(name)
        self.begun.release()
        assert self.go.acquire(timeout=DEADLINE_S)
        if name in self.bad:
            raise self.bad[name]
        return SimpleNamespace(
            name=name, z_dim=4, resolution=16, map=lambda z: z, render=lambda ws: np.zeros((16, 16, 3)), closed=[],
        )  # fmt: skip

    def wait_begun(self):
        assert self.begun.acquire(timeout=DEADLINE_S)


def _wait(condition):
    done = threading.Event()
    for _ in range(DEADLINE_S * 100):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("not in time")


def test_the_newest_request_wins_and_an_error_leaves_the_worker_alive():
    done, begun, go = [], threading.Semaphore(0), threading.Semaphore(0)

    def do(thing):
        begun.release()
        assert go.acquire(timeout=DEADLINE_S)
        if thing == "bad":
            raise ValueError("broken")
        done.append(thing)

    worker = LatestWorker("test", do)
    worker.ask("bad")
    assert begun.acquire(timeout=DEADLINE_S)
    for thing in range(50):
        worker.ask(thing)
    go.release(2)
    _wait(lambda: done == [49])
    worker.ask("again")
    go.release()
    _wait(lambda: done == [49, "again"])


@pytest.fixture
def host(tmp_path):
    (tmp_path / "a.pkl").write_bytes(b"")
    (tmp_path / "b.pkl").write_bytes(b"")
    gate = Gate(bad={str(tmp_path / "b.pkl"): ValueError("hostile")})
    used, failed = [], []
    made = ModelHost(
        "builtin",
        tmp_path,
        gate.open,
        ready=lambda name, _: used.append(name),
        failed=lambda *who_and_why: failed.append(who_and_why),
        settle=lambda *model: None,
    )
    return made, gate, used, failed


def test_a_change_of_size_does_not_drop_the_model_that_is_being_loaded(host, tmp_path):
    models, gate, used, _ = host
    models.request("a.pkl", None)
    gate.wait_begun()
    models.is_right = lambda name: True  # this file has one size
    models.resize(None)
    gate.go.release()
    _wait(lambda: used == [str(tmp_path / "a.pkl")])
    assert gate.asked == [str(tmp_path / "a.pkl")]


def test_a_model_that_breaks_in_any_way_is_told_and_the_next_one_is_loaded(host, tmp_path):
    models, gate, used, failed = host
    models.request("b.pkl", ("127.0.0.1", 1))
    gate.go.release()
    _wait(lambda: failed)
    assert failed[0][0] == ("127.0.0.1", 1)
    assert "hostile" in failed[0][1]
    models.resize(None)  # the embedded model plays on, so its size may change
    gate.go.release()
    _wait(lambda: used == ["builtin"])


@pytest.mark.parametrize("name", ["../a.pkl", "no-such.pkl", "", "é" * 200])
def test_a_model_that_is_not_in_the_folder_is_refused(host, name):
    with pytest.raises(ParameterError):
        host[0].request(name, None)


class FakeFeed:
    """Notes what took over; a sound card that can be told apart cannot exist here."""

    def __init__(self):
        self.heard = []

    def switch(self, source):
        self.heard.append(source.name)


@pytest.fixture
def switch():
    gate = Gate(bad={"bad.wav": AudioError("no sound")})
    store, feed, reports = Store(defaults()), FakeFeed(), []
    made = SourceSwitch(feed, store, gate.open, lambda *report: reports.append(report))
    store.listen(made.follow)
    closed = []
    opened = gate.open

    def open_one(name):
        source = opened(name)
        source.close = lambda: closed.append(name)
        return source

    made._open_one = open_one
    return store, feed, gate, reports, closed


def test_a_source_that_is_no_longer_wanted_when_it_is_open_is_closed_again(switch):
    store, feed, gate, _, closed = switch
    store.set("/audio/source", "b.wav", clamp=False)
    gate.wait_begun()
    store.set("/audio/source", "demo", clamp=False)
    gate.go.release()
    _wait(lambda: closed == ["b.wav"])
    assert feed.heard == []
    assert store.values["/audio/source"] == "demo"


def test_a_source_that_fails_does_not_undo_the_one_asked_for_after_it(switch):
    store, feed, gate, reports, _ = switch
    store.set("/audio/source", "bad.wav", clamp=False, controller="me")
    gate.wait_begun()
    store.set("/audio/source", "c.wav", clamp=False)
    gate.go.release(2)
    _wait(lambda: feed.heard == ["c.wav"])
    assert store.values["/audio/source"] == "c.wav"
    assert reports[0][:2] == ("me", "/audio/source")


def test_a_source_that_hangs_keeps_no_other_waiting_and_is_closed_if_it_comes(switch):
    store, feed, gate, reports, closed = switch
    store.set("/audio/source", "live:hangs", clamp=False, controller="me")
    gate.wait_begun()
    began = time.monotonic()
    for name in ("c.wav", "d.wav"):
        store.set("/audio/source", name, clamp=False)
        gate.wait_begun()
    assert time.monotonic() - began < 20.0
    gate.go.release(3)
    _wait(lambda: feed.heard == ["d.wav"])
    _wait(lambda: sorted(closed) == ["c.wav", "live:hangs"])
    assert store.values["/audio/source"] == "d.wav"
    assert reports[0][0] == "me"
    assert "something else is wanted" in reports[0][2]


def test_a_source_that_fails_leaves_the_one_before(switch):
    store, feed, gate, _, _ = switch
    store.set("/audio/source", "bad.wav", clamp=False)
    gate.go.release()
    _wait(lambda: store.values["/audio/source"] == "demo")
    assert feed.heard == []
