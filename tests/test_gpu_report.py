"""``benchmarks/gpu.py`` on a CPU: it measures, goes on after a part that fails, and prints one table last."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "benchmarks" / "gpu.py"


def report(folder, *args):
    command = [sys.executable, SCRIPT, "--short", "--output", folder, *args]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=200)


def test_the_parts_run_on_a_cpu(tmp_path):
    ended = report(tmp_path, "--device", "cpu", "--only", "graphs", "jpeg")
    rows = json.loads((tmp_path / "report.json").read_text())
    assert not [row for row in rows if not row["is_ok"]]
    assert {row["part"] for row in rows} == {"graphs", "jpeg"}
    assert ended.returncode == 0
    table = (tmp_path / "report.md").read_text()
    assert ended.stdout.endswith(table)
    assert table.count("\n") == 2 + len(rows)


def test_a_part_that_fails_costs_its_own_rows_only(tmp_path):
    ended = report(tmp_path, "--device", "nowhere", "--only", "builtin", "machine")
    rows = json.loads((tmp_path / "report.json").read_text())
    assert ended.returncode == 1
    assert rows[0]["part"] == "builtin"
    assert "nowhere" in rows[0]["note"]
    assert [row["is_ok"] for row in rows] == [False, True, True]


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    import gpu

    return gpu


def test_a_part_that_hangs_is_ended(gpu):
    hanging = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True)
    assert gpu.wait(hanging, 0.0) == "not finished in 0 s"
    assert hanging.returncode is not None


def test_every_part_has_its_module(gpu):
    modules = {path.stem for path in (SCRIPT.parent / "gpu_parts").iterdir()}
    assert {part.module for part in gpu.PARTS.values()} <= modules


def test_the_report_runs_all_tests_that_need_a_gpu(gpu):
    from gpu_parts.gpu_tests import FILES

    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != Path(__file__).name]
    found = [path for path in tests if re.search(r"pytest\.mark\.gpu", path.read_text())]
    assert {str(path.relative_to(ROOT)) for path in found} == set(FILES)
