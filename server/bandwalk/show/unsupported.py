"""What a model cannot do of what is asked of it, said once."""

import logging
from collections.abc import Callable, Iterator, Mapping

from bandwalk.generator import Generator
from bandwalk.params.strips import BEND_SLOTS
from bandwalk.params.values import Values, number, text, whole
from bandwalk.records import BANDS
from bandwalk.units import layers_past

logger = logging.getLogger(__name__)

Report = Callable[[object, str, str], None]
"""Tells (controller, address, reason)."""


class UnsupportedValues:
    """Compares the values with the model, and reports each misfit once until it is gone.

    Args:
        report: tells the controller that asked for it.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._reported: Mapping[str, str] = {}

    @staticmethod
    def concerns(address: str) -> bool:
        """Return whether a parameter may ask for what a model lacks."""
        return address.startswith(("/style/noise_drive", "/style/class", "/mix/", "/bend/"))

    def report(self, G: Generator, values: Values, controller: object) -> None:
        """Report what was not reported before."""
        found = dict(_misfits(G, values))
        for address, reason in found.items():
            if self._reported.get(address) != reason:
                logger.info("%s", reason)
                self._report(controller, address, reason)
        self._reported = found


def _misfits(G: Generator, values: Values) -> Iterator[tuple[str, str]]:
    """Yield (address, reason) of what the model cannot do."""
    bent = [f"/bend/{slot}" for slot in BEND_SLOTS if values[f"/bend/{slot}/kind"] != "none"]
    for address in [f"{prefix}/layers" for prefix in (*(f"/mix/{band}" for band in BANDS), *bent)]:
        past = layers_past(text(values, address), G.num_ws)
        if past:
            styles = f"{G.name} has styles 0-{G.num_ws - 1}; {min(past)} and up are ignored"
            yield address, f"{address} = {values[address]}: {styles}"
    for address, is_drawn in (("/style/class", True), ("/style/class_b", number(values, "/style/class_mix") > 0.0)):
        if is_drawn and whole(values, address) >= max(G.c_dim, 1):
            classes = f"classes 0-{G.c_dim - 1}; the last is drawn" if G.c_dim else "no classes"
            yield address, f"{address} = {values[address]}: {G.name} has {classes}"
    if values["/style/noise_drive"] != "none" and not G.has_noise:
        address = "/style/noise_drive"
        yield address, f"{address} = {values[address]}: {G.name} has no synthesis noise that could drift"
