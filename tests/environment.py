"""The environment of a test process, to be imported before numpy and torch: as the commands set it for themselves.

On some processors OpenBLAS gives other last bits on two threads than on one.
"""

import os
import runpy
import sys
from pathlib import Path

# read as a file: to import it brings numpy with it
_FILE = Path(__file__).parents[1] / "server" / "bandwalk" / "cli" / "environment.py"
ENVIRONMENT = runpy.run_path(str(_FILE))["ENVIRONMENT"]

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one drawing thread each: several processes share the machine
for name, value in ENVIRONMENT.items():
    if not name.startswith("MALLOC"):  # these are read when a process begins
        os.environ.setdefault(name, value)

# Hundreds of processes import the same modules: each would compile them anew where no bytecode is written.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
