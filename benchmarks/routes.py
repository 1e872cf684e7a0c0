"""What sixteen routes cost: in each analysis step, and in each frame.

python benchmarks/routes.py
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from bandwalk.params import defaults
from bandwalk.params.row import Value
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.moves import InUse, moved, moved_by_routes
from bandwalk.records import Beat, Features, Music, Pose
from bandwalk.walk import Routes, mix_by_bands

MOVERS = ("low/level", "mid/change", "high/onset", "energy", "lfo/sine/4", "lfo/saw/2", "lfo/random/1", "midi/1/cc/21")
TARGETS = (
    *("/style/psi", "/transform/zoom", "/transform/rotate", "/walk/low/gain", "/walk/low/bump", "/bend/a/alpha"),
    *("/band/low/gain", "/master/speed", "/style/seed", "/walk/mid/kind", "/master/freeze", "/style/noise"),
    *("/transform/x", "/transform/y", "/walk/high/max_step", "/out/quality"),
)


def with_routes(n: int) -> dict[str, Value]:
    """Return the table's values with n routes in use."""
    values = defaults()
    for slot, target in enumerate(TARGETS[:n], 1):
        mode = "trigger" if target in ("/style/seed", "/walk/mid/kind", "/master/freeze") else "add"
        given = {"from": MOVERS[slot % len(MOVERS)], "to": target, "mode": mode, "attack_s": 0.02}
        values |= {f"/route/{slot}/{last}": value for last, value in given.items()}
    return values


def measure(act: Callable[[], object], runs: int) -> float:
    """Return the median time of a run, microseconds."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e6


def main() -> None:
    """Print one line for each number of routes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3000)
    runs = parser.parse_args().runs
    features = Features(
        0, 0.0, 0.0, (0.1,) * 3, (0.5,) * 3, (0.2,) * 3, (False,) * 3, 0.1, Beat(beats=3.3, bpm=120.0), Music()
    )
    mix = mix_by_bands(("coarse", "fine", "middle"), 14, (1.0, 1.0, 1.0))
    for n in (0, 1, 8, 16):
        values, routes = with_routes(n), Routes(0.01)
        used = InUse.of(values)

        def step(values: dict[str, Value] = values, routes: Routes = routes, used: InUse = used) -> None:
            said = routes.step(used.wanted, features, {"midi/1/cc/21": 0.5}, 1.0)
            plain.drive(moved_by_routes(values, used.every, said), mix, said)

        step()
        pose = Pose(0.0, np.zeros(1), (0.5,) * 3, 0.0, features, routes=routes.now)
        in_step = measure(step, runs) - measure(lambda values=values: plain.drive(values, mix), runs)  # type: ignore[misc]
        in_frame = measure(lambda values=values, pose=pose: moved(values, pose), runs)  # type: ignore[misc]
        print(f"{n:2} routes: {in_step:6.1f} us more in a step, {in_frame:6.1f} us in a frame")


if __name__ == "__main__":
    main()
