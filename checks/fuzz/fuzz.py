"""Coverage-guided fuzzing of all that reads what comes from outside; needs atheris (pip install atheris).

    python checks/fuzz/fuzz.py [TARGET]... [--seconds 60] [--runs N]

Prints one line for each target: how many inputs, how many a second, what failed, what took too long. Inputs that failed
or were slow are written to --keep; put them into tests/data/corpus/TARGET, where a test reads them again. CPU time is
measured again without instrumentation before it counts. The status is 1 if anything failed or was slow.

    python checks/fuzz/fuzz.py osc --runs 10000000      ten million packets
"""

import argparse
import logging
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

SLOWED = 4.0
"""Instrumented code may be so many times slower; what took less is not measured again."""


def work(name: str, folder: Path, options: list[str]) -> None:
    """Fuzz one target in this process; libFuzzer ends it."""
    import atheris  # type: ignore[import-not-found]

    sys.stderr.flush()
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["bandwalk"]):
        import targets
    target = targets.TARGETS[name]
    seen = [0]

    def test(data: bytes) -> None:
        begun = time.thread_time()
        targets.try_one(target, data)
        if time.thread_time() - begun > SLOWED * target.limit_s and seen[0] < 50:
            seen[0] += 1
            (folder / f"maybe-slow-{seen[0]}").write_bytes(data)

    atheris.Setup([sys.argv[0], *options], test)
    atheris.Fuzz()


def cpu_s(name: str, data: bytes) -> float:
    """Return the CPU time that an input takes, the best of three, seconds."""
    from targets import TARGETS, try_one

    times = []
    for _ in range(3):
        begun = time.thread_time()
        try_one(TARGETS[name], data)
        times.append(time.thread_time() - begun)
    return min(times)


def fuzz(name: str, seconds: float, runs: int, keep: Path) -> tuple[str, bool]:
    """Fuzz one target in a process of its own; return (its line, whether all is well)."""
    from targets import CORPUS, DATA, TARGETS

    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as text:
        folder, found = Path(text), Path(text) / "found"
        found.mkdir()
        for seed in target.seeds:
            (found / seed).write_bytes((DATA / seed).read_bytes())
        options = [f"-max_len={target.max_len}", f"-artifact_prefix={folder}/", "-print_final_stats=1", "-timeout=20"]
        options += [f"-runs={runs}" if runs else f"-max_total_time={seconds:.0f}", "-rss_limit_mb=4096"]
        command = [sys.executable, __file__, "--work", name, str(folder), *options]
        command += [str(path) for path in (found, CORPUS / name) if path.is_dir()]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        failed, slow = _kept(name, folder, keep)
    units = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    rate = re.search(r"average_exec_per_sec:\s*(\d+)", done.stderr)
    line = f"{name:<12}{units[1] if units else '?':>10} inputs {rate[1] if rate else '?':>7}/s   "
    if done.returncode and not failed:
        failed.append(f"status {done.returncode}: {done.stderr[-1500:]}")
    elif failed:
        failed.append(done.stderr[-1500:])
    return line + ("; ".join(failed + slow) or "well"), not (failed or slow)


def _kept(name: str, folder: Path, keep: Path) -> tuple[list[str], list[str]]:
    """Keep the inputs that failed or were slow; return what is to be said of them."""
    from targets import TARGETS

    failed, slow = [], []
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        data = path.read_bytes()
        if path.name.startswith("maybe-slow"):
            seconds = cpu_s(name, data)
            if seconds <= TARGETS[name].limit_s:
                continue
            slow.append(f"{path.name}: {1000 * seconds:.0f} ms")
        else:
            failed.append(path.name)
        (keep / name).mkdir(parents=True, exist_ok=True)
        (keep / name / path.name).write_bytes(data)
    return failed, slow


def main() -> int:
    """Fuzz the targets one after the other; return the status."""
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
        return 0
    from targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--runs", type=int, default=0, help="inputs of each target, instead of seconds")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-kept"))
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    are_well = True
    for name in args.target or TARGETS:
        line, is_well = fuzz(name, args.seconds, args.runs, args.keep)
        are_well &= is_well
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0 if are_well else 1


if __name__ == "__main__":
    sys.exit(main())
