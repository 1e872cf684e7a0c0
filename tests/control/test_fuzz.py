"""The fuzz of checks/, in short: mutated packets raise nothing, and nothing grows."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[2] / "checks" / "fuzz_osc.py"


def test_thirty_thousand_mutated_packets_leave_no_traceback_and_no_memory():
    done = subprocess.run(
        [sys.executable, FUZZ, "30000", "7"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 tracebacks, 0 faults, 0 threads died" in done.stdout
