"""What runs in the process that looks into songs: it ends when the show's end of its pipes is closed.

python -m bandwalk.show.survey.child

A line of standard input is a job, a line of standard output an answer, all JSON: ``["tempo", PATH]`` gives
``{"bpm": 128.0}``; ``["wave", PATH]`` gives ``{"per_s", "peaks", "rms", "is_whole"}``, again while it grows.
``{"is_over": true}`` follows the last one.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

START_NICE, NICE = 10, 19
"""Niceness while it starts, and at work: where the show wants all cores, a hundredth of one is left for this."""


def main() -> None:
    """Do jobs until the show is gone."""
    _step_back(START_NICE)
    from bandwalk.show.survey.jobs import JOBS  # takes a second

    _step_back(NICE)
    with suppress(BrokenPipeError):
        for line in sys.stdin:
            kind, path = json.loads(line)
            try:
                for answer in JOBS[kind](Path(path)):
                    _say(answer)
            except Exception as e:  # noqa: BLE001  a song that cannot be read ends no other job
                _say({"error": f"{type(e).__name__}: {e}"})
            _say({"is_over": True})


def _step_back(niceness: int) -> None:
    if sys.platform != "win32":
        os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
