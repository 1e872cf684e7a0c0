"""The environment of a test process, to be imported before numpy and torch: as the commands set it for themselves."""

import os

# One drawing thread in each test process: several of them share the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# On some processors OpenBLAS gives other last bits on two threads than on one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
