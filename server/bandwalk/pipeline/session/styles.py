"""Saved styles in a session log: their numbers, so that a replay needs no other file."""

from typing import Any

from bandwalk.errors import ParameterError
from bandwalk.pipeline.session.arrays import array_of
from bandwalk.pipeline.session.lines import dict_of, list_of, number_of, text_of, whole_of
from bandwalk.pipeline.style_home import Going
from bandwalk.walk import SavedStyle

_KEPT = 16


def read_styles(said: list[Any], goings: list[Going]) -> tuple[dict[str, SavedStyle], Going | None]:
    """Return the known styles, and how to go to the next one, as a line of the log says it.

    Args:
        goings: those before; the new one is added.

    Raises:
        ParameterError: it is not one of a log.
    """
    try:
        known = {text_of(name): _style(name, style) for name, style in dict_of(said[0]).items()}
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


def _style(name: str, said: Any) -> SavedStyle:
    array, model, sha256 = list_of(said, 3)
    return SavedStyle(name, array_of(array), text_of(model), text_of(sha256))
