"""A show for minutes or hours, with all that may happen to it: does the picture go on, and does anything grow?

    python benchmarks/soak.py [--minutes 60] [--size 128] [--fps 30] [--seed N] [--act NAME]...

`bandwalk serve` plays songs, some of them damaged. Models, looks, scenes, styles and sizes change, clients of each kind
come and go or stall, and faults come at random: floods, random bytes, a suspended process, a killed sound server, songs
that are truncated, replaced and deleted while they play, models that cannot be read, a log that nobody reads. Each is
done once, then they come at random; the seed is printed. Exit status 1: a time over 0.5 s without a frame that no act
makes by design, an error in the log that no act makes by design, the show has ended, or, where every act was done,
threads or descriptors are left over, or memory grows by over 10 MB an hour (in a run of 20 minutes or more; the first
10 are not counted). Linux only.
"""

import argparse
import os
import platform
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from soak_acts import CALM, GAP_S, Director
from soak_show import UNHANDLED, Frames, Meters, Show
from soak_stage import Stage, start_sound

WARM_S, LONG_S = 600.0, 1200.0
MAX_SLOPE_MB = 10.0
SETTLE_S = 20.0
SPARE_THREADS, SPARE_DESCRIPTORS = 2, 4
"""More than at the start that may be left: work that has just begun by itself."""


class Soak:
    """One run: what happened, and when."""

    def __init__(self, args, folder):
        self.args = args
        self.stage = Stage(folder, random.Random(args.seed), min(2.0, args.minutes * 2))
        env = {**os.environ, **start_sound(self.stage, args.act), "XDG_CACHE_HOME": str(folder / "cache")}
        self.show = self.stage.show = Show(args.port_base, self.stage.flags(args.size, args.fps), env)
        self.frames, self.meters = Frames(args.port_base), Meters(self.show)
        self.director = Director(self.stage, args.act)
        self.before = self.after = None
        self.status = None

    def run(self):
        """Do all of it."""
        try:
            self.frames.start()
            self.meters.start()
            self.began = time.monotonic() + 2.0
            time.sleep(2.0)
            self.first_counts = self.show.counts()
            self._play(self.began + self.args.minutes * 60)
        finally:
            self.meters.stop()
            self.frames.stop()
            self.status = self.show.close()
            self.stage.close()

    def _play(self, end):
        is_warm = self.director.play_all(end)
        if is_warm and self._is_alive():
            self.before = self._settled()
        self.director.play(end)
        if self._is_alive():
            self.after = self._settled()
            self.counts = self.show.counts()
        self.ended = time.monotonic()

    def _is_alive(self):
        return self.show.process.poll() is None

    def _settled(self):
        """Return (MB, threads, descriptors) once clients have left: the least of some seconds."""
        begun = time.monotonic()
        self.stage.calm(self.args.size)
        seen, end = [], time.monotonic() + min(SETTLE_S, 10 * self.stage.pause_s)
        while time.monotonic() < end:
            time.sleep(0.25)
            seen.append(self.show.meters())
        self.director.done.append((begun, end, CALM))
        return tuple(min(column) for column in zip(*seen, strict=True))

    def gaps(self):
        """Return (seconds, when, names of acts, whether they make it by design) of each gap, the longest first."""
        found = []
        for a, b in self.frames.gaps(GAP_S / 2, self.began, self.ended):
            acts = self.director.around(a, b)
            allowed = max([GAP_S, *(act.gap_s for act in acts)])
            found.append((b - a, a - self.began, ", ".join(act.name for act in acts) or "nothing", b - a <= allowed))
        return sorted(found, reverse=True)

    def errors(self):
        """Return the lines of the log with an error that no act makes by design."""
        return [
            line.strip()
            for t, line in self.show.log
            if UNHANDLED.search(line) and not any(act.errs for act in self.director.around(t, t))
        ]

    def faults(self):
        """Return what is wrong, one line each."""
        found = [
            f"{s:.2f} s without a frame at {at:.0f} s: {acts}" for s, at, acts, is_meant in self.gaps() if not is_meant
        ]
        found += [f"in the log: {line}" for line in self.errors()[:20]]
        if self.after is None:
            return [*found, f"the show has ended by itself, status {self.status}"]
        if self.before is not None:
            for name, spare, k in (("threads", SPARE_THREADS, 1), ("descriptors", SPARE_DESCRIPTORS, 2)):
                if self.after[k] > self.before[k] + spare:
                    found.append(f"{name}: {self.before[k]} at the start, {self.after[k]} at the end")
        if self.ended - self.began >= LONG_S and self.slope() > MAX_SLOPE_MB:
            found.append(f"memory grows by {self.slope():.1f} MB an hour; expected at most {MAX_SLOPE_MB:.0f}")
        return found

    def slope(self):
        """Return the growth of memory after the warm-up, MB an hour."""
        length = self.ended - self.began
        return self.meters.slope(self.began + min(WARM_S, length / 2), self.ended)


def rows(soak):
    """Yield the table, (name, text) in each row."""
    frames, since, until = soak.frames, soak.began, soak.ended
    fps, ages = np.percentile(frames.rates(since, until), [50, 5, 1]), np.array(frames.ages or [np.nan]) * 1e3
    yield "acts", ", ".join(f"{name} {n}" for name, n in Counter(act.name for *_, act in soak.director.done).items())
    yield (
        "frames",
        f"{len(frames.came)} came, {len(frames.drawn)} were drawn, {frames.changed} differ from the one before",
    )
    yield "fps", f"median {fps[0]:.0f}, 5 % {fps[1]:.0f}, 1 % {fps[2]:.0f} in a second (wanted: {soak.args.fps:g})"
    yield (
        "age ms",
        "median {:.0f}, 95 % {:.0f}, 99 % {:.0f}, max {:.0f}".format(*np.percentile(ages, [50, 95, 99, 100])),
    )
    for s, at, acts, is_meant in soak.gaps()[:8]:
        yield "gap", f"{s:.2f} s at {at:.0f} s: {acts}" + (" (by design)" if is_meant and s > GAP_S else "")
    points = (since, min(since + WARM_S, (since + until) / 2), until)
    memory = " / ".join(f"{soak.meters.near(t):.0f}" for t in points)
    yield "memory MB", f"start / {points[1] - since:.0f} s / end: {memory}; since then {soak.slope():+.1f} MB an hour"
    for k, name in enumerate(("threads", "descriptors"), 1):
        yield name, " -> ".join(str(read[k]) if read else "not measured" for read in (soak.before, soak.after))
    lost = {cause: n - soak.first_counts.get(cause, 0) for cause, n in getattr(soak, "counts", {}).items()}
    yield "lost", ", ".join(f"{cause} {n}" for cause, n in sorted(lost.items()) if n) or "nothing"
    levels = Counter(
        re.sub(r"\d+", "", line.split(":")[0])[:40] for _, line in soak.show.log if line.startswith(("W ", "E "))
    )
    yield "log", f"{len(soak.show.log)} lines; " + ", ".join(f"{name} {n}" for name, n in levels.most_common(8))
    if soak.stage.notes:
        yield "sound back", ", ".join(soak.stage.notes) + " s after its server was started again"


def main():
    """Run it and print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--port-base", type=int, default=23_100)
    parser.add_argument("--act", action="append", help="only this act; repeatable", default=[])
    parser.add_argument("--log", type=Path, help="write the show's log here")
    args = parser.parse_args()
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {args.minutes:g} minutes,",
        end=" ",
    )
    print(f"{args.size} px at {args.fps:g} fps, seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(args, Path(name))
        soak.run()
    if args.log:
        rows_of_log = [(t, line) for t, line in soak.show.log]
        rows_of_log += [(a, f"-> {act.name} ({b - a:.2f} s)\n") for a, b, act in soak.director.done]
        rows_of_log += [(t, f"   {mb:.0f} MB, {n} threads, {fds} descriptors\n") for t, mb, n, fds in soak.meters.read]
        args.log.write_text("".join(f"{t - soak.began:9.2f} {line}" for t, line in sorted(rows_of_log)))
    for name, text in rows(soak):
        print(f"{name:<12} {text}")
    found = soak.faults()
    print("\n".join(found) or "passed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
