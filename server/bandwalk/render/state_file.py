"""The state file beside an unfinished clip: what was being rendered, and how far it has come."""

import glob
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.generator.precision import decisions
from bandwalk.machine import whole_file
from bandwalk.output.resume_point import ResumePoint
from bandwalk.params import BY_ADDRESS, find_row, rows_used_by
from bandwalk.params.row import CLIP
from bandwalk.params.values import text
from bandwalk.render.job import Job, threads_of
from bandwalk.units import readable

_VERSION = 1
_ELSEWHERE = {"--preset", "--preset-setup", "--presets", "--scenes", "--mix", "--max-steps"}
_ELSEWHERE |= {"--models", "--farm", "--resume", "--force"}
"""Flags that do not affect the pixels, or only through other flags or files."""

_MAX_BYTES = 1 << 20
_MAX_FRAMES, _MAX_FILE = 1 << 40, 1 << 60
"""More than any clip has: what is beyond was not written here."""

_NO_STATE = (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError)
"""What is raised by reading a file that is not a state."""


def state_path(output: Path) -> Path:
    """Return where the state of a clip is kept."""
    return output.with_name(f"{output.name}.state")


def identity_of(job: Job, G: Generator) -> dict[str, Any]:
    """Return all that shapes a clip, by the flags that a user knows."""
    look, span = job.look(), job.span
    with job.audio.open("rb") as file:
        audio = hashlib.file_digest(file, "sha256").hexdigest()
    by_name = job.settings.by_name()
    settings = {row.option: by_name[row.address] for row in rows_used_by(CLIP) if not row.live}
    values = {_flag(address): value for address, value in job.values.items() if CLIP in find_row(address).used_by}
    return {
        "audio": audio,
        **{flag: value for flag, value in (settings | values).items() if flag not in _ELSEWHERE},
        "--model": f"{G.name} {G.sha256}",
        "--style": _style(text(job.values, "/style/name"), G),
        "--size": f"{look.width}x{look.height}",
        "--fps": str(span.fps),
        "lyrics": hashlib.sha256(repr(job.lyrics).encode()).hexdigest() if job.lyrics else "",
        "scenes": job.scenes.sha256 if job.scenes else "",
        **{f"keyframes {name}": repr(frames) for name, frames in job.keyframes.items()},
        "--threads": f"{threads_of(job)} drawing, {look.threads} encoding",
    }


def _style(name: str, G: Generator) -> str:
    """Return what names a saved style, and its numbers."""
    if not name or G.start is None:
        return name
    return f"{name} {hashlib.sha256(G.start.cpu().numpy().tobytes()).hexdigest()}"


def _flag(address: str) -> str:
    row = BY_ADDRESS.get(address)
    return row.option if row is not None else address  # a model's own row has no flag


def save_state(
    path: Path, identity: Mapping[str, Any], marks: Sequence[ResumePoint], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write a state, whole or not at all.

    Args:
        arrays: what the next frame depends on; they stand in a file of their own, which the state's frames name.

    Raises:
        OSError: it cannot be written.
    """
    frames = marks[0].frames
    with whole_file(_arrays_path(path, frames)) as part:
        part.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))
    state = {
        "version": _VERSION,
        "of": dict(identity),
        "marks": [[mark.frames, mark.size] for mark in marks],
        "decided": [[*key, decision] for key, decision in decisions().items()],
    }
    with whole_file(path) as part:
        part.write_text(json.dumps(state, indent=1), encoding="utf-8")
    clear_arrays(path, but=frames)


def load_arrays(path: Path, frames: int) -> dict[str, np.ndarray]:
    """Return what the frame after so many depends on.

    Raises:
        ParameterError: it is not there, or cannot be read.
    """
    file = _arrays_path(path, frames)
    try:
        return dict(load_file(file))
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as e:
        raise ParameterError(f"--resume: {file} cannot be read; expected the pictures of an interrupted render") from e


def clear_arrays(path: Path, but: int | None = None) -> None:
    """Remove the arrays of a state, but those of so many frames."""
    for file in path.parent.glob(f"{glob.escape(path.name)}-*"):
        frames = file.name.removeprefix(f"{path.name}-")
        if frames.isdecimal() and frames != str(but):
            file.unlink(missing_ok=True)


def _arrays_path(path: Path, frames: int) -> Path:
    return path.with_name(f"{path.name}-{frames}")


def decided_in(path: Path) -> dict[tuple[str, str], bool]:
    """Return how an interrupted render drew which model, nothing where no state is there or it does not say."""
    try:
        with path.open(encoding="utf-8") as file:
            decided = json.loads(file.read(_MAX_BYTES))["decided"]
        return {(str(sha256), str(way)): bool(decision) for sha256, way, decision in decided}
    except _NO_STATE:
        return {}


def _mark(frames: object, size: object) -> ResumePoint:
    """Return a mark as it stands in a state.

    Raises:
        ValueError: it is not a mark.
    """
    if type(frames) is not int or type(size) is not int:
        raise ValueError("a mark is two whole numbers")
    if not (0 <= frames <= _MAX_FRAMES and 0 <= size <= _MAX_FILE) or (size and not frames):
        raise ValueError("a mark beyond every clip")
    return ResumePoint(frames, size)


def load_state(path: Path, identity: Mapping[str, Any]) -> list[ResumePoint]:
    """Return how far the render of the same clip has come.

    Raises:
        ParameterError: the state is of another clip, or no state.
    """
    try:
        with path.open(encoding="utf-8") as file:
            state = json.loads(file.read(_MAX_BYTES))
        version, before, marks = state["version"], dict(state["of"].items()), [_mark(*mark) for mark in state["marks"]]
        if not marks:
            raise ValueError("no marks")
    except (*_NO_STATE, AttributeError) as e:
        raise ParameterError(f"--resume: {path} cannot be read; expected the state of an interrupted render") from e
    if version != _VERSION:
        raise ParameterError(f"--resume: {path} is of another version; expected to begin anew, without --resume")
    now = json.loads(json.dumps(dict(identity)))
    for name in now:
        if before.get(name) != now[name]:
            was, got = (readable(str(values.get(name, "nothing"))[:40]) for values in (before, now))
            raise ParameterError(f"--resume: {name} = {got}: the interrupted render had {was}; expected the same")
    return marks
