"""Damaged sound files of every kind: the seconds that are heard, compared with FFmpeg, their delay, and the messages.

    python benchmarks/damage.py [--kind m4a]

A file is made, damaged, and read like in a show. FFmpeg leaves out gaps and what it cannot decode; here both become
silence, so that the rest keeps its time. If the two differ, the last column has the silence.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bandwalk.audio import SourceOptions, open_source

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from damaged import ffmpeg_s, kinds, lag_s


class Words(logging.Handler):
    """Collects the messages about a file."""

    def __init__(self):
        super().__init__()
        self.said = []

    def emit(self, record):
        """Keep a line."""
        self.said.append(record.getMessage().partition(": ")[2])


def hear(path):
    """Return ([n] at 48 kHz, seconds of inserted silence, seconds taken) of a file."""
    begun = time.perf_counter()
    source = open_source(str(path), SourceOptions())
    pieces = []
    while len(x := source.read(4800)):
        pieces.append(x[:, 0])
    flaws, rate = source._decoder.flaws, source._decoder.sample_rate
    return np.concatenate(pieces), flaws.silent / rate, time.perf_counter() - begun


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kind", default="", help="only files of this suffix")
    args = parser.parse_args()
    words = Words()
    logging.getLogger("bandwalk").addHandler(words)
    print("kind  damage                    true s  FFmpeg s   heard s  silent s  late ms  off  said")
    with tempfile.TemporaryDirectory() as folder:
        whole = {}
        for kind, damage, path, true_s in kinds(folder):
            if args.kind and kind != args.kind:
                continue
            words.said = []
            y, silent_s, _ = hear(path)
            whole.setdefault(kind, y)
            heard_s, by_ffmpeg = len(y) / 48_000, ffmpeg_s(path)
            lags = [lag_s(y, whole[kind], at) for at in (1.0, 2.0, 7.5, 9.0)]
            late = [f"{1000 * lag:+.0f}" for lag in lags if lag is not None]
            is_off = abs(heard_s - silent_s - by_ffmpeg) > 0.1 or (true_s and abs(heard_s - true_s) > 0.15)
            true = f"{true_s:7.2f}" if true_s else "      -"
            print(
                f"{kind:5} {damage:25}{true} {by_ffmpeg:9.3f} {heard_s:9.3f} {silent_s:9.3f}  {','.join(late):8}"
                f" {'!' if is_off else ' '}   {'; '.join(words.said)}"
            )


if __name__ == "__main__":
    main()
