"""Reads broken and hostile model files: outcome, time and memory of each.

    python checks/fuzz_reader.py [--count 2000] [--seed 0] [--models tests/data] [--doors] [--json]
    python checks/fuzz_reader.py --read FILE... [--json]

Makes files by mutating models: those of the tests, and the same models in each other format (--doors: only
these). Bytes are changed, cut out, doubled, put in, swapped with another model's; the file is cut short; numbers are
replaced by extreme ones, opcodes by others. Each file is read under a limit of 500 MB of address space beyond the
imports. It must be loaded, or refused in one line, within a second. Nothing may be imported, compiled, started
or deserialized by foreign code in this time; Python's audit events show it. Linux only.
"""

import argparse
import codecs
import json
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading import read_snapshot, write_safetensors

LIMIT_S = 1.0
LIMIT_MB = 500
TESTS = Path(__file__).parents[1] / "tests"
MODELS = TESTS / "data"
sys.path.insert(0, str(TESTS))
from generator.door_files import DOORS  # noqa: E402

KINDS = ("*.pkl", "*.pt", "*.safetensors")
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**40, 2**63 - 1, 2**64 - 1)
EXECUTING = (
    "import",
    "exec",
    "compile",
    "pickle.find_class",
    "marshal.loads",
    "ctypes.",
    "os.",
    "subprocess.",
    "socket.",
)
HARMLESS = ("os.listdir", "os.scandir", "os.putenv")


@dataclass(slots=True)
class Reading:
    """The result of reading a file.

    message: empty if it was loaded.
    seconds: CPU time, because the machine may be busy.
    mb:      peak above the memory in use before.
    """

    file: str
    outcome: str
    message: str
    seconds: float
    mb: float
    executed: list[str]


class Watch:
    """Notes Python's audit events of executed code, while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.events: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, _args: tuple[object, ...]) -> None:
        if self.is_on and event.startswith(EXECUTING) and event not in HARMLESS:
            self.events.append(event)


def status_kb(field: str) -> int:
    """Return a figure of this process's memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def limit_memory() -> None:
    """Limit the address space to the present use and 500 MB."""
    limit = status_kb("VmSize") * 1024 + LIMIT_MB * 10**6
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def read(path: Path, watch: Watch) -> Reading:
    """Read a file and return the result."""
    Path("/proc/self/clear_refs").write_text("5")  # reset the peak
    before_kb = status_kb("VmRSS")
    watch.events, watch.is_on = [], True
    start = time.process_time()
    try:
        read_snapshot(path)
        outcome, message = "loaded", ""
    except CheckpointError as e:
        outcome, message = "refused", str(e)
    except BaseException as e:  # noqa: BLE001 - any other error is a finding
        outcome, message = "crashed", f"{type(e).__name__}: {e}"
    seconds = time.process_time() - start
    watch.is_on = False
    mb = max(0, status_kb("VmHWM") - before_kb) / 1000
    return Reading(path.name, outcome, message, seconds, mb, watch.events)


def is_well(reading: Reading) -> bool:
    """Return whether a file was loaded or refused in one line, within the limits, without executing anything."""
    one_line = "\n" not in reading.message and len(reading.message) < 500
    cheap = reading.seconds < LIMIT_S and reading.mb < LIMIT_MB
    return reading.outcome != "crashed" and one_line and cheap and not reading.executed


def mutate(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Return a model's bytes, changed in one to four ways."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        change(out, other, rng)
    return bytes(out)


def change(out: bytearray, other: bytes, rng: random.Random) -> None:
    """Change bytes in one way; the first and last thousand bytes are as likely as all the others."""
    low, high = rng.choice(((0, len(out)), (0, min(2000, len(out))), (max(0, len(out) - 2000), len(out))))
    at = rng.randrange(low, max(high, low + 1))
    size = rng.choice((1, 2, 4, 16, 300))
    match rng.randrange(8):
        case 0:
            out[at : at + size] = rng.randbytes(size)
        case 1:
            del out[at:]
        case 2:
            del out[at : at + size]
        case 3:
            out[at:at] = out[at : at + size]
        case 4:
            out[at:at] = rng.randbytes(size)
        case 5:
            begin = rng.randrange(len(other))
            out[at : at + size] = other[begin : begin + size]
        case 6:
            width = rng.choice((1, 2, 4, 8))
            number = rng.choice(EXTREMES) & (256**width - 1)
            out[at : at + width] = number.to_bytes(width, "little")
        case _:
            out[at : at + 1] = rng.choice(
                b"(.0123BCFGHIJKLMNPQRSTUVXabcdeghijlopqrstu}])\x80\x82\x85\x8a\x8e\x93\x94\x96"
            ).to_bytes()


def find_models(models: Path, folder: Path, *, only_doors: bool) -> list[Path]:
    """Return all models, and one more of each format that can be written."""
    found = sorted(path for kind in KINDS for path in models.glob(kind))
    if only_doors:
        found = []
    for path in found[:1]:
        write_safetensors(read_snapshot(path), folder / "own.safetensors")
    for path in (path for path in found if path.suffix == ".pt"):
        torch.save(torch.load(path, weights_only=True), folder / f"zip-{path.name}")
    for door, (_, make) in DOORS.items():
        (folder / f"{door}.model").write_bytes(make())
    return [*found, *sorted(folder.iterdir())]


def make_files(models: list[Path], folder: Path, count: int, seed: int) -> Iterator[Path]:
    """Write mutated models, one after the other."""
    rng = random.Random(seed)
    bytes_of = {path: path.read_bytes() for path in models}
    for number in range(count):
        model = models[number % len(models)]
        path = folder / f"{number}-{model.name}"
        path.write_bytes(mutate(bytes_of[model], bytes_of[rng.choice(models)], rng))
        yield path
        path.unlink()


def print_table(readings: list[Reading]) -> None:
    """Print outcomes, times and memory."""
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, torch {torch.__version__}"
    )
    print(f"{len(readings)} files: {dict(Counter(reading.outcome for reading in readings))}")
    ms = sorted(1000 * reading.seconds for reading in readings)
    mb = sorted(reading.mb for reading in readings)
    p99 = int(0.99 * (len(ms) - 1))
    print(f"time    median {statistics.median(ms):8.1f} ms   p99 {ms[p99]:8.1f} ms   most {ms[-1]:8.1f} ms")
    print(f"memory  median {statistics.median(mb):8.1f} MB   p99 {mb[p99]:8.1f} MB   most {mb[-1]:8.1f} MB")
    for reading in readings:
        if not is_well(reading):
            print("NOT WELL", reading)


def main() -> int:
    """Read the files; the status is 1 if one was not read correctly."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--doors", action="store_true")
    parser.add_argument("--read", type=Path, nargs="+")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    watch = Watch()
    codecs.lookup("cp437")  # of names in zip archives, imported when first met
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = find_models(args.models, folder, only_doors=args.doors)
        for model in models:  # load what torch, numpy and zipfile import late, before it counts
            read(model, watch)
        limit_memory()
        readings = [read(path, watch) for path in args.read or make_files(models, folder, args.count, args.seed)]
    if args.json:
        print(json.dumps([asdict(reading) | {"well": is_well(reading)} for reading in readings]))
    else:
        print_table(readings)
    return 0 if all(map(is_well, readings)) else 1


if __name__ == "__main__":
    sys.exit(main())
