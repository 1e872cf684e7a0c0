"""Shows that begin, end and hear a file of their own: signals, targets, songs that end, silence, hits.

Beside ``test_live``, whose show would go on all the while.
"""

import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from frames import meta_of, picture_of
from server import Frames, Server, Started, free_port_base, is_open
from sounds import beat, hits

SMALL = ("--size", "64x64", "--threads", "1")


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    soundfile.write(folder / "beat.wav", beat(8.0), 48_000)
    soundfile.write(folder / "silence.wav", np.zeros(48_000 * 5, dtype=np.float32), 48_000)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_with_status_0(music, number):
    """Within a second: see test_stopping."""
    with Server(music / "beat.wav", *SMALL) as running, Frames(running) as watcher:
        watcher.next()
        assert running.stop(number)[0] == 0


def test_a_signal_while_it_starts_ends_it_with_status_0(music):
    base = free_port_base()
    command = [sys.executable, "-m", "bandwalk", "serve", str(music / "beat.wav"), *SMALL, "--port-base", str(base)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not is_open(base):  # the ports are opened first, the model later
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_features_go_out_though_one_target_is_unknown_and_styles_past_the_model_are_said(music):
    base = free_port_base()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", base + 1))
        ear.settimeout(30)
        targets = ("--osc-to", "switched-off.invalid:9001", "--osc-to", f"127.0.0.1:{base + 1}")
        with Server(music / "beat.wav", *SMALL, "--mix-low-layers", "0-20", *targets, base=base) as running:
            running.wait_for("--osc-to = switched-off.invalid: host not found; it gets nothing until it is")
            assert ear.recv(65536)[:7] == b"#bundle"
            running.wait_for("14 and up are ignored")


def test_duration_ends_it_and_a_song_that_has_ended_does_not(music):
    soundfile.write(music / "short.wav", beat(0.2), 48_000)
    with Server(music / "short.wav", *SMALL) as running, Frames(running) as watcher:
        after_the_end = watcher.until(lambda m: meta_of(m)["t_audio"] > 1.2)
        assert picture_of(watcher.next()) == picture_of(after_the_end)
    with Started("serve", "demo", *SMALL, "--duration", "0.5", "--port-base", free_port_base()) as process:
        assert process.wait(60) == 0


def test_in_silence_the_picture_rests(music):
    with Server(music / "silence.wav", *SMALL) as running:
        watcher = Frames(running)
        assert len({picture_of(watcher.next()) for _ in range(30)}) == 1
        watcher.close()


@pytest.mark.alone
def test_frames_follow_hits_in_silence(music):
    soundfile.write(music / "hits.wav", hits([1.0, 2.0], 60, 3.0), 48_000)
    with Server(music / "hits.wav", *SMALL, "--fps", "60", "--loop") as running:
        watcher = Frames(running)
        # a busy machine draws late, and then the next hit is looked at; what is late by itself is so at every hit
        assert any(_is_followed(*_around_a_hit(watcher)) for _ in range(6))
        watcher.close()


def _around_a_hit(watcher):
    """The audio times, in the song, of the last frame before a picture moves and of the first after."""
    before = watcher.next()
    while picture_of(moved := watcher.next()) != picture_of(before):  # until it rests
        before = moved
    while picture_of(moved := watcher.next()) == picture_of(before):
        before = moved
    return [meta_of(message)["t_audio"] % 3.0 for message in (before, moved)]


def _is_followed(at_rest, after):
    return any(at_rest - hit < 0.045 and 0.0 < after - hit < 0.3 for hit in (1.0, 2.0))
