"""Maps: which control moves what, as a readable file beside the presets, NAME.midi.toml.

    [nanoKONTROL2]
    "1/cc/0" = "/style/psi"
    "1/cc/41" = "/preset/recall intro 4"

The table ``any`` is for the controls of every device.
"""

from collections.abc import Mapping
from pathlib import Path

import tomli_w

from bandwalk.control import presets, safe_toml
from bandwalk.control.midi.bindings import MAX_BINDINGS
from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.ports import MAX_NAME as MAX_DEVICE_NAME
from bandwalk.control.midi.targets import Target, parse_target
from bandwalk.errors import ParameterError


def list_maps(folder: Path) -> list[str]:
    """Return the names of the maps in the presets folder."""
    return sorted(presets.saved(folder, presets.MAP_SUFFIX))


def has_map(folder: Path, name: str) -> bool:
    """Return whether there is a map of this name, that a preset of the same name brings with it."""
    try:
        return presets.find(folder, name, presets.MAP_SUFFIX).is_file()
    except (ParameterError, OSError):
        return False


def save(folder: Path, name: str, targets: Mapping[Control, Target]) -> None:
    """Write a map; the old or the complete new file exists at any moment.

    Raises:
        ParameterError: the name cannot be used, the map is too long, or the file cannot be written.
    """
    path = presets.find_room(folder, name, presets.MAP_SUFFIX)
    doc: dict[str, dict[str, str]] = {}
    for control, target in targets.items():
        doc.setdefault(control.device, {})[control.name] = target.text
    text = tomli_w.dumps(doc)
    if len(text.encode()) > safe_toml.MAX_BYTES:
        raise ParameterError(f"saving MIDI map {name[:80]}: {len(text)} characters, expected a shorter map")
    presets.write(path, text)


def load(folder: Path, name: str) -> dict[Control, Target]:
    """Return the bindings of a map.

    Raises:
        ParameterError: there is no such file, it is not TOML, is too large, or names what is not there.
    """
    path = presets.find(folder, name, presets.MAP_SUFFIX)
    try:
        with path.open("rb") as file:
            doc = safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1))
        return _to_targets(doc)
    except OSError as e:
        raise ParameterError(f"MIDI map {name[:80]}: {e.strerror}; expected one of /midi/maps") from e
    except ParameterError as e:
        raise ParameterError(f"MIDI map {name[:80]}: {e}") from e


def _to_targets(doc: Mapping[str, object]) -> dict[Control, Target]:
    targets: dict[Control, Target] = {}
    for device, controls in doc.items():
        if not isinstance(controls, dict) or len(device) > MAX_DEVICE_NAME or not device.isprintable():
            raise ParameterError(f"{device[:80]!r}: expected a table of controls under the name of a device")
        for name, text in controls.items():
            if not isinstance(text, str):
                raise ParameterError(f"{name[:80]}: expected the address of a parameter or a command")
            targets[Control.parse(device, name)] = parse_target(text)
    if len(targets) > MAX_BINDINGS:
        raise ParameterError(f"{len(targets)} controls; expected at most {MAX_BINDINGS}")
    return targets
