"""The environment that a renderer on the CPU wants, set before the process begins.

Measured on two cores: with libgomp's spinning barriers one other busy process takes a frame's 95th percentile
from 17 to 175 ms, waiting passively does not; and glibc gives large tensors back to the kernel after each
operation, so that every one is page-faulted anew (10 to 30 % of a frame). numpy's OpenBLAS wakes a thread for
each small product, which then spins for more and takes the other core from the picture (frames twice as long).
What torch cannot do on Apple's GPU is done on the CPU.
All are read at process start, so the command executes itself once more where they are not set.
"""

import os
import platform
import sys

ENVIRONMENT = {
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**28),
}
_DONE = "BANDWALK_ENVIRONMENT"


def wanted_environment() -> dict[str, str]:
    """Return what of the environment is missing here; what the user has set stays as it is."""
    if os.name != "posix" or os.environ.get(_DONE):
        return {}
    glibc = platform.libc_ver()[0] == "glibc"
    wanted = {name: value for name, value in ENVIRONMENT.items() if glibc or not name.startswith("MALLOC")}
    return {name: value for name, value in wanted.items() if name not in os.environ}


def ensure_environment() -> None:
    """Execute the same command again with the environment set, once; same process id."""
    missing = wanted_environment()
    if missing:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **missing, _DONE: "1"})
