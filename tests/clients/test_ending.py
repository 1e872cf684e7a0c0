"""Ctrl-C is never lost: at any moment of a start, and where SIGINT was ignored from the start."""

import os
import signal
import subprocess
import sys
import time

import pytest

DEADLINE_S = 60.0

WAITING = """
from bandwalk_client.ending import ended_by_signals
with ended_by_signals() as ending:
    print("up", flush=True)
    while not ending.is_asked:
        pass
print("ended", flush=True)
"""


@pytest.mark.parametrize("is_ignored", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_also_in_what_a_shell_has_started_in_the_background(number, is_ignored):
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"] if is_ignored else []
    with subprocess.Popen([*command, sys.executable, "-c", WAITING], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.stdout.read() == b"ended\n"
        assert process.wait(DEADLINE_S) == 0


def test_a_viewer_ends_at_whatever_moment_of_its_start_ctrl_c_comes():
    hidden = ("DISPLAY", "WAYLAND_DISPLAY")
    env = {name: value for name, value in os.environ.items() if name not in hidden} | {"SDL_VIDEODRIVER": "dummy"}
    command = [sys.executable, "-m", "bandwalk", "view", "tcp://127.0.0.1:1"]
    begun = time.monotonic()
    viewers = [subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) for _ in range(6)]
    try:
        for n, viewer in enumerate(viewers):
            time.sleep(max(0.0, begun + n * 0.7 - time.monotonic()))  # the moment is the point
            viewer.send_signal(signal.SIGINT)
        for viewer in viewers:
            assert viewer.wait(DEADLINE_S) in (0, 130, -signal.SIGINT, 1)
    finally:
        for viewer in viewers:
            viewer.kill()
            viewer.wait()
