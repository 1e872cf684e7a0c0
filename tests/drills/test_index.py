"""The table of drills in docs/running.md: each names tests that there are, and no drill of this folder is left out."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
BESIDE = {"test_index.py", "test_soak.py", "test_corpus.py"}


def functions_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_names_tests_that_there_are():
    rows = [line for line in PAGE.partition("## Drills")[2].splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    assert all("::test_" in row for row in rows)
    assert [(path, name) for path, name in NAMED if name not in functions_of(ROOT / path)] == []


def test_every_drill_of_this_folder_is_in_the_table():
    files = {path for path in Path(__file__).parent.glob("test_*.py") if path.name not in BESIDE}
    assert {path.name for path in files} <= {Path(path).name for path, _ in NAMED}
