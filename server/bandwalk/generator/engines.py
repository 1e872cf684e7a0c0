"""Engines that draw live pictures instead of plain torch: prepared during the show, used when they are ready.

An engine draws with the effects at rest, while only styles and the input's transform change. While noise or bends are
played, torch draws as before.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator.cuda import Draw, Inputs
from bandwalk.generator.precision import Mapped, is_better, probes_of


@dataclass(frozen=True, slots=True)
class LiveSynthesis:
    """One way to draw live pictures.

    draw:    Draws (*inputs, fixed), as in `bandwalk.generator.cuda`.
    inputs:  An example of the inputs; styles [num_ws, w_dim] first.
    at_rest: The value of ``fixed`` without effects.
    """

    draw: Draw
    inputs: Inputs
    at_rest: Hashable

    def rest(self, *inputs: Tensor) -> Tensor:
        """Draw a picture [1, 3, H, W] without effects."""
        return self.draw(*inputs, self.at_rest)


@runtime_checkable
class Replaceable(Mapped, Protocol):
    """A generator whose live synthesis can be replaced: those of model files."""

    name: str
    is_exact: bool

    def live_synthesis(self, *, full: bool) -> LiveSynthesis:
        """Return how live pictures are drawn; full: in float32, with weights that are the same for all pictures."""

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this function from now on."""


def check_engine(engine: str, device: str) -> None:
    """Check that an engine is available.

    Raises:
        ParameterError: it is not installed, or does not support the device.
    """
    if engine == "openvino" and importlib.util.find_spec("openvino") is None:
        raise ParameterError("--engine = openvino: not installed; expected pip install 'bandwalk[openvino]' before")
    if engine == "openvino" and device != "cpu":
        raise ParameterError(f"--engine = openvino: draws on a CPU, got --device {device}; expected --device cpu")


def hasten(G: object, engine: str, threads: int) -> bool:
    """Let an engine draw a model's live pictures if it is faster and draws the same; takes seconds to minutes.

    Args:
        G:       The model, which may draw meanwhile. The embedded model, or one loaded as exact, stays as it is.
        engine:  compile or openvino.
        threads: Number of threads that draw.

    Returns:
        Whether the engine draws from now on.

    Raises:
        WorkError: the engine cannot draw this model, or there is no compiler.
    """
    if not isinstance(G, Replaceable) or G.is_exact:
        return False
    live = G.live_synthesis(full=False)
    try:
        if engine == "compile":
            quick = compile_synthesis(live)
        else:
            quick = convert_synthesis(G.live_synthesis(full=True), threads)
        with torch.inference_mode():
            better = is_better(_with_styles(quick, live), _with_styles(live.rest, live), probes_of(G))
    except Exception as e:  # compilers raise exceptions of any kind
        raise WorkError(f"--engine {engine}: {G.name}: {type(e).__name__}: {str(e).partition(chr(10))[0]}") from e
    if better:
        G.draw_by(lambda *given: quick(*given[:-1]) if given[-1] == live.at_rest else live.draw(*given))
    return better


def compile_synthesis(synthesis: LiveSynthesis) -> Callable[..., Tensor]:
    """Compile a synthesis by torch; this needs a C++ compiler and takes a minute.

    Torch must use as many threads here as in the show: the code is compiled for their number.
    """
    quick: Callable[..., Tensor] = torch.compile(synthesis.rest, dynamic=False)
    with torch.inference_mode():
        quick(*synthesis.inputs)
    return quick


def convert_synthesis(synthesis: LiveSynthesis, threads: int) -> Callable[..., Tensor]:
    """Convert a synthesis for OpenVINO, in bfloat16 if the CPU supports it."""
    # its converter would fork this process, threads and all, to report its use to its maker; such a fork can hang
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    class Module(torch.nn.Module):
        def forward(self, *inputs: Tensor) -> Tensor:
            return synthesis.rest(*inputs)

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # about Python numbers that become constants of the network, as they should
        traced = torch.jit.trace(  # type: ignore[no-untyped-call]
            Module().eval(), synthesis.inputs, check_trace=False
        )
        network = openvino.convert_model(traced, example_input=synthesis.inputs)
    network.reshape(dict(zip(network.inputs, [list(given.shape) for given in synthesis.inputs], strict=True)))
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    request = openvino.Core().compile_model(network, "CPU", options).create_infer_request()

    def draw(*inputs: Tensor) -> Tensor:
        (drawn,) = request.infer([given.numpy() for given in inputs]).values()
        return torch.from_numpy(drawn)

    return draw


def _with_styles(draw: Callable[..., Tensor], synthesis: LiveSynthesis) -> Callable[[Tensor], Tensor]:
    """Return a function of styles alone; all other inputs are those of the example."""
    return lambda ws: draw(ws, *synthesis.inputs[1:])
