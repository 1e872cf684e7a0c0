"""What runs in the process that converts a model for OpenVINO: it reads the model file, writes the network and ends.

python -m bandwalk.generator.convert_child ORDER

Converting holds Python's lock for a tenth of a second, which a show cannot spare. The answer is one line of JSON: what
went wrong, or an empty text. The process ends at once when the show's end of its standard input is closed.
"""

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from bandwalk.generator.engines import can_be_hastened, convert_synthesis
from bandwalk.generator.loading import load
from bandwalk.generator.network_files import NetworkFiles
from bandwalk.generator.precision import take_over
from bandwalk.generator.screen import Screen

MAX_CPU_S, MAX_DATA = 600, 2**33
"""Seconds of the processor's time, and bytes of memory, after which the system ends the process."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to convert.

    files:   as `Snapshot.files`.
    sha256:  that the model must have: its file may have changed.
    screen:  the fields of the one that it is loaded for; None: its own size.
    decided: what `precision` has decided about it: (sha256, way, whether).
    folder:  of the networks.
    """

    files: tuple[str, ...]
    sha256: str
    screen: tuple[int, int, str, float] | None
    decided: tuple[tuple[str, str, bool], ...]
    folder: str

    def packed(self) -> str:
        """Return it as ASCII."""
        return json.dumps(asdict(self))


def convert(order: Order) -> str:
    """Convert a model and write its network; return what went wrong, or an empty text."""
    take_over({(sha256, way): is_better for sha256, way, is_better in order.decided})
    screen = None if order.screen is None else Screen(*order.screen)
    path, *like = order.files
    G = load(path, screen=screen, like=like[0] if like else None)
    if G.sha256 != order.sha256 or not can_be_hastened(G):
        return f"{path} has changed since it was loaded"
    files = NetworkFiles(Path(order.folder))
    files.write(files.path(G), convert_synthesis(G.live_synthesis(full=True)))
    return ""


def main(packed: str) -> None:
    """Do what an order says."""
    _limit()
    threading.Thread(target=_end_with_show, daemon=True).start()
    torch.set_num_threads(1)
    try:
        answer = convert(Order(**json.loads(packed)))
    except Exception as e:  # noqa: BLE001  of any kind; the show says it in one line and goes on
        answer = f"{type(e).__name__}: {str(e).partition(chr(10))[0]}"
    sys.stdout.write(json.dumps(answer) + "\n")


def _end_with_show() -> None:
    os.read(0, 1)  # not by sys.stdin: Python could not end while a thread reads that
    os._exit(1)


def _limit() -> None:
    """Let the system end this process before it harms others, whether the show lives or not."""
    if sys.platform != "win32":
        import resource

        for kind, most in ((resource.RLIMIT_CPU, MAX_CPU_S), (resource.RLIMIT_DATA, MAX_DATA)):
            _, hard = resource.getrlimit(kind)
            lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (lower, lower))
    if sys.platform == "linux":
        with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("1000")  # where memory runs out, this process is the one that goes


if __name__ == "__main__":
    main(sys.argv[1])
