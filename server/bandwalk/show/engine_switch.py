"""Lets another engine than torch draw the model that plays, when it is ready."""

import logging

from bandwalk.errors import BandwalkError
from bandwalk.generator import Generator, hasten
from bandwalk.machine import lower_priority
from bandwalk.pipeline.draw_threads import ThreadChoice, set_threads
from bandwalk.show.threads import LatestWorker

logger = logging.getLogger(__name__)

_CHOICE_S = 20.0
"""Longest wait until the number of drawing threads is chosen."""


class EngineSwitch:
    """Prepares the engine for a model on a thread of its own; torch draws meanwhile, and where the engine is no faster.

    Args:
        engine:  torch, compile or openvino; with torch nothing is done.
        threads: that draw.
    """

    def __init__(self, engine: str, threads: ThreadChoice) -> None:
        self._engine = engine
        self._threads = threads
        self._worker = LatestWorker("engine", self._hasten)

    def ask(self, G: Generator) -> None:
        """Prepare the engine for a model; the newest request wins."""
        if self._engine != "torch":
            self._worker.ask(G)

    def _hasten(self, G: Generator) -> None:
        if self._engine == "compile":  # OpenVINO's threads begin here, and would stand back for good
            lower_priority()
        threads = self._threads.wait(_CHOICE_S)
        set_threads(threads)
        try:
            took_over = hasten(G, self._engine, threads)
        except BandwalkError as e:
            logger.warning("%s; torch draws on", e)
            return
        logger.info("%s draws %s now" if took_over else "%s draws %s no faster; torch draws on", self._engine, G.name)
