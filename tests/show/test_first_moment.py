"""Ctrl-C while the command is still being imported: it ends, and says nothing."""

import fcntl
import os
import signal
import subprocess
import sys

import pytest
from environment import ENVIRONMENT

WHEN = ["typer.models", "typer.main", "bandwalk.errors", "bandwalk.cli.flags", "bandwalk.cli.app"]
"""Modules whose import has just ended, as -X importtime tells; in the order in which they are."""


def _interrupt(module, times, *args):
    """Send SIGINT to the command once a module has been imported so many times; return (status, stderr)."""
    bare = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    command = [sys.executable, "-X", "importtime", "-m", "bandwalk", *args]
    process = subprocess.Popen(command, env=bare, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)  # it gets no further ahead of this test than a page of lines
    said = []
    for line in process.stderr:
        said.append(line)
        if line.rstrip().endswith(f" {module}") and (times := times - 1) == 0:
            process.send_signal(signal.SIGINT)
    return process.wait(60), "".join(line for line in said if not line.startswith("import time:"))


@pytest.mark.parametrize("module", WHEN)
def test_ctrl_c_during_the_import_is_not_answered_by_a_traceback(module):
    status, said = _interrupt(module, 1, "layout", "touchosc", "-o", os.devnull)
    assert (status, said) == (130, "")


@pytest.mark.parametrize(("module", "times"), [("encodings.utf_8", 2), ("bandwalk.errors", 1)])
def test_ctrl_c_while_the_command_executes_itself_again_is_not_lost(tmp_path, module, times):
    status, said = _interrupt(module, times, "render", "nothing.wav", "-o", str(tmp_path / "clip.mp4"))
    assert (status, said) == (130, "")
