"""Holds a model that was loaded for a scene until the scene begins."""

import threading

from bandwalk.errors import ParameterError
from bandwalk.show.model_host import ModelHost

_LOOK_S = 0.05


class ModelGate:
    """Between the thread that loads models and the one that hears; the old model plays on meanwhile."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host
        self._expected = ""
        self._is_there = False
        self._changed = threading.Condition()

    def expect(self, found: str) -> None:
        """Hold this model once it is loaded, as ``ModelHost.find`` returned it; empty: hold none."""
        with self._changed:
            self._expected, self._is_there = found, False
            self._changed.notify_all()

    def is_ready(self, found: str) -> bool:
        """Return whether this model is held, or is not waited for any more: it cannot be loaded, say."""
        return self._is_there or self._expected != found or not self._host.is_wanted(found)

    def open(self, found: str) -> None:
        """Let this model through: its scene begins."""
        with self._changed:
            if self._expected == found:
                self._expected = ""
                self._is_there = True
                self._changed.notify_all()

    def pass_through(self, found: str) -> None:
        """Wait, in the thread that loads, until the scene of a loaded model begins.

        Raises:
            ParameterError: another scene or model was asked for.
        """
        with self._changed:
            if self._expected != found:
                return
            self._is_there = True
            while self._expected == found and not self._host.is_superseded:
                self._changed.wait(_LOOK_S)
            if not self._is_there or self._host.is_superseded:
                raise ParameterError(f"{found}: given up for what was asked for later; expected to be waited for")
