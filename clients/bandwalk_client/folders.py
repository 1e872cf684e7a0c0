"""The folders of files for other programs: next to this package in a checkout, inside it in an installed wheel."""

import shutil
from pathlib import Path

from bandwalk.errors import ParameterError


def folder_of(name: str) -> Path:
    """Return the folder of files for a program: resolume, tablet or touchdesigner."""
    here = Path(__file__).parent
    return next(folder for folder in (here / name, here.parent / name) if folder.is_dir())


def touchdesigner_line() -> str:
    """Return the line that makes the patch when pasted into TouchDesigner's Textport."""
    return f'import sys; sys.path.insert(0, r"{folder_of("touchdesigner")}"); import build_patch; build_patch.build()'


def copy_routes(path: Path | None = None) -> str:
    """Write routes for Resolume (--osc-map-file), for editing; to resolume.map if no path is given.

    Returns:
        One line that says what was written.

    Raises:
        ParameterError: the file exists, or cannot be written.
    """
    path = path or Path("resolume.map")
    if path.exists():
        raise ParameterError(f"-o {path}: exists already; expected a new file")
    try:
        shutil.copyfile(folder_of("resolume") / "resolume.map", path)
    except OSError as e:
        raise ParameterError(f"-o {path}: {e.strerror}; expected a file that can be created") from e
    return f"{path}: bandwalk serve live --osc-map-file {path}"


def copy_module(session: Path | None = None) -> str:
    """Write Open Stage Control's module next to a session; bandwalk.json if no session is given.

    Returns:
        One line that says what was written and how to use it.

    Raises:
        ParameterError: the file cannot be written.
    """
    session = session or Path("bandwalk.json")
    path = session.with_name("open-stage-control.js")
    try:
        path.write_bytes((folder_of("tablet") / path.name).read_bytes())  # it may be the same file
    except OSError as e:
        raise ParameterError(f"{path}: {e.strerror}; expected a file that can be written") from e
    ports = "--send 127.0.0.1:9000 --osc-port 9011"
    return f"{path}: open-stage-control {ports} --load {session} --custom-module {path}"
