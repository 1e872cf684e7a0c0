"""A disk on which nothing can be written (log, gains, state, presets, recordings): the show goes on and says so."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from drills.watching import Watching
from server import Osc, free_port_base

DATA = Path(__file__).parents[1] / "data"
MODEL = "a2_sg2ada_cond5.pkl"
MOVING = ("--route", "lfo/sine/4=/transform/rotate:1", "--beat-from", "manual")


class Full:
    """A show in a process that may write no byte into any file, its log included."""

    def __init__(self, folder):
        self.base = free_port_base()
        shutil.copy(DATA / MODEL, folder)
        names = ("models", "presets", "music", "state", "recordings")
        folders = [part for name in names for part in (f"--{name}", str(folder))]
        serve = [
            "-m",
            "bandwalk",
            "serve",
            "demo",
            "--size",
            "128",
            "--threads",
            "1",
            "--preset",
            "",
            *folders,
            *MOVING,
        ]
        limited = ["bash", "-c", 'ulimit -f 0; exec "$@"', "bash", sys.executable, *serve]
        env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        with (folder / "log").open("wb") as log:
            command = [*limited, "--port-base", str(self.base)]
            self.process = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL, env=env)


@pytest.fixture
def full(tmp_path):
    show = Full(tmp_path)
    yield show
    show.process.kill()
    show.process.wait()


def test_a_show_goes_on_where_nothing_can_be_written(full, tmp_path):
    with Watching(full.base, "full disk") as watching:
        osc = Osc(full)
        osc.send("/model/load", MODEL)
        osc.send("/preset/save", "look")
        address, reason = osc.until("/error")
        assert address == "/preset/save"
        assert "look" in reason
        osc.send("/record/start", "set")
        osc.until("/record/fault", lambda fault: fault == "set.mkv: File too large")
        osc.send("/style/psi", 0.5)  # a change that the state would keep
        osc.until_it_is("/style/psi", 0.5)
        with watching._grown:
            assert watching._grown.wait_for(lambda: watching.metas[-1]["model"] == Path(MODEL).stem, 60)
        watching.moves()
        osc.close()
    full.process.terminate()
    assert full.process.wait(60) == 0
    written = [
        path.name for path in tmp_path.rglob("*") if path.is_file() and path.name != MODEL and path.stat().st_size
    ]
    assert written == []
