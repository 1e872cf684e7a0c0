"""Everything about a GPU in one command: is right what it draws, and how fast is it?

    python benchmarks/gpu.py [--device cuda] [--output FOLDER] [--minutes 8] [--short] [--only PART ...]

Each part runs in a process of its own, with a share of the time that is left. A part that fails, hangs or takes too
long costs its own rows only. All weights are random. The last thing printed is one table, in Markdown. FOLDER (by
default $OUT, or else gpu_report) gets the same table (report.md), all numbers (report.json) and the output of each part
(NAME.log).

    machine      what runs here
    tests        the tests that need a GPU
    sg1 ... r    each family at 256, 512, 1024: float32 and half precision against the plain reference
    graphs       the rule of 30 frames; bends, noise and a change of model while a graph is used
    builtin      the embedded model at 512, 1920x1080, 3840x2160, against the CPU's
    jpeg         JPEG on the CPU, and on the GPU where nvidia-nvimgcodec is installed
    swaps        memory after a hundred changes of model
    show         the whole path to a ZeroMQ client: frame rate, from sound and from OSC to the frame

``error`` is the mean difference from the reference in grey levels; pictures of random weights are first scaled to a
standard deviation of 64 levels. Exit status 1: a row is marked with "no" in its first column.

``--device cpu --short`` runs the same code at small sizes in less than a minute. It measures nothing worth keeping.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from gpu_parts.rows import Row, Setup, read_rows, to_table, write_row

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "server"))
from bandwalk.cli.environment import ENVIRONMENT  # noqa: E402  of this checkout, which need not be installed


@dataclass(frozen=True)
class Part:
    """A part of the report: the module of gpu_parts that measures it, and its share of the time."""

    module: str
    share: float
    kind: str = ""


PARTS = {
    "machine": Part("machine", 30),
    "tests": Part("gpu_tests", 70),
    "sg2": Part("networks", 45, "sg2"),
    "builtin": Part("embedded", 45),
    "graphs": Part("graphs", 45),
    "show": Part("show", 150),
    "sg3-t": Part("networks", 45, "sg3-t"),
    "sg3-r": Part("networks", 45, "sg3-r"),
    "sg1": Part("networks", 35, "sg1"),
    "jpeg": Part("jpeg", 20),
    "swaps": Part("swaps", 35),
}
"""In order: what matters most comes first."""

KILL_S = 3.0
"""Of the time, what is left for the end of the last part."""


def run_part(name: str, args: argparse.Namespace, limit_s: float) -> list[Row]:
    """Run a part in its own process; return its rows, and one more if it did not end well."""
    rows, log = args.output / f"{name}.rows", args.output / f"{name}.log"
    rows.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--part", name, "--device", args.device, "--output", args.output]
    begun = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*map(str, command), *(["--short"] if args.short else [])],
            env=environment(args.output), stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        fault = wait(process, limit_s)
    found = read_rows(rows)
    rows.unlink(missing_ok=True)
    print(f"{name}: {len(found)} rows in {time.monotonic() - begun:.0f} s{'; ' + fault if fault else ''}", flush=True)
    if fault:
        said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        last = [line for line in said if not line.startswith("Row(")][-1:]
        found.append(Row(name, "", note="; ".join([fault, *last])[:160], is_ok=False))
    return found


def wait(process: subprocess.Popen, limit_s: float) -> str:
    """Wait for the end of a part and all that it started; return what was wrong, or nothing."""
    try:
        status = process.wait(max(1.0, limit_s))
        return f"ended with {status}" if status else ""
    except subprocess.TimeoutExpired:
        return f"not finished in {limit_s:.0f} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a server that a part has left, too
        process.wait()


def environment(output: Path) -> dict[str, str]:
    """Return the environment of a part: the code of this checkout, caches beside the report."""
    paths = [ROOT / "server", ROOT / "clients", ROOT / "tests", HERE]
    return {
        **ENVIRONMENT,
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONUNBUFFERED": "1",
        "XDG_CACHE_HOME": str(output / "cache"),
    }


def run_all(args: argparse.Namespace) -> list[Row]:
    """Run the parts one after the other, each with its share of the time that is left."""
    rows, left = [], list(args.only or PARTS)
    end = time.monotonic() + 60.0 * args.minutes - KILL_S
    while left:
        share = PARTS[left[0]].share / sum(PARTS[name].share for name in left)
        rows += run_part(left[0], args, share * (end - time.monotonic()))
        left.pop(0)
        (args.output / "report.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return rows


def measure_here(args: argparse.Namespace) -> None:
    """Measure one part in this process."""
    import importlib

    part, path = PARTS[args.part], args.output / f"{args.part}.rows"
    setup = Setup(args.device, args.short, args.output, part.kind)
    if args.device == "cpu":
        importlib.import_module("torch").set_num_threads(1)
    module = importlib.import_module(f"gpu_parts.{part.module}")
    module.measure(setup, lambda *cells, **more: write_row(path, Row(args.part, *cells, **more)))


def parse() -> argparse.Namespace:
    """Return the command line's values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--output", type=Path, default=Path(os.environ.get("OUT", "gpu_report")))
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.output = args.output.resolve()
    return args


def main() -> int:
    """Run one part, or all of them and print the table."""
    args = parse()
    args.output.mkdir(parents=True, exist_ok=True)
    if args.part:
        measure_here(args)
        sys.stdout.flush()
        os._exit(0)  # all rows are written; to take torch down may last longer than to measure
    rows = run_all(args)
    table = to_table(rows)
    (args.output / "report.md").write_text(table)
    print(f"\n{table}", end="")
    return 0 if all(row.is_ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
