"""requirements.lock names all that a server needs, each with hashes, and no place where it comes from."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_all_that_is_needed_is_locked_with_hashes_torch_aside():
    needed = subprocess.run(
        [sys.executable, ROOT / ".ci" / "requirements"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    blocks = re.split(r"\n(?=\S)", LOCK)
    locked = {plain(match[1]): block for block in blocks if (match := re.match(r"([\w.-]+)==\S+", block))}
    assert len(needed) > 15
    assert {plain(re.match(r"[\w-]+", line)[0]) for line in needed} <= set(locked)
    assert "torch" not in locked
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in locked.values())


def test_the_lock_names_no_address():
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", LOCK)
