"""The analysis in a process of its own: the same features, and a show that goes on whatever happens to it."""

import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter, sosfilt
from sounds import beat

from bandwalk.analysis import Analyzer
from bandwalk.analysis.butterworth import butterworth, run_sections
from bandwalk.analysis.process import EarProcess, RemoteAnalyzer, remote
from bandwalk.analysis.process.ear_process import EarLostError
from bandwalk.analysis.process.messages import STEP, pack_features, pack_values, unpack_features, unpack_values
from bandwalk.errors import WorkError
from bandwalk.params import defaults
from bandwalk.pipeline import stage_values
from bandwalk.records import Beat, Block, Counters, Features, Music

MUSIC = beat(1.0)
HOP = 480
VALUES = stage_values.ear(defaults())
OTHERS = replace(VALUES, gain=0.7, bands=(replace(VALUES.bands[0], f_hi=180.0), *VALUES.bands[1:]))
CUTS = [0, 1, 479, 480, 481, 3000, 3007, 12_000, 20_000, 48_000]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there a show hears in its own process")


def blocks_of(y, cuts):
    return [Block(y[a:b], b, b / 48_000) for a, b in pairwise(cuts)]


def one_step(n=0):
    return Block(MUSIC[n * HOP : (n + 1) * HOP], (n + 1) * HOP, 0.01 * n)


def ended(pid):
    """Return what can be waited for until a process has ended, whoever its parent is."""
    return os.pidfd_open(pid)


def has_ended(descriptor, timeout_s=30):
    with os.fdopen(descriptor):
        return bool(select.select([descriptor], [], [], timeout_s)[0])


@pytest.fixture
def opened():
    """Return a function that opens an analyzer whose process listens; all are closed."""
    analyzers = []

    def open_it(**options):
        process = EarProcess()
        analyzers.append(RemoteAnalyzer(process, Counters(), VALUES, step_rate=100.0, **options))
        process.wait()
        return analyzers[-1]

    yield open_it
    for analyzer in analyzers:
        analyzer.close()


def test_any_cutting_gives_the_features_of_this_process_to_the_bit_and_the_sound_beside(opened):
    sounds, sounds_there = [], []
    here = Analyzer(VALUES, step_rate=100.0, beside=lambda y: sounds.append(y.copy()))
    there = opened(beside=lambda y: sounds_there.append(y.copy()))
    assert (there.hop, there.step_rate) == (here.hop, here.step_rate)
    for n, block in enumerate(blocks_of(MUSIC, CUTS)):
        if n == 6:
            here.set(OTHERS)
            there.set(OTHERS)
        assert repr(there.process(block)) == repr(here.process(block))
        assert there.missing == here.missing
    assert there.process(one_step()) == here.process(one_step())
    np.testing.assert_array_equal(sounds_there, sounds)


def test_values_that_are_set_before_the_first_sound_are_gone_over_to_as_in_this_process(opened):
    here, there = Analyzer(VALUES, step_rate=100.0), opened()
    here.set(OTHERS)
    there.set(OTHERS)
    assert there.process(Block(MUSIC[:9600], 9600, 0.0)) == here.process(Block(MUSIC[:9600], 9600, 0.0))


def test_features_and_values_come_out_as_they_went_in():
    rng = np.random.default_rng(1)
    bands, hits = [tuple(rng.random(3).tolist()) for _ in range(3)], (True, False, True)
    music = Music(
        *rng.random(2), True, 0.1, True, 0.2, -23.0, 0.4, True, True, False, chroma=tuple(rng.random(12)), key="fsm"
    )
    features = Features(7, 0.08, 1.5, *bands, hits, 0.3, Beat(True, True, 17.25, 0.3, 123.4, 0.9), music)
    assert unpack_features(pack_features(features), 7, 0.08, 1.5) == features
    assert unpack_values(pack_values(OTHERS)) == OTHERS


def test_a_process_that_is_killed_is_replaced_and_after_a_second_one_this_process_hears(opened, monkeypatch, caplog):
    monkeypatch.setattr(remote, "MIN_LIFE_S", 1e9)
    there = opened()
    [before] = there.process(Block(MUSIC[:HOP], HOP, 0.0))
    first = there._process
    os.kill(first.pid, signal.SIGKILL)
    [during] = there.process(one_step(1))
    assert during == replace(before.without_hits(), step=1, t_audio=0.02, t_capture=0.01)
    assert there._counters.counts == {"steps_unheard": 1}
    second = there._process
    second.wait()
    [after] = there.process(one_step(2))
    [wanted] = Analyzer(VALUES, step_rate=100.0).process(one_step(2))
    assert after == replace(wanted, step=2, t_audio=0.03)
    os.kill(second.pid, signal.SIGKILL)
    heard = there.process(Block(MUSIC[: 3 * HOP], 3 * HOP, 0.0))
    assert [features.step for features in heard] == [3, 4, 5]
    assert there._process is second
    there.set(OTHERS)
    assert there.process(one_step())[0].step == 6
    assert "killed" not in caplog.text
    assert "was ended by signal 9; another one is begun" in caplog.text
    assert "the show's own process hears from now on" in caplog.text


def test_a_process_that_does_not_answer_is_lost(opened, monkeypatch):
    monkeypatch.setattr(remote, "begin_ear", lambda: None)  # as where the system has no other one to offer
    there = opened()
    there.process(one_step())
    os.kill(there._process.pid, signal.SIGSTOP)
    assert [features.step for features in there.process(Block(MUSIC[:960], 960, 0.0))] == [1, 2]


def test_signals_that_stop_a_show_do_not_end_it_and_a_step_that_fails_is_reported():
    process = EarProcess()
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # from its first instruction on
            os.kill(process.pid, number)
        process.wait()
        with pytest.raises(WorkError, match="the analysis failed: AssertionError: sound before it was opened"):
            process.ask(STEP)
        with pytest.raises(WorkError):
            process.ask(STEP)
    finally:
        process.close()
    with pytest.raises(EarLostError):
        process.tell(STEP)


HOLDS_ONE = """
from bandwalk.analysis.process import EarProcess
ear = EarProcess()
print(ear.pid, flush=True)
ear.wait()
print("ready", flush=True)
input()
"""


def test_it_ends_with_the_process_that_began_it_even_if_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", HOLDS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        child = ended(int(parent.stdout.readline()))
        assert parent.stdout.readline() == b"ready\n"
        parent.kill()
        assert has_ended(child)


def test_it_imports_nothing_that_it_does_not_need():
    source = "import sys, bandwalk.analysis.process.child; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "scipy.signal", "scipy.stats", "zmq", "soundfile"} & set(modules)


@pytest.mark.parametrize("high", [False, True])
@pytest.mark.parametrize("f_hz", [5.0, 150.0, 2400.0, 23_000.0])
def test_a_filter_is_scipys(f_hz, high):
    y = np.random.default_rng(1).standard_normal((3, 60))
    sos, wanted = butterworth(5, f_hz, high=high), butter(5, f_hz, "high" if high else "low", fs=48_000, output="sos")
    state = np.zeros((3, 3, 2))
    passed, after = run_sections(sos, y, state)
    expected, expected_after = sosfilt(sos, y, zi=state)
    np.testing.assert_array_equal(passed, expected)
    np.testing.assert_array_equal(after, expected_after)
    np.testing.assert_allclose(passed, sosfilt(wanted, y), atol=1e-9)
