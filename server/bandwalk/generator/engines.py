"""Other engines than torch's own steps for the live pictures: prepared beside the show, they take over when ready.

They draw what is played most: a model at rest, only its styles and its input's transform moving. While anything else
is played on it (noise, bends), torch draws as before.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator.cuda import Draw, Inputs
from bandwalk.generator.precision import Mapped, is_better, probes_of


@dataclass(frozen=True, slots=True)
class Drawing:
    """One way to draw live pictures.

    draw:    Of (*inputs, fixed), as `bandwalk.generator.cuda` has it.
    inputs:  An example; styles [num_ws, w_dim] first.
    at_rest: ``fixed`` where nothing is played.
    """

    draw: Draw
    inputs: Inputs
    at_rest: Hashable

    def rest(self, *inputs: Tensor) -> Tensor:
        """Draw a picture [1, 3, H, W] at rest."""
        return self.draw(*inputs, self.at_rest)


class Replaceable(Mapped, Protocol):
    """A generator whose live drawing can be replaced: those of model files."""

    name: str

    def drawing(self, *, full: bool) -> Drawing:
        """Return the live drawing; full: in float32, with weights that are the same for all pictures."""

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this from now on."""


def check_engine(engine: str, device: str) -> None:
    """Check that an engine can be had.

    Raises:
        ParameterError: it is not installed, or not for the device.
    """
    if engine == "openvino" and importlib.util.find_spec("openvino") is None:
        raise ParameterError("--engine = openvino: not installed; expected pip install 'bandwalk[openvino]' before")
    if engine == "openvino" and device != "cpu":
        raise ParameterError(f"--engine = openvino: draws on a CPU, got --device {device}; expected --device cpu")


def hasten(G: Any, engine: str, threads: int) -> bool:
    """Let an engine draw a model's live pictures, if it draws the same and sooner; takes seconds to minutes.

    Args:
        G:       The model; it draws on meanwhile. One of code, or drawn exactly, stays as it is.
        engine:  compile or openvino.
        threads: Threads that draw.

    Returns:
        Whether it took over.

    Raises:
        WorkError: the engine cannot draw this model, or no compiler is there.
    """
    if not hasattr(G, "drawing") or G.is_exact:  # code, not a model file; or what somebody wants as it is
        return False
    model: Replaceable = G
    live = model.drawing(full=False)
    try:
        quick = compile_drawing(live) if engine == "compile" else convert_drawing(model.drawing(full=True), threads)
        with torch.inference_mode():
            better = is_better(_with_styles(quick, live), _with_styles(live.rest, live), probes_of(model))
    except Exception as e:  # compilers raise whatever they like
        raise WorkError(f"--engine {engine}: {model.name}: {type(e).__name__}: {str(e).partition(chr(10))[0]}") from e
    if better:
        model.draw_by(lambda *given: quick(*given[:-1]) if given[-1] == live.at_rest else live.draw(*given))
    return better


def compile_drawing(drawing: Drawing) -> Callable[..., Tensor]:
    """Compile a drawing by torch, which takes a C++ compiler and a minute.

    The thread must draw on as many threads as the show: the code is made for their number.
    """
    quick: Callable[..., Tensor] = torch.compile(drawing.rest, dynamic=False)
    with torch.inference_mode():
        quick(*drawing.inputs)
    return quick


def convert_drawing(drawing: Drawing, threads: int) -> Callable[..., Tensor]:
    """Convert a drawing for OpenVINO, in bfloat16 where the CPU has it."""
    import openvino

    class Module(torch.nn.Module):
        def forward(self, *inputs: Tensor) -> Tensor:
            return drawing.rest(*inputs)

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of Python numbers that become part of the network, as they should
        traced = torch.jit.trace(  # type: ignore[no-untyped-call]
            Module().eval(), drawing.inputs, check_trace=False
        )
        network = openvino.convert_model(traced, example_input=drawing.inputs)
    network.reshape(dict(zip(network.inputs, [list(given.shape) for given in drawing.inputs], strict=True)))
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    request = openvino.Core().compile_model(network, "CPU", options).create_infer_request()

    def draw(*inputs: Tensor) -> Tensor:
        (drawn,) = request.infer([given.numpy() for given in inputs]).values()
        return torch.from_numpy(drawn)

    return draw


def _with_styles(draw: Callable[..., Tensor], drawing: Drawing) -> Callable[[Tensor], Tensor]:
    """Return what draws styles alone, all other inputs as in the example."""
    return lambda ws: draw(ws, *drawing.inputs[1:])
