"""The tree is the architecture: the imports are read from the files and held to one table."""

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "server" / "bandwalk"
CLIENT = ROOT / "clients" / "bandwalk_client"

STAGES = ("audio", "analysis", "walk", "generator", "output", "control", "web")
BASE = ("root", "params")
JOINED = (*BASE, *STAGES, "pipeline")

MAY_IMPORT = {
    "root": (),
    "params": ("root",),
    **dict.fromkeys(STAGES, BASE),
    "pipeline": (*BASE, *STAGES),
    "show": JOINED,
    "farm": JOINED,
    "render": (*JOINED, "farm"),
    "commands": JOINED,
    "layout": BASE,
    "cli": (*JOINED, "show", "render", "farm", "commands", "layout", "client"),
}
"""Each room, and the rooms that it may import beside its own files."""

NO_HEAVY = {"torch", "scipy", "sounddevice", "av", "soxr", "soundfile", "zmq", "pygame", "socket"}

SERVER_FILES = sorted(SERVER.rglob("*.py"))


@functools.cache
def _imports(source: str) -> frozenset[str]:
    """All modules that a file imports, also inside functions, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _room_of_file(path: Path) -> str:
    first = path.relative_to(SERVER).parts[0].removesuffix(".py")
    if first == "__main__":
        return "cli"
    return first if (SERVER / first).is_dir() else "root"


def _room_of_module(name: str) -> str:
    """The room of a dotted name; empty: outside bandwalk."""
    top, _, rest = name.partition(".")
    if top == "bandwalk_client":
        return "client"
    if top != "bandwalk" or not rest:
        return ""
    first = rest.split(".")[0]
    return first if (SERVER / first).is_dir() else "root"


def _wrong(room: str, source: str) -> set[str]:
    """The imports of a file of this room that the table does not allow."""
    allowed = {room, "", *MAY_IMPORT[room]}
    return {name for name in _imports(source) if _room_of_module(name) not in allowed}


def test_a_module_imports_only_what_its_room_may():
    for path in SERVER_FILES:
        assert not _wrong(_room_of_file(path), path.read_text(encoding="utf-8")), path


def test_a_planted_import_is_found():
    for room, may in MAY_IMPORT.items():
        rooms = {*MAY_IMPORT, "client"} - {room, "root", *may}
        for other in sorted(rooms):
            planted = "bandwalk_client" if other == "client" else f"bandwalk.{other}"
            assert _wrong(room, f"def f():\n    from {planted} import x\n"), f"{room} imports {other}"


def test_every_room_is_in_the_table_and_the_architecture_page_has_the_same():
    folders = {path.name for path in SERVER.iterdir() if any(path.glob("*.py"))}
    assert {*folders, "root"} == set(MAY_IMPORT)
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Threads")[0]
    rows = re.findall(r"^\| `([\w` ]+)` \| [^|]* \| ([^|]*) \|$", page, re.M)
    names = {"the stages": STAGES, "nothing": (), "everything": MAY_IMPORT["cli"]}
    written = {}
    for rooms, may in rows:
        allowed = [room for part in may.split(", ") for room in names.get(part.strip("`"), (part.strip("`"),))]
        written |= {room: set(allowed) for room in rooms.replace("`", "").split()}
    assert written == {room: set(may) for room, may in MAY_IMPORT.items()}


def test_at_most_nine_files_stand_beside_the_rooms():
    assert len(list(SERVER.glob("*.py"))) <= 9


def test_the_root_needs_only_the_standard_library_and_numpy():
    for path in sorted(SERVER.glob("[!_]*.py")):
        tops = {module.split(".")[0] for module in _imports(path.read_text(encoding="utf-8"))}
        assert not tops & NO_HEAVY, path
        assert path.stem != "wire" or "numpy" not in tops, path


def test_a_client_imports_of_bandwalk_only_the_wire_and_its_errors():
    for path in sorted(CLIENT.rglob("*.py")):
        imports = _imports(path.read_text(encoding="utf-8"))
        assert {name.split(".")[1] for name in imports if name.startswith("bandwalk.")} <= {"wire", "errors"}
        assert not {name.split(".")[0] for name in imports} & {"torch", "scipy"}


def test_no_module_is_longer_than_three_hundred_lines():
    long = [str(p) for p in [*SERVER_FILES, *CLIENT.rglob("*.py")] if len(p.read_text().splitlines()) > 300]
    assert not long


def test_every_package_has_only_a_docstring_and_exports():
    for path in [*SERVER.rglob("__init__.py"), *CLIENT.rglob("__init__.py")]:
        for node in ast.parse(path.read_text()).body:
            assert isinstance(node, ast.Expr | ast.Import | ast.ImportFrom | ast.Assign), path
