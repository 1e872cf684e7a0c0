"""Keyframes from files of the presets folder: which seed a walk is at, on which beat.

beats = 32          # then it begins again; without this line it stays at the last one
[[key]]
beat = 0
seed = 3
[[key]]
beat = 16
seed = 17
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from bandwalk.control import presets, safe_toml
from bandwalk.errors import ParameterError
from bandwalk.params.row import INT32
from bandwalk.params.values import Values, text
from bandwalk.records import BANDS
from bandwalk.walk import Keyframes

ROWS = tuple(f"/walk/{band}/keyframes" for band in BANDS)

MAX_BEATS = 1_000_000.0
"""Last beat of a file: days of music."""


def read_keyframes(folder: Path, values: Values) -> dict[str, Keyframes]:
    """Return the keyframes of all files that the values name, by name.

    Raises:
        ParameterError: one of them is not there, or is not right.
    """
    return {name: load(folder, name) for name in {text(values, address) for address in ROWS} if name}


def load(folder: Path, name: str) -> Keyframes:
    """Return the keyframes of a file by its name.

    Raises:
        ParameterError: it is not in the folder, cannot be read, or is not right; in one line.
    """
    try:
        with presets.find(folder, name, presets.KEYS_SUFFIX).open("rb") as file:
            return parse(safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1)))
    except OSError as e:
        expected = f"expected {name[:80]}{presets.KEYS_SUFFIX} in {folder}"
        raise ParameterError(f"keyframes = {name[:80]}: {e.strerror}; {expected}") from e
    except ParameterError as e:
        raise ParameterError(f"keyframes = {name[:80]}: {e}") from e


def parse(doc: Mapping[str, Any]) -> Keyframes:
    """Return what a file says.

    Raises:
        ParameterError: it has something else than keys, or beats that do not rise.
    """
    for name in doc.keys() - {"beats", "key"}:
        raise ParameterError(f"{name[:80]}: expected beats and [[key]]")
    beats, keys = _beat(doc.get("beats", 0), "beats"), doc.get("key")
    if not isinstance(keys, list) or not keys:
        raise ParameterError("no keys; expected one [[key]] at least")
    found = tuple(_key(key, n) for n, key in enumerate(keys, 1))
    places = [at for at, _ in found]
    if any(b <= a for a, b in pairwise(places)):
        raise ParameterError("the beats of the keys do not rise; expected a later beat in each key")
    if beats and beats <= places[-1]:
        raise ParameterError(f"beats = {beats:g}: expected more than the last key's, {places[-1]:g}")
    return Keyframes(found, beats)


def _key(key: object, n: int) -> tuple[float, int]:
    if not isinstance(key, dict) or key.keys() != {"beat", "seed"}:
        raise ParameterError(f"key {n}: expected beat and seed, nothing else")
    seed = key["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= INT32:
        raise ParameterError(f"key {n}: seed = {str(seed)[:40]}: expected a whole number in 0..{INT32}")
    return _beat(key["beat"], f"key {n}: beat"), seed


def _beat(value: object, name: str) -> float:
    """Return a number of beats; a comparison with NaN is false."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_BEATS:
        raise ParameterError(f"{name} = {str(value)[:40]}: expected a number in 0..{MAX_BEATS:.10g}")
    return float(value)
