"""Model changes while a show plays: are there gaps in the frames, and does memory grow?

    python benchmarks/swap.py [--swaps 120] [--base 4096] [--source SONG] [--threads 1] [--scenes]

Three model files are made with random weights: a StyleGAN1, a StyleGAN2 and a StyleGAN3-T of 256 pixels, whose
channels are min(base / resolution, 512), the StyleGAN3's base a quarter of that (it costs four times as much), so that
the base is 1104 or more.
`bandwalk serve` plays a song; this process receives every frame over ZeroMQ, turns an OSC slider 50 times a second,
and asks for the next model when the one before has played for a second: with --scenes for a scene with this model,
which begins on a bar.

A model's usual gaps are those of its second without a change, so that other load affects both kinds. The first change
to each model is not counted, because a new file is measured once. Exit status 1: during a change a gap was more than
100 ms longer than the longest usual gap of the drawing model, memory after the last change is more than 10 MB above
that after the 20th, or the server logged a warning.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import zmq
from end_to_end import machine
from pythonosc.udp_client import SimpleUDPClient

from bandwalk.generator.reading import write_safetensors
from bandwalk.wire import parse_segment

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import random_networks

SIZE, PORT_BASE = 256, 19300
MODELS = ("first", "second", "third")
LOOKS = ("tide", "drummer", "songbird")
MORE_S = 0.1
"""How much longer than usual a gap may be."""

SETTLED, MAX_GROWTH_MB = 20, 10.0
"""The change after which memory has settled, and how much more it may be after the last one."""

LOADED_S, PLAYS_S = 120.0, 1.0


def write_models(folder: Path, base: int) -> list[str]:
    """Write three model files; return their names."""
    made = (
        random_networks.stylegan1(SIZE, base),
        random_networks.stylegan2(SIZE, base),
        random_networks.stylegan3_t(SIZE, base // 4),
    )
    for name, snapshot in zip(MODELS, made, strict=True):
        write_safetensors(snapshot, folder / file_of(name))
    return [file_of(name) for name in MODELS]


def file_of(model: str) -> str:
    """Return the name of a model's file."""
    return f"{model}.safetensors"


def write_scenes(folder: Path, names: list[str]) -> None:
    """Write a scene of each model."""
    scenes = [f'[[scene]]\npreset = "{look}"\nmodel = "{name}"\n' for look, name in zip(LOOKS, names, strict=True)]
    (folder / "show.scenes.toml").write_text("".join(scenes))


class Show:
    """`bandwalk serve` in a separate process, and a client of it."""

    def __init__(self, folder: Path, model: str, args: argparse.Namespace) -> None:
        command = [sys.executable, "-m", "bandwalk", "serve", args.source, "--loop", "--models", folder]
        command += ["--model", folder / model, "--size", SIZE, "--fps", args.fps, "--threads", args.threads]
        command += ["--port-base", PORT_BASE, "--presets", folder]
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder)}
        self.log = (folder / "log").open("w+")
        self._process = subprocess.Popen([*map(str, command)], env=environment, stderr=self.log)
        self._osc = SimpleUDPClient("127.0.0.1", PORT_BASE)
        self._frames = zmq.Context.instance().socket(zmq.SUB)
        self._frames.subscribe(b"")
        self._frames.connect(f"tcp://127.0.0.1:{PORT_BASE + 2}")
        self._ended = threading.Event()
        self._places = {name: place for place, name in enumerate(map(file_of, MODELS), 1)} if args.scenes else {}
        self.next()  # a message to a server that has not started yet is lost
        threading.Thread(target=self._turn_sliders, daemon=True).start()

    def _turn_sliders(self) -> None:
        """Move a parameter all the time, as part of the load."""
        while not self._ended.wait(0.02):
            self._osc.send_message("/master/intensity", 1.0 + 0.5 * np.sin(time.monotonic()))

    def load(self, name: str) -> None:
        """Ask for a different model."""
        if self._places:
            self._osc.send_message("/scene/go", self._places[name])
        else:
            self._osc.send_message("/model/load", name)

    def next(self) -> tuple[float, str]:
        """Return the time of the next frame, and the model that drew it."""
        if not self._frames.poll(1000 * LOADED_S):
            raise SystemExit(f"no frame for {LOADED_S:.0f} s; the log of the server:\n{self.read_log()}")
        return time.monotonic(), parse_segment(self._frames.recv())["model"]

    def rss_mb(self) -> float:
        """Return the memory of the server."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def read_log(self) -> str:
        """Return what the server has logged."""
        self.log.flush()
        return Path(self.log.name).read_text()

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self._process.terminate()
        self._process.wait(10)
        self._frames.close(linger=0)


Gaps = dict[str, list[float]]  # seconds, by the model that drew the frame at their end


def watch(show: Show, gaps: Gaps, is_over: Callable[[float, str], bool]) -> None:
    """Note the gap before each frame until is_over(now, model)."""
    before, _ = show.next()
    while True:
        now, model = show.next()
        gaps[model].append(now - before)
        before = now
        if is_over(now, model):
            return


def change(show: Show, name: str, loading: Gaps, alone: Gaps) -> float:
    """Change to a model and let it play for a while; return the seconds until its first frame."""
    asked = time.monotonic()

    def is_here(now: float, model: str) -> bool:
        if now - asked > LOADED_S:
            raise SystemExit(f"{name} did not come; the log of the server:\n{show.read_log()}")
        return model == Path(name).stem

    show.load(name)
    watch(show, loading, is_here)
    came = time.monotonic()
    watch(show, alone, lambda now, _: now - came > PLAYS_S)
    return came - asked


def is_measured(folder: Path, model: str) -> bool:
    """Return whether the gains of a model, and of all before it, are in the cache."""
    path = folder / "bandwalk" / "gains.json"
    return path.exists() and len(json.loads(path.read_text())) > MODELS.index(model)


def run(args: argparse.Namespace, folder: Path) -> list[str]:
    """Run and print the benchmark; return the failures, one line each."""
    names = write_models(folder, args.base)
    write_scenes(folder, names)
    show = Show(folder, names[0], args)
    loading, alone, took, memory = defaultdict(list), defaultdict(list), [], {}
    try:
        for n in range(-len(names), args.swaps + 1):
            if n == 0:
                for noted in (loading, alone, took):
                    noted.clear()
            took.append(change(show, names[n % len(names)], loading, alone))
            if n < 0:
                watch(show, alone, lambda _now, model: is_measured(folder, model))
            if n % 10 == 0 and n >= 0:
                memory[n] = show.rss_mb()
        warnings = re.findall(r"^[EW] .*|Traceback.*", show.read_log(), re.MULTILINE)
    finally:
        show.close()
    return [*tell_gaps(loading, alone), *tell_memory(memory, took), *warnings]


def tell_gaps(loading: Gaps, alone: Gaps) -> list[str]:
    """Print the gaps; return the failures."""
    print(f"\n{'gaps between frames, ms':<28}{'frames':>8}{'median':>10}{'p99':>10}{'longest':>10}")
    faults = []
    for model in alone:
        for title, gaps in ((f"{model}, alone", alone[model]), (f"{model}, another is loaded", loading[model])):
            ms = 1e3 * np.array(gaps)
            median, p99 = np.percentile(ms, (50, 99))
            print(f"{title:<28}{len(ms):>8}{median:>10.1f}{p99:>10.1f}{ms.max():>10.1f}", flush=True)
        limit = max(alone[model]) + MORE_S
        over = ", ".join(f"{1e3 * gap:.0f}" for gap in loading[model] if gap > limit)
        if over:
            faults.append(f"{model}: gaps of {over} ms, expected at most {1e3 * limit:.0f}")
    return faults


def tell_memory(memory: dict[int, float], took: list[float]) -> list[str]:
    """Print the time of a change and the memory after some of them; return the failures."""
    print(f"\na change took {np.median(took):.2f} s (median), {max(took):.2f} s (longest)")
    print("memory: " + ", ".join(f"{mb:.1f} MB after {n}" for n, mb in memory.items()))
    growth = memory[max(memory)] - memory.get(SETTLED, memory[0])
    return [f"memory grew by {growth:.1f} MB, expected at most {MAX_GROWTH_MB:g}"] if growth > MAX_GROWTH_MB else []


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--swaps", type=int, default=120)
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--base", type=int, default=4096)
    parser.add_argument("--source", default="demo")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    print(machine())
    print(f"{args.swaps} changes, {SIZE} px, base {args.base}, {args.threads} drawing thread(s)")
    with tempfile.TemporaryDirectory() as folder:
        faults = run(args, Path(folder))
    print("\n".join(faults) or "passed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
