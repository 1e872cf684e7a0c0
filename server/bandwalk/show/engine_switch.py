"""Lets OpenVINO draw the model that plays, when it is ready and where it is wanted or faster."""

import logging
import platform
import time
from pathlib import Path

from bandwalk.errors import BandwalkError
from bandwalk.generator import Generator
from bandwalk.generator.conversion import network_of
from bandwalk.generator.engine_choice import keep_choice, known_choice
from bandwalk.generator.engines import OpenVino, Replaceable, can_be_hastened, has_openvino, import_openvino
from bandwalk.pipeline.draw_threads import ThreadChoice, set_threads
from bandwalk.show.threads import LatestWorker

logger = logging.getLogger(__name__)

_CHOICE_S = 20.0
"""Longest wait until the number of drawing threads is chosen."""

_RECOMMENDED = "torch draws %s; OpenVINO may be faster: pip install openvino"


class EngineSwitch:
    """Prepares OpenVINO for a model beside the show; torch draws meanwhile.

    A process of its own converts a model, once. It stands behind the show; the thread here does not: OpenVINO's threads
    get its priority, and they draw.

    Args:
        engine:  auto: the faster one draws, which is measured once for each model, size and machine; openvino: it
                 draws; torch: nothing is done.
        threads: that draw.
        folder:  where the faster one is kept, and converted networks are.
    """

    def __init__(self, engine: str, threads: ThreadChoice, folder: Path) -> None:
        self._engine, self._threads, self._folder = engine, threads, folder
        self._is_recommended = False
        self._worker = LatestWorker("engine", self._prepare)

    def begin(self, G: Generator) -> None:
        """Prepare for the first model. OpenVINO is imported at once: no picture waits for Python yet."""
        if (
            self._engine != "torch"
            and can_be_hastened(G)
            and has_openvino()
            and self._known(G, self._threads.n) != "torch"
        ):
            import_openvino()
        self.ask(G)

    def ask(self, G: Generator) -> None:
        """Prepare for a model; the newest request wins."""
        if self._engine == "torch" or not can_be_hastened(G):
            return
        if has_openvino():
            self._worker.ask(G)
        elif not self._is_recommended and platform.machine() in ("x86_64", "AMD64"):
            self._is_recommended = True
            logger.info(_RECOMMENDED, G.name)

    def _prepare(self, G: Replaceable) -> None:
        threads = self._threads.wait(_CHOICE_S)
        known = self._known(G, threads)
        if known == "torch":
            logger.info("torch draws %s: it was faster than openvino when both were measured here", G.name)
            return
        set_threads(threads)
        try:
            network = network_of(G, self._folder, self._is_given_up)
            if network is not None and not self._is_given_up():
                self._compile(OpenVino(G, network), G, threads, is_wanted=known == "openvino")
        except BandwalkError as e:
            logger.warning("%s; torch draws on", e)

    def _is_given_up(self) -> bool:
        return self._worker.is_asked

    def _known(self, G: Replaceable, threads: int) -> str:
        """Return what is to draw, empty where it must be measured."""
        return known_choice(G, threads, self._folder) if self._engine == "auto" else "openvino"

    def _compile(self, openvino: OpenVino, G: Replaceable, threads: int, *, is_wanted: bool) -> None:
        """Compile, compare and let draw what is better, or what is wanted and looks the same."""
        openvino.compile(threads)
        comparison = openvino.compare(between=time.sleep)  # as long again for the show
        takes_over = comparison.is_the_same if is_wanted else comparison.is_better
        if self._engine == "auto" and not is_wanted and G.sha256:
            keep_choice(G, threads, self._folder, "openvino" if takes_over else "torch")
        if takes_over:
            openvino.take_over()
        line = "openvino draws %s: %.2f times as fast as torch, %.2f grey levels from its pictures"
        if not takes_over:
            line = "torch draws %s: openvino is %.2f times as fast, %.2f grey levels from its pictures"
        logger.info(line, G.name, comparison.gain, comparison.levels)
