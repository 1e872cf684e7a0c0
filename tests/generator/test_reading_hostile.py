"""Hostile and broken model files are refused in one line that names what was met; nothing in them is executed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from generator.hostile import payloads
from generator.model_files import ALL, DATA

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading import read_snapshot

FUZZ = Path(__file__).parents[2] / "checks" / "fuzz_reader.py"
NAMES = list(payloads(Path("canary")))
HARMLESS = {"many_lists", "deep_tuples", "deep_marks", "late_memo"}  # odd, but data: loaded as what they are


def run_fuzz(*args):
    """Read files in a process that has 500 MB beyond the imports; return what came of each."""
    command = [sys.executable, str(FUZZ), "--json", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """What came of each hostile file, and the canary that must never appear."""
    folder = tmp_path_factory.mktemp("hostile")
    canary = folder / "canary"
    files = {}
    for name, (make, _) in payloads(canary).items():
        files[name] = folder / f"{name}.model"
        files[name].write_bytes(make())
    found = {reading["file"]: reading for reading in run_fuzz("--read", *files.values())}
    assert not canary.exists()
    return {name: found[path.name] for name, path in files.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_by_name_within_its_bounds(name, readings):
    reading = readings[name]
    assert reading["well"], reading
    assert reading["outcome"] == ("loaded" if name in HARMLESS else "refused"), reading
    expected = payloads(Path("canary"))[name][1]
    assert (expected or "") in reading["message"]
    assert reading["message"].isascii()


@pytest.mark.parametrize("name", ["system", "eval", "system_alone", "objects_first"])
def test_the_payloads_do_work_where_they_are_executed(name, tmp_path):
    # Otherwise the test above would show nothing.
    canary = tmp_path / "canary"
    data = payloads(canary)[name][0]()
    code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=False, timeout=60)
    assert canary.exists()


@pytest.mark.parametrize("name", ALL)
def test_a_file_cut_short_anywhere_is_refused(name, tmp_path):
    data = (DATA / name).read_bytes()
    path = tmp_path / name
    for keep in (0, 1, 40, 1000, len(data) // 3, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:keep])
        with pytest.raises(CheckpointError, match=r"^[^\n]+$"):
            read_snapshot(path)


def test_mutated_models_are_loaded_or_refused_within_their_bounds():
    readings = run_fuzz("--count", 300, "--seed", 7)
    assert len(readings) == 300
    assert not [reading for reading in readings if not reading["well"]]
    assert {reading["outcome"] for reading in readings} == {"loaded", "refused"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "missing"])
def test_what_is_no_file_is_refused_at_once(kind, tmp_path):
    path = tmp_path / "model.pkl"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(CheckpointError, match=rf"model\.pkl: {'no such' if kind == 'missing' else 'not a'} file"):
        read_snapshot(path)
