"""The process in which a show hears: it may be killed, and it ends with the show."""

import contextlib
import os
import re
import select
import signal
from pathlib import Path

import pytest
from server import Osc, Server

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")


def hearing_process(server):
    """Return the process id of the server's newest child that hears."""
    children = []
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        children += map(int, (task / "children").read_text().split())
    found = [child for child in children if b"analysis.process.child" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return max(found)


def until_heard(server):
    """Wait until kicks are heard from now on: while nobody hears there are none."""
    osc = Osc(server)
    try:
        for _ in range(12):
            with contextlib.suppress(AssertionError):
                return osc.until("/feature/low/onset", lambda onset: onset == 1, timeout_s=5)
            osc.send("/subscribe", osc.port)
        raise AssertionError("no kick is heard")
    finally:
        osc.close()


def test_a_show_goes_on_where_the_process_that_hears_is_killed_and_takes_it_along():
    with Server("demo", "--size", "64x64", "--fps", "10", "--threads", "1") as server:
        until_heard(server)
        os.kill(hearing_process(server), signal.SIGKILL)
        server.wait_for("the process that hears was ended by signal 9; another one is begun")
        until_heard(server)
        osc = Osc(server, subscribe=False)
        osc.send("/stats")
        (unheard,) = osc.until("/stats/dropped/steps_unheard")
        assert unheard >= 1
        child = os.pidfd_open(hearing_process(server))
        assert server.stop()[0] == 0
        with os.fdopen(child):
            assert select.select([child], [], [], 30)[0]
        assert not [line for line in server.log if re.search("Traceback|goes on$", line)]
