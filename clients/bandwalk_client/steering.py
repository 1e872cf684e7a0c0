"""Sends the viewer's keys to the server, and keeps the server's values."""

import logging
import random

from bandwalk.errors import WireError
from bandwalk_client.control import Control
from bandwalk_client.keys import Key

logger = logging.getLogger(__name__)

ASK_S = 1.0
"""Seconds between two questions for the values: other controllers change them, too."""

MAX_SEED = 2**31 - 1


class Steering:
    """Turns keys into OSC; toggles and steps start from the server's present value.

    Attributes:
        values: {address: value}; the server's defaults until it has answered.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._asked = -ASK_S
        self.values = {"/master/freeze": 0.0, "/master/blackout": 0.0, "/master/intensity": 1.0, "/style/psi": 1.0}

    def follow(self, now: float) -> None:
        """Read the server's answers, and ask again once a second; now is monotonic seconds."""
        for address, values in self._control.answers():
            if address in self.values and len(values) == 1 and isinstance(values[0], int | float):
                self.values[address] = float(values[0])
        if now - self._asked < ASK_S:
            return
        self._asked = now
        try:
            for address in self.values:
                self._control.ask(address)
        except WireError as e:
            logger.debug("%s", e)  # a key that cannot be sent is reported, a question is only repeated

    def toggle(self, key: Key) -> str:
        """Toggle a boolean; return what was sent."""
        return self._set(key.address, 0 if self.values[key.address] else 1)

    def nudge(self, key: Key) -> str:
        """Change a number by the key's step; the server keeps it in its range."""
        return self._set(key.address, round(self.values[key.address] + key.step, 3))

    def push(self, key: Key) -> str:
        """Send a command."""
        self._control.set(key.address)
        return key.address

    def reseed(self, key: Key) -> str:
        """Send a random number."""
        return self._set(key.address, random.randint(0, MAX_SEED))

    def _set(self, address: str, value: float | int) -> str:
        """Send a value.

        Raises:
            WireError: it cannot be sent.
        """
        self._control.set(address, value)
        if address in self.values:
            self.values[address] = float(value)
        return f"{address} {value}"
