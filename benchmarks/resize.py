"""Changes of size and fit while a show plays: how long are the gaps between frames?

    python benchmarks/resize.py [--rounds 3] [--fps 30] [--model FILE] [--device cpu]

`bandwalk serve` plays the demo; this process receives every frame over ZeroMQ, and asks for one size or fit after the
other, all 512 pixels high or wide. ``gap`` is the longest time between two frames from the message to half a second
after the first frame of the new shape; ``usual`` is the longest in the second before. Exit status 1: a gap over 500 ms.
"""

import argparse
import sys
import time

from end_to_end import Server, machine, split

CHANGES = (
    ("/out/size", "912x512"),
    ("/out/size", "512x912"),
    ("/out/size", "2048x512"),
    ("/out/fit", "crop"),
    ("/out/fit", "mirror"),
    ("/out/fit", "native"),
    ("/out/size", "512x512"),
)
MAX_GAP_S, MAX_WAIT_S, AFTER_S, BEFORE_S = 0.5, 30.0, 0.5, 1.0


def watch(server, is_over):
    """Return the longest gap until is_over(description, now), seconds."""
    last, longest = time.monotonic(), 0.0
    while True:
        meta, _ = split(server.frames.recv())
        now = time.monotonic()
        last, longest = now, max(longest, now - last)
        if is_over(meta, now):
            return longest


def ask(server, address, text):
    """Ask for a change; return the longest gap, and the seconds until the first frame of the new shape."""
    before, asked, came = [], time.monotonic(), []

    def is_over(meta, now):
        shape = meta["width"], meta["height"], *meta["drawn"]
        before.append(shape)
        if shape != before[0] and not came:
            came.append(now)
        return now - asked > MAX_WAIT_S or (bool(came) and now - came[0] > AFTER_S)

    server.send_text(address, text)
    gap = watch(server, is_over)
    return gap, (came[0] - asked if came else float("nan"))


def main():
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    print(machine())
    print(f"{'change':<22}{'gap ms':>10}{'usual':>10}{'after s':>10}")
    server, worst = Server("demo", "512x512", args.fps, "--model", args.model, "--device", args.device), 0.0
    try:
        for address, text in CHANGES * args.rounds:
            begun = time.monotonic()
            usual = watch(server, lambda _meta, now: now - begun > BEFORE_S)  # noqa: B023
            gap, after = ask(server, address, text)
            worst = max(worst, gap)
            print(f"{address + ' ' + text:<22}{1e3 * gap:>10.0f}{1e3 * usual:>10.0f}{after:>10.2f}", flush=True)
    finally:
        server.stop()
    return 1 if worst > MAX_GAP_S else 0


if __name__ == "__main__":
    sys.exit(main())
