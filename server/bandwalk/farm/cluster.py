"""Workers of a Ray cluster: Ray finds room for chunks, brings them there, and draws again what a death has lost.

A cluster of our own is for this machine and this user only: Ray runs whatever it is sent, so it listens on loopback,
to who knows a token that is made for this render. Nothing is reported to Ray's makers.
"""

import io
import logging
import os
import secrets
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np

from bandwalk.errors import BandwalkError, ParameterError, WorkError
from bandwalk.farm.clip_setup import Chunk, ClipSetup
from bandwalk.farm.worker import DrawnChunk, draw_chunk
from bandwalk.generator import is_embedded
from bandwalk.units import parse_host_port

logger = logging.getLogger(__name__)

_QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}
"""The first keeps Ray on 127.0.0.1, on Linux too; both are read when ray is imported."""

_MAX_DEATHS = 5
"""How many workers may die over a chunk."""

_STORE_BYTES = 1 << 30
"""Of shared memory that the store of a cluster of our own may take: chunks in flight, and a model file."""

_CONNECT_S = 5.0

_TURN_S = 0.05
"""Longest wait for a picture before a look whether it is still wanted."""


@contextmanager
def joined(address: str, cpus: int) -> Iterator[None]:
    """Be a part of the Ray cluster at HOST:PORT, or of one of our own that ends with the context.

    Args:
        cpus: cores that one of our own has.

    Raises:
        ParameterError:      no cluster answers there, or it does not take us.
        ModuleNotFoundError: ray is not installed.
    """
    os.environ.update(_QUIET)
    with ExitStack() as stack:
        if address:
            _check_reachable(address)
            where: dict[str, Any] = {"address": address}
        else:
            os.environ.update(_ALONE, RAY_AUTH_TOKEN=secrets.token_hex(32))
            folder = "/tmp" if os.name == "posix" else None  # a socket's path has at most 107 characters
            files = tempfile.TemporaryDirectory(prefix="bandwalk-", dir=folder, ignore_cleanup_errors=True)
            where = {"address": "local", "num_cpus": cpus, "include_dashboard": False}
            where |= {"object_store_memory": _STORE_BYTES, "_temp_dir": stack.enter_context(files)}
        stack.enter_context(redirect_stdout(_RayOutput()))
        import ray

        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            ray.init(**where, logging_level=logging.ERROR, log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as e:
            raise ParameterError(f"--farm = ray:{address}: {_first_line(e)}; expected a cluster that takes us") from e
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)  # Ray has put its own there
        stack.callback(ray.shutdown)
        yield


class _RayOutput(io.TextIOBase):
    """What Ray writes to stdout, raw frames or not: logged with --debug."""

    def write(self, text: str) -> int:
        if text.strip():
            logger.debug("ray: %s", text.strip())
        return len(text)


def _first_line(error: object) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _check_reachable(address: str) -> None:
    """Check that something answers at HOST:PORT: Ray itself would try for a minute."""
    try:
        socket.create_connection(parse_host_port(address), _CONNECT_S).close()
    except OSError as e:
        raise ParameterError(f"--farm = ray:{address}: {e.strerror or e}; expected a Ray cluster there") from e


class Cluster:
    """The cluster that this process is a part of, which draws a clip.

    Args:
        setup: what is drawn; a model file goes to the workers with it, they need not have it.
        stop:  once it is set nobody waits for pictures any more.

    Raises:
        ParameterError: no worker finds room there.
    """

    def __init__(self, setup: ClipSetup, stop: threading.Event | None = None) -> None:
        import ray

        self._stop = stop or threading.Event()

        on_gpu = setup.device.startswith("cuda")
        room: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self.workers = int(room.get("GPU", 0)) if on_gpu else int(room.get("CPU", 0)) // setup.threads
        if not self.workers:
            wanted = "a GPU" if on_gpu else f"{setup.threads} cores (--threads)"
            raise ParameterError(f"--farm = ray: the cluster has no room for a worker; expected {wanted}")
        cpus, gpus = (0, 1) if on_gpu else (setup.threads, 0)
        self._draw: Any = ray.remote(_draw_chunk).options(max_retries=_MAX_DEATHS, num_cpus=cpus, num_gpus=gpus)
        self._setup = ray.put(setup)
        self._weights = ray.put(None if is_embedded(setup.model) else np.fromfile(setup.model, np.uint8))

    def begin(self, chunk: Chunk) -> Any:
        """Have a chunk drawn; returns at once."""
        return self._draw.remote(self._setup, self._weights, chunk)

    def end(self, task: Any) -> DrawnChunk:
        """Wait for a chunk that was begun.

        Raises:
            BandwalkError:     it cannot be drawn.
            KeyboardInterrupt: stop was set.
        """
        import ray

        while not ray.wait([task], timeout=_TURN_S)[0]:
            if self._stop.is_set():
                raise KeyboardInterrupt
        try:
            drawn: DrawnChunk = ray.get(task)
        except ray.exceptions.RayTaskError as e:
            if isinstance(e.cause, BandwalkError):
                raise e.cause from e
            raise WorkError(f"--farm ray: {_first_line(e.cause)}") from e
        except ray.exceptions.RayError as e:
            raise WorkError(f"--farm ray: {_first_line(e)}") from e
        return drawn

    def close(self) -> None:
        """Forget what the workers share."""
        del self._setup, self._weights


def _draw_chunk(setup: ClipSetup, weights: np.ndarray | None, chunk: Chunk) -> DrawnChunk:
    return draw_chunk(replace(setup, weights=weights), chunk)
