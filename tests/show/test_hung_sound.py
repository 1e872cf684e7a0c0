"""A sound server that hangs when a show begins, or is asked for another source: a line, and the show goes on."""

import signal
import time

import pytest
from server import Osc, Server, Started, free_port_base, run_cli

pytestmark = pytest.mark.audio


@pytest.fixture
def hung(pulse):
    """A sound server that takes connections and answers none."""
    pulse.hang(hanging=True)
    yield pulse
    pulse.hang(hanging=False)


def test_a_start_is_refused_in_a_line(hung):
    done = run_cli("serve", "live:bw_monitor", "--port-base", free_port_base(), env=hung.env)
    assert done.returncode == 2
    waiting, line = done.stderr.splitlines()
    assert "opening live:bw_monitor: waiting for the sound system" in waiting
    assert "opening live:bw_monitor: the sound server does not answer within 4 s" in line


def test_devices_say_so(hung):
    done = run_cli("devices", env=hung.env)
    assert done.returncode == 2
    assert "listing sound cards: the sound server does not answer within 4 s" in done.stderr


@pytest.mark.parametrize("args", [("live",), ("demo", "--monitor")])
def test_a_signal_ends_it_while_it_waits(hung, args):
    """A monitor's too, which PortAudio opens: its start would hang in C, with stderr closed."""
    with Started("serve", *args, "--port-base", free_port_base(), env=hung.env) as process:
        deadline = time.monotonic() + 60.0
        while "waiting for the sound system" not in process.stderr():
            assert time.monotonic() < deadline, process.stderr()
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0  # without it: for as long as the sound server hangs


def test_a_running_show_plays_on_and_other_sources_open_at_once(hung, tmp_path):
    with Server("demo", "--size", "64x64", "--threads", "1", "--music", tmp_path, env=hung.env) as running:
        osc = Osc(running)
        osc.send("/audio/source", "live")
        reason = osc.until("/error", lambda address, _: address == "/audio/source")[1]
        assert reason == "opening live: the sound server does not answer within 4 s; demo continues"
        osc.send("/audio/source")
        osc.until("/audio/source", lambda name: name == "demo")
        osc.close()
