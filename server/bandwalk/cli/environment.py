"""The environment that a renderer on the CPU wants, set before the process begins.

Measured on two cores: with libgomp's spinning barriers one other busy process takes a frame's 95th percentile
from 17 to 175 ms, waiting passively does not; and glibc gives large tensors back to the kernel after each
operation, so that every one is page-faulted anew (10 to 30 % of a frame). numpy's OpenBLAS wakes a thread for
each small product, which then spins for more and takes the other core from the picture (frames twice as long).
glibc gives threads arenas of their own, up to 8 a core, and each keeps the most that it ever held: with two, memory
stays where it was however often a model is exchanged.
What torch cannot do on Apple's GPU is done on the CPU.
All are read at process start, so the command executes itself once more where they are not set.

And what every Python that a command starts must know: that the folder it is called in is not searched for modules.
"""

import os
import platform
import signal
import sys

ENVIRONMENT = {
    "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**28),
    "MALLOC_ARENA_MAX": "2",
}
SAFE_PATH = "PYTHONSAFEPATH"
"""Keeps the present folder out of the path of Pythons that others start for us: a pool of processes, Ray."""

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
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # a Python that begins answers it by a traceback
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **missing, _DONE: "1"})
    os.environ[SAFE_PATH] = "1"
