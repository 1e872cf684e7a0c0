"""The tree is the architecture: the import graph is read from the files and held."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "server" / "bandwalk"
CLIENT = ROOT / "clients" / "bandwalk_client"

VOCABULARY = {"errors", "params", "strips", "clips", "messages", "row", "units", "records", "wire", "clock", "machine"}
STAGES = {"audio", "analysis", "walk", "generator", "output", "control", "web"}
EDGE = {"cli", "model_commands", "docs", "options", "__main__"}
NO_HEAVY = {"torch", "scipy", "sounddevice", "av", "soxr", "soundfile", "zmq", "pygame", "socket"}


def _imports(path: Path) -> set[str]:
    """All modules that a file imports, also inside functions, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _bandwalk_parts(path: Path) -> set[str]:
    """First names under bandwalk that a file imports."""
    parts = set()
    for name in _imports(path):
        if name.startswith("bandwalk."):
            parts.add(name.split(".")[1])
    return parts


def _row(part: str) -> int:
    if part in VOCABULARY:
        return 0
    if part in STAGES:
        return 1
    return 3 if part in EDGE else 2


SERVER_FILES = sorted(SERVER.rglob("*.py"))


def _part_of(path: Path) -> str:
    relative = path.relative_to(SERVER)
    return relative.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SERVER_FILES, ids=lambda p: str(p.relative_to(SERVER)))
def test_a_module_imports_only_from_rows_above_and_its_own_stage(path):
    part = _part_of(path)
    for other in _bandwalk_parts(path) - {part}:
        if not ((SERVER / other).is_dir() or (SERVER / f"{other}.py").exists()):
            continue  # a name out of bandwalk/__init__.py
        if _row(part) in (0, 2, 3):
            assert _row(other) <= _row(part), f"{part} (row {_row(part)}) imports {other} (row {_row(other)})"
        else:
            assert _row(other) == 0, f"stage {part} imports {other}"


@pytest.mark.parametrize("name", sorted(VOCABULARY))
def test_the_vocabulary_needs_only_the_standard_library_and_numpy(name):
    tops = {module.split(".")[0] for module in _imports(SERVER / f"{name}.py")}
    assert not tops & NO_HEAVY
    assert name != "wire" or "numpy" not in tops


@pytest.mark.parametrize("path", sorted(CLIENT.rglob("*.py")), ids=lambda p: p.name)
def test_a_client_imports_of_bandwalk_only_the_wire_and_its_errors(path):
    assert _bandwalk_parts(path) <= {"wire", "errors"}
    assert not {module.split(".")[0] for module in _imports(path)} & {"torch", "scipy"}


def test_only_the_edge_imports_the_client():
    for path in SERVER_FILES:
        if any(name.split(".")[0] == "bandwalk_client" for name in _imports(path)):
            assert _part_of(path) == "cli", path


def test_no_module_is_longer_than_three_hundred_lines():
    long = [str(p) for p in [*SERVER_FILES, *CLIENT.rglob("*.py")] if len(p.read_text().splitlines()) > 300]
    assert not long


def test_every_package_has_only_a_docstring_and_exports():
    for path in [*SERVER.rglob("__init__.py"), *CLIENT.rglob("__init__.py")]:
        for node in ast.parse(path.read_text()).body:
            assert isinstance(node, ast.Expr | ast.Import | ast.ImportFrom | ast.Assign), path
