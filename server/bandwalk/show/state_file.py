"""What a show was like a moment ago, in a file, so that it comes back after a fault as it was."""

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bandwalk.errors import ParameterError
from bandwalk.generator import is_embedded
from bandwalk.machine import whole_file
from bandwalk.params import find_row
from bandwalk.params.row import Value
from bandwalk.pipeline.glide import Length, Rest
from bandwalk.pipeline.start import Start
from bandwalk.units import inside

NAME = "state.json"
"""Of the file in the folder."""

FORMAT = 1
MAX_BYTES = 1024 * 1024

_SOURCE = "/audio/source"

_MAX_GLIDE = 86_400.0
"""No glide is longer, beats or seconds."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """A show at one moment.

    values:  of all live parameters, by address.
    scene:   preset that was recalled last, or scene that is on; empty: none.
    model:   that draws: builtin, or a path.
    song:    path of the song that plays; empty: none.
    pending: scene that waits or glides in; empty: none.
    rest:    what is left of the glide that is on its way; None: there is none.
    """

    values: Mapping[str, Value]
    scene: str
    model: str
    song: str = ""
    pending: str = ""
    rest: Rest | None = None


def write_state(folder: Path, state: State) -> None:
    """Write a state; at any moment either the old or the complete new file is there.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "format": FORMAT,
        "time": round(time.time(), 3),
        **asdict(replace(state, values=dict(state.values), rest=None)),
    }
    if state.rest is not None:
        said["rest"] = {"starts": dict(state.rest.starts), **state.rest.left._asdict()}
    path = folder / NAME
    with whole_file(path) as part, part.open("xb") as file:
        file.write(json.dumps(said, indent=1, allow_nan=False).encode())
        file.flush()
        os.fsync(file.fileno())


def read_state(folder: Path) -> State | None:
    """Return the state in a folder, each value checked by its row; None: there is none yet.

    A value that this version does not take is left out, and so is what it does not know.

    Raises:
        ParameterError: the file cannot be read, or is no state.
    """
    path = folder / NAME
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as e:
        reason = getattr(e, "strerror", None) or "no JSON"
        raise ParameterError(f"--restore: {path}: {reason}, expected a file that --state wrote") from e
    if not isinstance(said, dict) or said.get("format") != FORMAT or not isinstance(said.get("values"), dict):
        raise ParameterError(f"--restore: {path}: expected a state of format {FORMAT}")
    values = {str(address): value for address, value in said["values"].items()}
    return State(
        _checked(values),
        str(said.get("scene", ""))[:300],
        str(said.get("model", "builtin"))[:1000],
        str(said.get("song", ""))[:4096],
        str(said.get("pending", ""))[:300],
        _rest(said.get("rest")),
    )


def _rest(said: object) -> Rest | None:
    """Return what is left of a glide; None: nothing, or what is there cannot be read."""
    fields = said if isinstance(said, dict) else {}
    starts, left = fields.get("starts"), fields.get("number")
    if not isinstance(starts, dict) or not isinstance(left, (int, float)) or not 0 < left < _MAX_GLIDE:
        return None
    return Rest(
        _checked({str(address): value for address, value in starts.items()}),
        Length(left, bool(fields.get("is_in_beats"))),
    )


def _checked(values: Mapping[str, object]) -> dict[str, Value]:
    taken, left_out = {}, []
    for address, value in values.items():
        try:
            taken[address] = find_row(address).parse(value)
        except ParameterError:
            left_out.append(address)
    if left_out:
        logger.warning("--restore: %d values are left out, the first is %s", len(left_out), left_out[0][:80])
    return taken


def come_back(start: Start) -> tuple[Start, State | None]:
    """Return what a show starts with if it comes back as it was, and the state that it comes back to.

    What was last set counts more than the command line, which is the same after each fault. A state that cannot be
    read stops no show: it starts as the command line says.

    Raises:
        ParameterError: there is no folder to come back from.
    """
    settings = start.settings.show
    if not settings.restore:
        return start, None
    if not settings.state:
        raise ParameterError("--restore: no folder, expected --state FOLDER, too")
    try:
        state = read_state(Path(settings.state).expanduser())
    except ParameterError as e:
        logger.warning("%s; starts as the command line says", e)
        return start, None
    if state is None:
        return start, None
    model = state.model if _is_there(state.model) else start.settings.draw.model
    values, source = dict(state.values), start.source
    if not _is_heard(start, values):
        values.pop(_SOURCE, None)
    elif values[_SOURCE] != start.values[_SOURCE]:
        source = ""  # a controller has chosen it: a file of the music folder
    report = f"comes back: {len(state.values)} parameters, scene {state.scene or 'none'}, model {Path(model).name}"
    came = replace(
        start,
        settings=start.settings.with_draw(model=model),
        values={**start.values, **values},
        source=source,
        given=start.given | values.keys(),
        report=(*start.report, report),
    )
    return came, state


def _is_there(model: str) -> bool:
    return is_embedded(model) or Path(model).is_file()


def _is_heard(start: Start, values: Mapping[str, Value]) -> bool:
    """Return whether the state has a source of sound that can be opened: another one than before must be there."""
    named = str(values.get(_SOURCE, ""))
    if named in (start.values[_SOURCE], "demo") or named.partition(":")[0] == "live":
        return bool(named)
    try:
        return bool(named) and inside(start.settings.folders.music, named).is_file()
    except ParameterError:
        return False
