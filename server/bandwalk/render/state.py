"""The state file beside an unfinished clip: what was being rendered, and how far it has come."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.generator.precision import decisions
from bandwalk.output.mark import Mark
from bandwalk.params import BY_ADDRESS, RENDERED, SHOWN_LIVE
from bandwalk.render.job import Job, threads_of

_VERSION = 1
_ELSEWHERE = {"--preset", "--presets", "--mix", "--max-steps", "--farm", "--resume", "--force"}
"""Rows that shape no picture by themselves, or by the values of others."""

_MAX_BYTES = 1 << 20


def state_path(output: Path) -> Path:
    """Return where the state of a clip is kept."""
    return output.with_name(f"{output.name}.state")


def identity_of(job: Job, G: Generator) -> dict[str, Any]:
    """Return all that shapes a clip, by the flags that a user knows."""
    look, span = job.look(), job.span
    with job.audio.open("rb") as file:
        audio = hashlib.file_digest(file, "sha256").hexdigest()
    settings = {row.option: job.settings[row.address] for row in RENDERED if not row.live}
    values = {_flag(address): value for address, value in job.values.items() if address not in SHOWN_LIVE}
    return {
        "audio": audio,
        **{flag: value for flag, value in (settings | values).items() if flag not in _ELSEWHERE},
        "--model": f"{G.name} {G.sha256}",
        "--size": f"{look.width}x{look.height}",
        "--fps": str(span.fps),
        "--threads": f"{threads_of(job)} drawing, {look.threads} encoding",
    }


def _flag(address: str) -> str:
    row = BY_ADDRESS.get(address)
    return row.option if row is not None else address  # a model's own row has no flag


def save_state(path: Path, identity: Mapping[str, Any], marks: Sequence[Mark]) -> None:
    """Write a state, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    state = {
        "version": _VERSION,
        "of": dict(identity),
        "marks": [[mark.frames, mark.size] for mark in marks],
        "decided": [[*key, decision] for key, decision in decisions().items()],
    }
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_text(json.dumps(state, indent=1), encoding="utf-8")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def decided_in(path: Path) -> dict[tuple[str, str], bool]:
    """Return how an interrupted render drew which model, nothing where no state is there or it does not say."""
    try:
        with path.open(encoding="utf-8") as file:
            decided = json.loads(file.read(_MAX_BYTES))["decided"]
        return {(str(sha256), str(way)): bool(decision) for sha256, way, decision in decided}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def load_state(path: Path, identity: Mapping[str, Any]) -> list[Mark]:
    """Return how far the render of the same clip has come.

    Raises:
        ParameterError: the state is of another clip, or no state.
    """
    try:
        with path.open(encoding="utf-8") as file:
            state = json.loads(file.read(_MAX_BYTES))
        before, marks = state["of"], [Mark(int(frames), int(size)) for frames, size in state["marks"]]
        known = state["version"] == _VERSION and isinstance(before, dict)
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise ParameterError(f"--resume: {path} cannot be read; expected the state of an interrupted render") from e
    if not known or min(mark.frames for mark in marks) < 0:
        raise ParameterError(f"--resume: {path} is of another version; expected to begin anew, without --resume")
    now = json.loads(json.dumps(dict(identity)))
    for name in now:
        if before.get(name) != now[name]:
            was, got = (str(values.get(name, "nothing"))[:40] for values in (before, now))
            raise ParameterError(f"--resume: {name} = {got}: the interrupted render had {was}; expected the same")
    return marks
