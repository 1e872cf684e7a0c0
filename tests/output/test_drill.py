"""The subscriber drill of checks/, in short."""

import subprocess
import sys
from pathlib import Path

DRILL = Path(__file__).parents[2] / "checks" / "drill_subscribers.py"


def test_subscribers_that_sleep_cost_the_others_nothing_and_wake_to_the_present():
    command = [sys.executable, str(DRILL), "--stall-s", "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "passed"
