"""The benchmark of what strangers send, in short: a server of its own, and its limits held."""

import subprocess
import sys
from pathlib import Path

from server import free_port_base

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "hostile.py"


def test_strangers_get_no_traceback_no_500_and_no_memory_and_shut_nobody_out():
    counts = {"--requests": 400, "--frames": 2000, "--subscribers": 200, "--rounds": 2, "--port-base": free_port_base()}
    command = [sys.executable, SCRIPT, *(part for pair in counts.items() for part in pair)]
    ended = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 tracebacks" in ended.stdout
