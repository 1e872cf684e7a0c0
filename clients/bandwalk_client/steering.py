"""What the viewer's keys do to the server, and what it says its values are."""

import logging
import random

from bandwalk.errors import WireError
from bandwalk_client.control import Control
from bandwalk_client.keys import Key

logger = logging.getLogger(__name__)

ASK_S = 1.0
"""Seconds between questions for the values: other controllers change them, too."""

MAX_SEED = 2**31 - 1


class Steering:
    """Turns keys into OSC; toggles and steps start from the value that the server has.

    Attributes:
        values: {address: value}; until the server has said, what it starts with.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._asked = -ASK_S
        self.values = {"/master/freeze": 0.0, "/master/blackout": 0.0, "/master/intensity": 1.0, "/style/psi": 1.0}

    def follow(self, now: float) -> None:
        """Take the server's answers, and ask again once a second; now is monotonic seconds."""
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
            logger.debug("%s", e)  # a key that does not arrive is said aloud, a question is only repeated

    def toggle(self, key: Key) -> str:
        """Switch a boolean; return what was sent."""
        return self._set(key.address, 0 if self.values[key.address] else 1)

    def nudge(self, key: Key) -> str:
        """Move a number by the key's step; the server keeps it in its range."""
        return self._set(key.address, round(self.values[key.address] + key.step, 3))

    def push(self, key: Key) -> str:
        """Send a command."""
        self._control.set(key.address)
        return key.address

    def reseed(self, key: Key) -> str:
        """Send a number by chance."""
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
