"""A render by workers ends when it is told to, and goes on when several of them die close together."""

import contextlib
import os
import signal
import time

import pytest
from server import Started

from bandwalk.farm.processes import Processes
from bandwalk.render.backends import clip_setup_of

from .conftest import children_of, open_job, title_of, wait_for
from .test_processes import WORKER

AT_ONCE_S = 5.0
"""On a slow machine with much beside it; it was seven where workers were waited for."""


@pytest.mark.alone
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_render_whose_workers_have_only_begun_ends_at_once(short, tmp_path, name):
    path = tmp_path / "clip.mp4"
    with Started("render", short, "-o", path, "--farm", "local:2", "--size", "128", "--fps", "24") as process:
        wait_for(lambda: any(WORKER in title_of(child) for child in children_of(process.pid)))
        told = time.monotonic()
        process.send_signal(name)
        assert process.wait(90) == 130
        assert time.monotonic() - told < AT_ONCE_S
        assert "Traceback" not in process.stderr()


def test_four_workers_that_die_close_together_cost_no_picture(short, tmp_path):
    path = tmp_path / "clip.mp4"
    killed = set()

    def kill_a_new_one(pid):
        for child in children_of(pid):
            if WORKER in title_of(child) and child not in killed:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    killed.add(child)
                    return True
        return False

    flags = ("--farm", "local:1", "--size", "128", "--fps", "24", "--end", "1")
    with Started("render", short, "-o", path, *flags) as process:
        for _ in range(4):
            wait_for(lambda: kill_a_new_one(process.pid))
        assert process.wait(90) == 0, process.stderr()
        assert "24 frames" in process.stderr() or path.stat().st_size
    assert len(killed) == 4


@pytest.mark.alone
def test_closing_does_not_wait_for_workers_that_begin(short):
    job, G = open_job(short)
    processes = Processes(clip_setup_of(job, G), 1)
    begun = time.monotonic()
    processes.close()
    assert time.monotonic() - begun < AT_ONCE_S
