"""Keyframes from files of the presets folder: which seed or saved style a walk is at, on which beat.

beats = 32          # then it begins again; without this line it stays at the last one
[[key]]
beat = 0
seed = 3
[[key]]
beat = 16
style = "mist"
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from bandwalk.control import presets, safe_toml
from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator import Generator
from bandwalk.params.row import INT32
from bandwalk.params.values import Values, text
from bandwalk.pipeline.style_files import check_shape, folder_in, other_weights, read_style
from bandwalk.records import BANDS
from bandwalk.walk import Keyframes, SavedStyle

ROWS = tuple(f"/walk/{band}/keyframes" for band in BANDS)

MAX_BEATS = 1_000_000.0
"""Last beat of a file: days of music."""


def read_keyframes(folder: Path, values: Values) -> dict[str, Keyframes]:
    """Return the keyframes of all files that the values name, by name.

    Raises:
        ParameterError: one of them is not there, or is not right.
    """
    return {name: load(folder, name) for name in {text(values, address) for address in ROWS} if name}


def check_keyframes(G: Generator, known: Mapping[str, Keyframes]) -> list[str]:
    """Check that a model can draw all saved styles of files that were read.

    Returns:
        What there is to say of styles that were made with other weights.

    Raises:
        ParameterError: one has another shape; in one line.
    """
    notes = []
    for name, frames in known.items():
        for style in dict.fromkeys(frames.styles):
            try:
                check_shape(style, G)
            except ParameterError as e:
                raise ParameterError(f"keyframes = {name[:80]}: {e}") from e
            if note := other_weights(style, G):
                notes.append(f"keyframes = {name[:80]}: {note}")
    return notes


def load(folder: Path, name: str) -> Keyframes:
    """Return the keyframes of a file by its name; saved styles are those of the folder ``styles``.

    Raises:
        ParameterError: it is not in the folder, cannot be read, or is not right; in one line.
    """
    try:
        with presets.find(folder, name, presets.KEYS_SUFFIX).open("rb") as file:
            doc = safe_toml.parse(file.read(safe_toml.MAX_BYTES + 1))
        return parse(doc, partial(_style, folder_in(folder)))
    except OSError as e:
        expected = f"expected {name[:80]}{presets.KEYS_SUFFIX} in {folder}"
        raise ParameterError(f"keyframes = {name[:80]}: {e.strerror}; {expected}") from e
    except (ParameterError, CheckpointError) as e:
        raise ParameterError(f"keyframes = {name[:80]}: {e}") from e


def parse(doc: Mapping[str, Any], find_style: Callable[[str], SavedStyle]) -> Keyframes:
    """Return what a file says.

    Args:
        find_style: returns a saved style by its name.

    Raises:
        ParameterError:  it has something else than keys, beats that do not rise, or a style that is not there.
        CheckpointError: the file of a style cannot be used.
    """
    for name in doc.keys() - {"beats", "key"}:
        raise ParameterError(f"{name[:80]}: expected beats and [[key]]")
    beats, keys = _beat(doc.get("beats", 0), "beats"), doc.get("key")
    if not isinstance(keys, list) or not keys:
        raise ParameterError("no keys; expected one [[key]] at least")
    found = tuple(_key(key, n, find_style) for n, key in enumerate(keys, 1))
    places = [at for at, _ in found]
    if any(b <= a for a, b in pairwise(places)):
        raise ParameterError("the beats of the keys do not rise; expected a later beat in each key")
    if beats and beats <= places[-1]:
        raise ParameterError(f"beats = {beats:g}: expected more than the last key's, {places[-1]:g}")
    return Keyframes(found, beats)


def _style(folder: Path, name: str) -> SavedStyle:
    return read_style(folder, name).style


def _key(key: object, n: int, find_style: Callable[[str], SavedStyle]) -> tuple[float, int | SavedStyle]:
    if not isinstance(key, dict) or key.keys() not in ({"beat", "seed"}, {"beat", "style"}):
        raise ParameterError(f"key {n}: expected beat, and seed or style, nothing else")
    beat = _beat(key["beat"], f"key {n}: beat")
    if "style" in key:
        if not isinstance(key["style"], str):
            raise ParameterError(f"key {n}: style = {str(key['style'])[:40]}: expected the name of a saved style")
        return beat, find_style(key["style"])
    seed = key["seed"]
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= INT32:
        raise ParameterError(f"key {n}: seed = {str(seed)[:40]}: expected a whole number in 0..{INT32}")
    return beat, seed


def _beat(value: object, name: str) -> float:
    """Return a number of beats; a comparison with NaN is false."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_BEATS:
        raise ParameterError(f"{name} = {str(value)[:40]}: expected a number in 0..{MAX_BEATS:.10g}")
    return float(value)
