"""Stalls of stages, ended threads and what /health says of them, by a clock that the test moves."""

import threading

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control import OscIn, OscTcp
from bandwalk.pipeline.stalls import STALL_S, STALL_STAGES, Stalls
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Counters
from bandwalk.show.guard import AGAIN_S, EXIT_BROKEN, BrokenShowError, Guard
from bandwalk.show.health import STUCK_S, Health
from bandwalk.show.threads import ThreadGroup

DEADLINE_S = 30.0


@pytest.fixture
def clock():
    return ManualClock(100.0)


@pytest.fixture
def stalls(clock):
    return Stalls(clock.now)


def counted(stalls):
    return {stage: n for stage, n in stalls.counts.items() if n}


@pytest.mark.parametrize("stage", STALL_STAGES)
def test_a_turn_over_a_quarter_of_a_second_is_counted_by_its_stage(stalls, clock, stage, caplog):
    for seconds in (STALL_S, STALL_S + 0.01, 3.0):
        with stalls.watch(stage):
            clock.advance(seconds)
    assert counted(stalls) == {stage: 2}
    assert [record.message for record in caplog.records] == [f"stall: {stage} took 0.26 s (stall 1 of it)"]


def test_a_turn_that_does_not_end_is_found_and_counted_once(stalls, clock):
    with stalls.watch("draw"):
        clock.advance(0.2)
        stalls.look()
        assert not counted(stalls)
        for _ in range(5):
            clock.advance(0.2)
            stalls.look()
    assert counted(stalls) == {"draw": 1}
    assert stalls.busy_s("draw") == 0.0


def test_a_turn_that_was_left_behind_does_not_hide_the_next_one(stalls, clock):
    old = stalls.watch("draw")
    old.__enter__()
    clock.advance(10.0)
    with stalls.watch("draw"):
        clock.advance(0.1)
        old.__exit__(None, None, None)
        assert stalls.busy_s("draw") == pytest.approx(0.1)


def test_an_error_is_no_turn_that_was_done(stalls, clock):
    clock.advance(3.0)
    with pytest.raises(ValueError, match="broken"), stalls.watch("hear"):
        raise ValueError("broken")
    assert stalls.idle_s("hear") == pytest.approx(3.0)


@pytest.fixture
def health(clock):
    tally = Tally()
    tally.stalls = Stalls(clock.now)
    return Health(tally, clock), tally


def work(tally, stages):
    for stage in stages:
        with tally.stalls.watch(stage):
            pass


@pytest.mark.parametrize("stuck", ["hear", "draw", "send"])
def test_a_stage_that_does_nothing_for_long_is_the_reason(health, clock, stuck):
    health, tally = health
    for _ in range(round(STUCK_S * 4) + 1):
        assert health.read()[0]
        clock.advance(0.25)
        work(tally, {"hear", "draw", "send"} - {stuck})
        health.look(wanted=True)
    is_well, said = health.read()
    assert not is_well
    assert (said["status"], said["reason"].partition(":")[0]) == ("failing", stuck)
    work(tally, [stuck])
    assert health.read()[1]["reason"] == ""


def test_where_no_picture_is_wanted_none_is_missed(health, clock):
    health, tally = health
    for _ in range(100):
        clock.advance(0.25)
        work(tally, ["hear"])
        health.look(wanted=False)
    assert health.read()[1]["status"] == "ok"


def test_control_that_works_on_one_thing_for_long_and_a_main_thread_that_does_not_look_are_reasons(health, clock):
    health, tally = health
    with tally.stalls.watch("control"):
        for _ in range(30):
            clock.advance(0.25)
            work(tally, ["hear", "draw", "send"])
            health.look(wanted=True)
        assert health.reason.startswith("control: at work")
    assert health.reason == ""
    clock.advance(STUCK_S + 1)
    assert health.reason.startswith("the main thread")


class Part:
    """A part whose thread the test ends."""

    def __init__(self, *, can_revive=True):
        self.ended, self.can_revive = [], can_revive

    def dead(self):
        return self.ended

    def revive(self, name):
        self.ended = []
        return self.can_revive


def test_an_ended_thread_is_started_again_and_a_second_end_within_a_minute_ends_the_show(clock):
    part = Part()
    guard = Guard([part], clock.now)
    guard.turn()
    for n in (1, 2):
        part.ended = ["hear"]
        guard.turn()
        assert (guard.restarts, part.ended) == (n, [])
        clock.advance(AGAIN_S)
    part.ended = ["hear"]
    guard.turn()
    part.ended = ["hear"]
    with pytest.raises(BrokenShowError, match="hear thread has ended twice") as raised:
        guard.turn()
    assert raised.value.exit_status == EXIT_BROKEN == 70


def test_what_cannot_be_started_again_ends_the_show(clock):
    part = Part(can_revive=False)
    part.ended = ["frame-subscribers"]
    with pytest.raises(BrokenShowError, match="cannot be started again"):
        Guard([part], clock.now).turn()


def wait_until(is_done):
    pause = threading.Event()
    for _ in range(round(DEADLINE_S * 100)):
        if is_done():
            return
        pause.wait(0.01)
    raise AssertionError("not in time")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_of_the_show_that_ends_goes_on_when_it_is_started_again():
    group, ended, worked = ThreadGroup(Counters(), threading.Event()), [], threading.Event()

    def turn():
        if not ended:
            ended.append(True)
            raise SystemExit
        worked.set()
        group.stop.wait(0.01)

    group.start("hear", turn)
    wait_until(lambda: group.dead() == ["hear"])
    assert group.revive("hear")
    assert worked.wait(DEADLINE_S)
    assert group.dead() == []
    assert group.join() == []


class UnforeseenError(Exception):
    """What nobody foresaw."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", ["osc-drain", "osc-apply", "osc-tcp"])
def test_threads_at_the_sockets_are_found_ended_and_started_again(kind, monkeypatch):
    failing = {"on": True}

    def fail_once(real):
        def run(*args):
            if failing.pop("on", None):
                raise UnforeseenError
            return real(*args)

        return run

    names = {"osc-drain": (OscIn, "_drain"), "osc-apply": (OscIn, "_apply"), "osc-tcp": (OscTcp, "_serve")}
    owner, method = names[kind]
    monkeypatch.setattr(owner, method, fail_once(getattr(owner, method)))
    if owner is OscIn:
        part = OscIn("127.0.0.1", 0, counters=Counters())
        part.start(lambda piece: None)
    else:
        part = OscTcp("127.0.0.1", 0, take=lambda packet, controller: None, counters=Counters())
        part.start()
    wait_until(lambda: part.dead() == [kind])
    assert part.revive(kind)
    assert part.dead() == []
    part.close()
