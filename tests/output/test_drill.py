"""The subscriber drill of checks/, in short."""

import subprocess
import sys
from pathlib import Path

DRILL = Path(__file__).parents[2] / "checks" / "drill_subscribers.py"


def test_subscribers_that_sleep_cost_the_others_nothing_and_wake_to_the_present():
    """At few frames a second, and three times at most: on a busy machine some are lost, but not each time."""
    command = [sys.executable, str(DRILL), "--stall-s", "3", "--fps", "10"]
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        if done.returncode == 0:
            break
    assert done.stdout.endswith("\npassed\n"), done.stdout + done.stderr
