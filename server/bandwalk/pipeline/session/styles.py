"""Saved styles in a session log: their numbers, so that a replay needs no other file."""

import base64
from typing import Any

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.pipeline.session.lines import dict_of, list_of, number_of, text_of, whole_of
from bandwalk.pipeline.style_home import Going
from bandwalk.walk import SavedStyle

_KEPT = 16


def read_styles(said: list[Any], goings: list[Going], G: Generator) -> tuple[dict[str, SavedStyle], Going | None]:
    """Return the known styles, and how to go to the next one, as a line of the log says it.

    Args:
        goings: those before; the new one is added.
        G:      the model that draws.

    Raises:
        ParameterError: it is not one of a log.
    """
    try:
        known = {text_of(name): _style(name, style, G) for name, style in dict_of(said[0]).items()}
    except (ValueError, LookupError) as e:
        raise ParameterError("a saved style that cannot be read") from e
    if len(said) == 1:
        return known, None
    _, name, seconds, ago = list_of(said, 4)
    if whole_of(ago) > len(goings):
        raise ParameterError("walks that were not left")
    going = Going(text_of(name), number_of(seconds, 0), back=goings[-ago].left if ago else None)
    goings.append(going)
    del goings[:-_KEPT]
    return known, going


def _style(name: str, said: Any, G: Generator) -> SavedStyle:
    array, model, sha256 = list_of(said, 3)
    n, dim, data = list_of(array, 3)
    ws = np.frombuffer(base64.b64decode(text_like(data), validate=True), "<f4").astype(np.float32)
    if (n, dim) != (G.num_ws, G.w_dim) or ws.size != G.num_ws * G.w_dim or not np.isfinite(ws).all():
        raise ParameterError(f"style {name[:80]}: expected {G.num_ws} x {G.w_dim} numbers")
    return SavedStyle(name, ws.reshape(G.num_ws, G.w_dim), text_of(model), text_of(sha256))


def text_like(said: Any) -> str:
    """Return a text of any length; raise ParameterError if it is none."""
    if not isinstance(said, str):
        raise ParameterError("expected numbers in base64")
    return said
