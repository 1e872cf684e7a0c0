"""The values that a show or a clip begins with, once the model is known: its directions are rows too."""

import logging
from collections.abc import Iterable, Mapping

from bandwalk.control import Store
from bandwalk.errors import ParameterError
from bandwalk.generator import Generator
from bandwalk.params import LIVE, WALKS, find_row
from bandwalk.params.row import Value
from bandwalk.params.values import Values
from bandwalk.pipeline.models import welcome
from bandwalk.pipeline.start import Start
from bandwalk.units import parse_direction

logger = logging.getLogger(__name__)


def values_for(start: Start, G: Generator) -> Values:
    """Return what a show with this model would start with, for work without a show.

    Raises:
        ParameterError: the command line names a direction that the model does not have.
    """
    store = Store(table_values(start.values), touched=start.given)
    welcome(store, G)
    set_directions(store, start, G)
    return store.snapshot()


def table_values(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of the table's own rows: what else there is belongs to rows that a model brings."""
    return {address: value for address, value in values.items() if address in LIVE}


def set_directions(store: Store, start: Start, G: Generator) -> None:
    """Set the directions that the command line or a preset names.

    Raises:
        ParameterError: the command line names one that the model does not have.
    """
    values = {address: value for address, value in start.values.items() if address not in LIVE}
    left_out = store.set_many(values)
    asked = {parse_direction(text)[0]: f"--direction {text}" for text in start.settings.begin.direction}
    asked |= dict.fromkeys(WALKS[start.settings.begin.walks], f"--walks {start.settings.begin.walks}")
    for name, flag in asked.items():
        if name not in G.directions and flag.startswith("--walks"):
            learn = f"bandwalk learn-walk --edit {name} finds it, --directions FILE plays it"
            raise ParameterError(f"{flag}: {G.name} has no direction {name}; {learn}")
        if name not in G.directions:
            known = ", ".join(G.directions) or "none: it has no directions"
            raise ParameterError(f"{flag}: {G.name} has no direction {name}, expected one of {known}")
    lost = not_at_rest(values, left_out)
    if lost:
        logger.warning("preset %s: %s has no %s", start.settings.begin.preset, G.name, ", ".join(lost))


def not_at_rest(values: Mapping[str, Value], addresses: Iterable[str]) -> list[str]:
    """Return those of the addresses whose value differs from the default: what a model without them loses."""
    return [address for address in addresses if values[address] != find_row(address).default]
