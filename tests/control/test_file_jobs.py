"""Commands that touch a disk: in which order they are done, and that nothing waits for them."""

import threading

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control import Store
from bandwalk.control.file_jobs import MAX_WAITING, FileJob, FileThread
from bandwalk.errors import ParameterError
from bandwalk.params import defaults
from bandwalk.show.preset_commands import Presets

DEADLINE_S = 30.0
ME = ("127.0.0.1", 1)


class Held:
    """A worker whose first job lasts until the test lets it go, and what was done and dropped."""

    def __init__(self):
        self.beside, self.done, self.dropped = FileThread(), [], []
        self._begun, self._go, self._over = threading.Event(), threading.Event(), threading.Event()
        self.beside.ask(FileJob(None, self._hold, lambda: None))
        assert self._begun.wait(DEADLINE_S)

    def _hold(self):
        self._begun.set()
        assert self._go.wait(DEADLINE_S)

    def ask(self, name, question=None):
        self.beside.ask(FileJob(question, lambda: self.done.append(name), lambda: self.dropped.append(name)))

    def let_go(self, last):
        """Let all be done; last: which will be."""
        self.beside.ask(FileJob(last, self._over.set, lambda: None))
        self._go.set()
        assert self._over.wait(DEADLINE_S)
        return self.done


@pytest.fixture
def held():
    made = Held()
    yield made
    made.beside.close()


def test_actions_keep_their_order_and_pass_questions(held):
    held.ask("list", "list")
    for name in ("save a", "recall a", "save b"):
        held.ask(name)
    assert held.let_go(None)[:3] == ["save a", "recall a", "save b"]


def test_of_questions_the_newest_is_first_and_one_asked_again_waits_once(held):
    held.beside.ask(FileJob("last", held._over.set, lambda: None))
    for name in ("a", "b", "a", "c", "a"):
        held.ask(name, question=name)
    held._go.set()
    assert held._over.wait(DEADLINE_S)
    assert held.done == ["a", "c", "b"]
    assert held.dropped == []


def test_what_waits_is_bounded_and_questions_are_dropped_before_actions(held):
    for n in range(10):
        held.ask(f"question {n}", question=n)
    for n in range(MAX_WAITING + 5):
        held.ask(n)
    assert held.dropped == [*(f"question {n}" for n in range(10)), *range(5)]
    assert held.let_go(None) == list(range(6, MAX_WAITING + 5))  # the sixth made room for the test's own


def test_it_tells_whether_an_action_is_on_its_way(held):
    assert held.beside.has_actions
    held.let_go("a question")
    assert not held.beside.has_actions


@pytest.fixture
def store():
    return Store(defaults(), clock=ManualClock())


def test_what_is_set_while_a_preset_is_read_stays(store, tmp_path):
    (tmp_path / "bright.toml").write_text("[master]\nspeed = 2.0\nintensity = 3.0\n[style]\npsi = 0.5\n")
    later = Presets(store, tmp_path).recall(["bright", 5.0], ME)
    store.set("/master/speed", 0.5, clamp=False)
    store.set("/master/intensity", 2.0, clamp=False)
    later.act()
    assert store.values["/master/speed"] == 0.5
    assert store.values["/master/intensity"] == 2.0
    assert store.values["/style/psi"] == 0.5


def test_of_two_recalls_the_later_one_holds_whichever_is_read_first(store, tmp_path):
    presets = Presets(store, tmp_path)
    for name, psi in (("one", 0.1), ("two", 0.2)):
        (tmp_path / f"{name}.toml").write_text(f"[style]\npsi = {psi}\n")
    one, two = (presets.recall([name], ME) for name in ("one", "two"))
    two.act()
    one.act()
    assert store.values["/style/psi"] == 0.2


def test_a_preset_is_saved_as_it_was_when_it_was_asked_for(store, tmp_path):
    later = Presets(store, tmp_path).save(["mine"], ME)
    store.set("/style/psi", 0.3, clamp=False)
    later.act()
    assert "psi = 1.0" in (tmp_path / "mine.toml").read_text()


def test_a_preset_that_is_saved_after_a_recall_holds_what_was_recalled(store, tmp_path):
    (tmp_path / "one.toml").write_text("[style]\npsi = 0.1\n")
    presets = Presets(store, tmp_path, is_busy=lambda: True)
    laters = presets.recall(["one"], ME), presets.save(["two"], ME)
    for later in laters:
        later.act()
    assert "psi = 0.1" in (tmp_path / "two.toml").read_text()


def test_who_may_not_save_is_refused_at_once(store, tmp_path):
    presets = Presets(store, tmp_path, may_save=lambda source: source == ME)
    with pytest.raises(ParameterError, match="--osc-allow"):
        presets.save(["mine"], ("10.0.0.9", 1))
    presets.save(["mine"], ME).act()
