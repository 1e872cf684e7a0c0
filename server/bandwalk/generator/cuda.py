"""Live pictures on a CUDA GPU: a graph draws them and converts them to bytes; one copy brings the bytes to the host.

A picture takes some hundred short kernels, and starting one from Python takes longer than running it; a graph starts
all of them at once. A graph can only repeat what was captured. So the inputs that change with each frame (styles, the
input's transform) are copied into tensors that the graph reads; all else (noise, bends) is part of the graph. While
that changes, pictures are drawn kernel by kernel; when it has been the same for some frames, a new graph is captured.

The copy goes to pinned memory, which the GPU writes without the CPU. The thread that waits for it releases Python's
lock, so that the previous picture is encoded meanwhile. Each picture has a buffer of its own, which torch uses again
when nobody holds the picture any more: nothing is copied a second time.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bandwalk.generator.tensors import over_black, to_levels, to_marked, to_rgb, unmarked

logger = logging.getLogger(__name__)

_RESTED = 30
"""Number of frames with the same fixed part after which a graph is captured."""

Inputs = tuple[Tensor, ...]
Draw = Callable[..., Tensor]  # (*inputs, fixed) -> [1, 3, H, W], or with opacity [1, 4, H, W]
Render = Callable[[Inputs, Hashable], NDArray[np.uint8]]
Graph = tuple[Callable[[], object], Tensor]  # replays the drawing; the tensor that it writes
Capture = Callable[[Callable[[], Tensor]], Graph]


def live_render(draw: Draw, device: torch.device) -> Render:
    """Return a function of (inputs, fixed) that draws a picture over black [H, W, 3], 0..255, as a new array.

    Args:
        draw:   Draws one picture of (*inputs, fixed): ``inputs`` are tensors whose shapes never change, ``fixed``
                is a comparable value with all else that the picture depends on.
        device: Where it draws.
    """
    if device.type != "cuda":
        return lambda inputs, fixed: to_rgb(over_black(draw(*inputs, fixed)))
    replayed, reader = ReplayedGraph(draw, capture_graph, to_marked), PinnedReader()
    return lambda inputs, fixed: unmarked(reader.read(replayed(inputs, fixed)))


class ReplayedGraph:
    """Draws bytes on the device, by a captured graph if ``fixed`` has not changed for some frames.

    Args:
        finish: makes bytes of what ``draw`` gives, laid over black: part of the graph.
    """

    def __init__(self, draw: Draw, capture: Capture, finish: Callable[[Tensor], Tensor] = to_levels) -> None:
        self._draw: Draw = lambda *given: finish(over_black(draw(*given)))
        self._capture = capture
        self._fixed: Hashable = None
        self._rested = 0
        self._static: Inputs = ()
        self._graph: Graph | None = None
        self._is_off = False

    def __call__(self, inputs: Inputs, fixed: Hashable) -> Tensor:
        """Return what ``finish`` makes, uint8 on the device, valid until the next call."""
        if fixed != self._fixed:
            self._fixed, self._rested, self._graph = fixed, 0, None
        self._rested += 1
        if self._rested > _RESTED and self._graph is None and not self._is_off:
            self._capture_now(inputs)
        if self._graph is None:
            return self._draw(*inputs, fixed)
        replay, levels = self._graph
        for static, given in zip(self._static, inputs, strict=True):
            static.copy_(given)
        replay()
        return levels

    def _capture_now(self, inputs: Inputs) -> None:
        """Capture a graph; after a failure it is not tried again."""
        draw, fixed = self._draw, self._fixed
        static = self._static = tuple(given.clone() for given in inputs)
        try:
            self._graph = self._capture(lambda: draw(*static, fixed))
        except RuntimeError as e:
            self._is_off = True
            logger.warning("no CUDA graph: %s; draws without", str(e).partition("\n")[0])


def capture_graph(draw: Callable[[], Tensor]) -> Graph:
    """Capture the GPU's work for one drawing.

    `torch.cuda.graph` is not used: it first collects garbage and empties the cache, which would delay a show. Other
    threads may allocate and copy meanwhile (when a model is loaded): only the calls of this thread are captured.
    """
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.stream(stream):
        draw()  # libraries allocate their working memory for this stream
        graph.capture_begin(capture_error_mode="thread_local")
        try:
            levels = draw()
        except RuntimeError:
            with contextlib.suppress(RuntimeError):  # ending a broken capture fails too; the first error is raised
                graph.capture_end()
            raise
        graph.capture_end()
    torch.cuda.current_stream().wait_stream(stream)
    return graph.replay, levels


class PinnedReader:
    """Copies pictures from the GPU."""

    def __init__(self) -> None:
        # Waits asleep instead of spinning: the encoder needs the core.
        self._done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]

    def read(self, levels: Tensor) -> NDArray[np.uint8]:
        """Return a picture [H, W, 3] as a new array."""
        pinned = torch.empty(levels.shape, dtype=torch.uint8, pin_memory=True)
        pinned.copy_(levels, non_blocking=True)
        self._done.record()
        self._done.synchronize()
        out: NDArray[np.uint8] = pinned.numpy()  # holds on to the buffer
        return out
