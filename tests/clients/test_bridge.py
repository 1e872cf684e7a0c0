"""The bridge between a server and a sink: what is sent, when, at which size, and when the server is lost."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from server import run_cli

from bandwalk.clock import ManualClock
from bandwalk.errors import ParameterError
from bandwalk_client import Receiver
from bandwalk_client.bridge import Bridge, bridge
from bandwalk_client.bridge.bridging import LOST_S
from bandwalk_client.bridge.resize import Resizer, parse_resize
from bandwalk_client.bridge.sink import open_sink


class Sink:
    """Keeps what it is given."""

    def __init__(self):
        self.sent = []

    def send(self, rgb, fps):
        self.sent.append((rgb.copy(), fps))

    def close(self):
        pass


@pytest.fixture
def joined(server):
    """A server, a bridge and its sink, with a clock that the test moves; the subscription has arrived."""

    class Joined:
        def __init__(self):
            self.clock, self.sink = ManualClock(100.0), Sink()
            self.receiver = Receiver(server.endpoint, max_age_ms=20_000)  # a busy machine makes frames old

        def open(self, **kwargs):
            self.bridge = Bridge(self.receiver, self.sink, clock=self.clock.now, **kwargs)
            server.wait_for_subscriber()
            return self

        def hear(self, seq, **kwargs):
            """Send a frame, and let the bridge hear it."""
            server.send(seq, **kwargs)
            before, deadline = self.receiver.received, time.monotonic() + 30.0
            while self.receiver.received == before:
                assert time.monotonic() < deadline, "the frame did not come"
                self.bridge.step()

        def pass_time(self, seconds, step_s=0.01):
            """Let time go by in small steps."""
            for _ in range(round(seconds / step_s)):
                self.clock.advance(step_s)
                self.bridge._receiver = Silent(self.receiver)
                self.bridge.step()
            self.bridge._receiver = self.receiver

    class Silent:
        """A receiver that waits no time: the clock is the test's."""

        def __init__(self, receiver):
            self.endpoint = receiver.endpoint

        def receive(self, timeout_s):
            return None

    joined = Joined()
    yield joined
    joined.receiver.close()


def test_each_frame_goes_out_once_when_it_comes_at_the_servers_rate(joined, picture):
    joined.open()
    for seq in range(3):
        joined.hear(seq, rgb=picture, fps=24.0)
    joined.pass_time(1.0)
    assert len(joined.sink.sent) == 3
    for rgb, fps in joined.sink.sent:
        assert fps == 24.0
        assert np.abs(rgb.astype(int) - picture).mean() < 2


def test_at_a_rate_of_its_own_frames_are_repeated(joined):
    joined.open(fps=25.0)
    joined.hear(0, fps=10.0)
    joined.sink.sent.clear()
    joined.pass_time(1.0)
    assert len(joined.sink.sent) == pytest.approx(25, abs=1)
    assert {fps for _, fps in joined.sink.sent} == {25.0}


def test_nothing_is_sent_before_the_first_frame(joined):
    joined.open(fps=25.0, lost="black")
    joined.pass_time(LOST_S + 1)
    assert joined.sink.sent == []


@pytest.mark.parametrize(("lost", "light"), [("last", 100), ("black", 0)])
def test_a_lost_server_leaves_the_last_picture_or_black(joined, picture, lost, light, caplog):
    joined.open(lost=lost)
    joined.hear(0, rgb=picture)
    joined.sink.sent.clear()
    joined.pass_time(LOST_S - 0.1)
    assert joined.sink.sent == []
    joined.pass_time(2.0)
    assert len(joined.sink.sent) == pytest.approx(10, abs=1)
    assert (joined.sink.sent[-1][0].mean() > light) == (light > 0)
    assert "lost tcp://127.0.0.1" in caplog.text
    joined.hear(1, rgb=picture)
    assert joined.sink.sent[-1][0].mean() > 100
    assert "heard again" in caplog.text


def test_a_broken_frame_leaves_the_picture_before(joined, server, picture):
    joined.open()
    joined.hear(0, rgb=picture)
    server.send_raw(b"\xff\xd8\xff\xd9")
    while joined.receiver.received < 2:
        joined.bridge.step()
    assert joined.receiver.broken == 1
    assert np.array_equal(joined.sink.sent[0][0], joined.sink.sent[-1][0])


def test_pictures_are_brought_to_a_size_whole_with_black_beside(joined, picture):
    joined.open(resizer=Resizer(400, 96))
    joined.hear(0, rgb=picture)  # 64 x 48: twice as large is 128 x 96
    ((rgb, _),) = joined.sink.sent
    assert rgb.shape == (96, 400, 3)
    assert not rgb[:, :136].any()
    assert not rgb[:, 264:].any()
    assert np.abs(rgb[::2, 136:264:2].astype(int) - picture).mean() < 4


@pytest.mark.parametrize("text", ["512", "0x0", "1920x", "9000x100", "١٢x١٢"])
def test_a_size_that_is_none_is_refused(text):
    with pytest.raises(ParameterError, match=r"--resize = .*: expected WIDTHxHEIGHT from 16 to 8192"):
        parse_resize(text)


@pytest.mark.parametrize(
    ("kwargs", "complaint"),
    [
        ({"kind": "v4l2"}, r"pyvirtualcam: GPL-2\.0"),
        ({"kind": "vhs"}, "bridge vhs: expected ndi, spout, syphon"),
        ({"kind": "ndi", "fps": float("nan")}, "--fps = nan"),
        ({"kind": "ndi", "fps": 1e6}, "--fps = 1e[+]06: expected 0..240"),
        ({"kind": "ndi", "lost": "white"}, "--lost = white: expected last or black"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(kwargs, complaint):
    with pytest.raises(ParameterError, match=complaint):
        bridge(**kwargs)


@pytest.mark.parametrize(("kind", "system"), [("spout", "Windows"), ("syphon", "macOS")])
def test_the_sinks_of_other_systems_say_where_they_are(kind, system, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ParameterError, match=f"works only on {system}; expected ndi here"):
        open_sink(kind, "x")


@pytest.mark.parametrize(
    ("kind", "platform", "library"),
    [("ndi", "linux", "cyndilib"), ("spout", "win32", "SpoutGL"), ("syphon", "darwin", "syphon-python")],
)
def test_without_its_library_one_line_says_what_to_install(kind, platform, library, monkeypatch):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("cyndilib.sender", "SpoutGL", "syphon", f"bandwalk_client.bridge.{kind}"):
        monkeypatch.setitem(sys.modules, name, None if not name.startswith("bandwalk") else sys.modules.get(name))
    sys.modules.pop(f"bandwalk_client.bridge.{kind}", None)
    with pytest.raises(ParameterError, match=rf"expected {library}: pip install 'bandwalk\[{kind}\]'"):
        open_sink(kind, "x")


def test_the_command_line_ends_with_status_2_or_well(server):
    refused = run_cli("bridge", "v4l2")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    command = [sys.executable, "-m", "bandwalk", "bridge", "ndi", server.endpoint, "--name", "bandwalk-ends"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert "source 'bandwalk-ends'" in process.stderr.readline()
        server.wait_for_subscriber()
        server.send(0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
