"""An analyzer whose work another process does."""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bandwalk.analysis.analyzer import Analyzer
from bandwalk.analysis.process.ear_process import EarLostError, EarProcess, begin_ear
from bandwalk.analysis.process.messages import (
    FEATURES_BYTES,
    OPEN,
    SET,
    STEP,
    nothing_heard,
    pack_values,
    unpack_features,
)
from bandwalk.analysis.steps import Steps
from bandwalk.records import Block, Counters, EarValues, Features
from bandwalk.units import SAMPLE_RATE, samples_to_s, step_rate_to_hop

logger = logging.getLogger(__name__)

MIN_LIFE_S = 10.0
"""A second process that does not live for so long is not begun again."""


class RemoteAnalyzer:
    """Hears as :class:`Analyzer` does, to the bit, in another process.

    If that process is lost, another one is begun; until it listens, steps are as the last one was, without its hits.
    If that one is lost at once, this process hears by itself.

    Args:
        process:   hears; closed by :meth:`close`.
        counters:  count the steps that nobody heard.
        values, step_rate, beside: of the analyzer.
    """

    def __init__(
        self,
        process: EarProcess,
        counters: Counters,
        values: EarValues,
        *,
        step_rate: float,
        beside: Callable[[np.ndarray], None] | None = None,
    ) -> None:
        self.hop = step_rate_to_hop(step_rate)
        self.step_rate = SAMPLE_RATE / self.hop
        self._process = process
        self._counters = counters
        self._values = self._begun_with = values
        self._beside = beside
        self._steps = Steps(self.hop)
        self._step = 0
        self._is_open = self._is_new = self._was_lost = False
        self._here: Analyzer | None = None
        self._last = nothing_heard()

    @property
    def missing(self) -> int:
        """Samples that complete the present step."""
        return self._steps.missing

    def set(self, values: EarValues) -> None:
        """Follow other values from the next step that ends."""
        if values == self._values:
            return
        self._values = values
        if self._here is not None:
            self._here.set(values)
        else:
            self._is_new = True

    def process(self, block: Block) -> list[Features]:
        """Return the features of each step that ends within the block, oldest first."""
        return [self._features(t_capture) for t_capture in self._steps.cut(block)]

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def _features(self, t_capture: float) -> Features:
        """Return the features of the step whose samples are complete."""
        step, self._step = self._step, self._step + 1
        t_audio = samples_to_s(self._step * self.hop)
        answer = self._ask() if self._here is None else b""
        if answer:
            self._last = unpack_features(answer[1 : 1 + FEATURES_BYTES], step, t_audio, t_capture)
            if self._beside is not None:
                self._beside(np.frombuffer(answer, offset=1 + FEATURES_BYTES))
        elif self._here is not None:
            [heard] = self._here.process(Block(self._steps.y, 0, t_capture))
            self._last = replace(heard, step=step, t_audio=t_audio)
        else:
            self._counters.add("steps_unheard")
            self._last = replace(self._last.without_hits(), step=step, t_audio=t_audio, t_capture=t_capture)
            if self._beside is not None:
                self._beside(self._values.gain * self._steps.y)
        return self._last

    def _ask(self) -> bytes:
        """Return the process's answer to the step; empty: nobody listens."""
        process = self._process
        try:
            if not self._is_open:
                if not process.is_ready():
                    return b""
                how = json.dumps([self.step_rate, self._beside is not None])
                process.tell(OPEN + how.encode() + pack_values(self._begun_with))
                self._is_open = True
            if self._is_new:
                process.tell(SET + pack_values(self._values))
                self._is_new = False
            return process.ask(STEP + self._steps.y.tobytes())
        except EarLostError as e:
            self._lose(e)
            return b""

    def _lose(self, error: EarLostError) -> None:
        """Begin another process, or hear here."""
        lost = self._process
        lost.close()
        again = time.monotonic() - lost.begun > MIN_LIFE_S or not self._was_lost
        process = begin_ear() if again else None
        self._was_lost, self._is_open = True, False
        self._begun_with = self._values  # nothing that was heard is left to glide from
        if process is not None:
            logger.error("the process that hears %s; another one is begun", error)
            self._process = process
            return
        logger.error("the process that hears %s, too; the show's own process hears from now on", error)
        self._here = Analyzer(self._values, step_rate=self.step_rate, beside=self._beside)
