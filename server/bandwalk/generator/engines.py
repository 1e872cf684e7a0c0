"""OpenVINO draws a model's live pictures instead of torch, where that is wanted or faster.

It draws with the effects at rest, while only styles and the input's transform change. While noise or bends are played,
torch draws as before; `compare` says how little the pictures differ.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, runtime_checkable

import torch
from torch import Tensor

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator.cuda import Draw, Inputs
from bandwalk.generator.precision import Comparison, Mapped, compare, probes_of
from bandwalk.generator.screen import Screen


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
    files: tuple[str, ...]  # that it was loaded from: `Snapshot.files`
    screen: Screen | None
    is_exact: bool
    width: int
    height: int

    def live_synthesis(self, *, full: bool) -> LiveSynthesis:
        """Return how live pictures are drawn; full: in float32, with weights that are the same for all pictures."""

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this function from now on."""


def has_openvino() -> bool:
    """Tell whether OpenVINO is installed."""
    return importlib.util.find_spec("openvino") is not None


def check_engine(engine: str, device: str) -> None:
    """Check that an engine is available.

    Raises:
        ParameterError: it is not installed, or does not support the device.
    """
    if engine == "openvino" and not has_openvino():
        raise ParameterError("--engine = openvino: not installed; expected pip install 'bandwalk[openvino]' before")
    if engine == "openvino" and device != "cpu":
        raise ParameterError(f"--engine = openvino: draws on a CPU, got --device {device}; expected --device cpu")


def can_be_hastened(G: object) -> TypeGuard[Replaceable]:
    """Tell whether another engine may draw a model: not the embedded one, nor one that is loaded as exact."""
    return isinstance(G, Replaceable) and not G.is_exact and G.device.type == "cpu"


class OpenVino:
    """Draws a model's live pictures by OpenVINO.

    Args:
        G:       The model, which may draw meanwhile.
        network: its network, as `conversion` returns it; None: it is converted here, which takes a second or two and
                 holds Python's lock for a while.

    Raises:
        WorkError: OpenVINO cannot draw this model.
    """

    def __init__(self, G: Replaceable, network: Any = None) -> None:
        self._G, self._live = G, G.live_synthesis(full=False)
        self._draw: Callable[..., Tensor] | None = None
        try:
            self.network = convert_synthesis(G.live_synthesis(full=True)) if network is None else network
        except Exception as e:  # of any kind
            raise self._failed(e) from e

    def compile(self, threads: int) -> None:
        """Prepare to draw; the threads that draw have the priority of the one that calls.

        Raises:
            WorkError: OpenVINO cannot draw this model.
        """
        try:
            self._draw = compile_network(self.network, threads)
        except Exception as e:
            raise self._failed(e) from e

    def compare(self, between: Callable[[float], None] = lambda took_s: None) -> Comparison:
        """Compare its pictures, and the time they take, with torch's; see `precision.compare`.

        Raises:
            WorkError: OpenVINO cannot draw this model.
        """
        live = self._live
        try:
            with torch.inference_mode():
                return compare(
                    _with_styles(self._drawn, live), _with_styles(live.rest, live), probes_of(self._G), between
                )
        except Exception as e:
            raise self._failed(e) from e

    def take_over(self) -> None:
        """Draw the model's live pictures from now on, with no effects; torch draws those with effects."""
        quick, live = self._drawn, self._live
        self._G.draw_by(lambda *given: quick(*given[:-1]) if given[-1] == live.at_rest else live.draw(*given))

    def _drawn(self, *inputs: Tensor) -> Tensor:
        if self._draw is None:
            raise RuntimeError("not compiled")
        return self._draw(*inputs)

    def _failed(self, e: Exception) -> WorkError:
        return WorkError(f"--engine openvino: {self._G.name}: {type(e).__name__}: {str(e).partition(chr(10))[0]}")


def hasten(G: object, engine: str, threads: int) -> bool:
    """Let a named engine draw a model's live pictures from now on; takes seconds.

    Args:
        G:       The model. The embedded one, or one loaded as exact, stays as it is.
        engine:  openvino; any other: torch goes on.
        threads: Number of threads that draw.

    Returns:
        Whether the engine draws.

    Raises:
        WorkError: the engine cannot draw this model, or its pictures are not the same.
    """
    if engine != "openvino" or not can_be_hastened(G):
        return False
    openvino = OpenVino(G)
    openvino.compile(threads)
    comparison = openvino.compare()
    if not comparison.is_the_same:
        raise WorkError(f"--engine openvino: {G.name}: its pictures differ by {comparison.levels:.1f} grey levels")
    openvino.take_over()
    return True


def import_openvino() -> Any:
    """Return OpenVINO's module; the first time, Python's lock is held for a tenth of a second."""
    # its converter would fork this process, threads and all, to report its use to its maker; such a fork can hang
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return importlib.import_module("openvino")


def convert_synthesis(synthesis: LiveSynthesis) -> Any:
    """Convert a synthesis to a network of OpenVINO."""
    openvino = import_openvino()

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
    return network


def compile_network(network: Any, threads: int) -> Callable[..., Tensor]:
    """Return what draws by a network of OpenVINO on so many threads, in bfloat16 if the CPU supports it."""
    openvino = import_openvino()
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "ENABLE_CPU_PINNING": False}
    request = openvino.Core().compile_model(network, "CPU", options).create_infer_request()

    def draw(*inputs: Tensor) -> Tensor:
        (drawn,) = request.infer([given.numpy() for given in inputs]).values()
        return torch.from_numpy(drawn)

    return draw


def _with_styles(draw: Callable[..., Tensor], synthesis: LiveSynthesis) -> Callable[[Tensor], Tensor]:
    """Return a function of styles alone; all other inputs are those of the example."""
    return lambda ws: draw(ws, *synthesis.inputs[1:])
