"""What runs in the process that hears for a show: it ends when the show's end of the socket is closed.

python -m bandwalk.analysis.process.child DESCRIPTOR
"""

import gc
import json
import socket
import sys

import numpy as np

from bandwalk.analysis.analyzer import Analyzer
from bandwalk.analysis.process.messages import (
    FAILED,
    HEARD,
    OPEN,
    READY,
    SET,
    Channel,
    pack_features,
    unpack_values,
)
from bandwalk.records import Block


class _Hearing:
    """Answers the show's messages."""

    def __init__(self) -> None:
        self._analyzer: Analyzer | None = None
        self._beside: list[bytes] = []

    def take(self, message: bytes) -> bytes | None:
        """Do what a message says; return the answer, if one is due."""
        kind, rest = message[:1], message[1:]
        if kind == OPEN:
            step_rate, is_beside = json.loads(rest[: rest.index(b"]") + 1])
            beside = (lambda y: self._beside.append(y.tobytes())) if is_beside else None
            values = unpack_values(rest[rest.index(b"]") + 1 :])
            self._analyzer = Analyzer(values, step_rate=step_rate, beside=beside)
            return None
        assert self._analyzer is not None, "sound before it was opened"
        if kind == SET:
            self._analyzer.set(unpack_values(rest))
            return None
        self._beside.clear()
        [features] = self._analyzer.process(Block(np.frombuffer(rest), 0, 0.0))
        return HEARD + pack_features(features) + b"".join(self._beside)


def main(descriptor: int) -> None:
    """Hear until the show is gone."""
    channel = Channel(socket.socket(fileno=descriptor))
    hearing = _Hearing()
    gc.freeze()  # modules: a full collection need not look at them
    try:
        channel.send(READY)
        while True:
            message = channel.receive()
            assert message is not None, "it waits for ever"
            try:
                answer = hearing.take(message)
            except Exception as e:  # noqa: BLE001  the show reports it and goes on, as where it hears by itself
                answer = FAILED + f"{type(e).__name__}: {e}".encode()
            if answer is not None:
                channel.send(answer)
    except (EOFError, OSError):
        return


if __name__ == "__main__":
    main(int(sys.argv[1]))
