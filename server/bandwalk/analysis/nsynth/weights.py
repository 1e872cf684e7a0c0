"""The encoder's weights: their names and shapes in Magenta's checkpoints, checked once.

Source: Magenta, ``nsynth/wavenet/h512_bo16.py``: a convolution over 3 samples, 30 residual layers whose dilations
double from 1 to 512 three times, a bottleneck of 16 channels, the mean over 512 samples.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from bandwalk.errors import CheckpointError
from bandwalk.units import N_DRIVERS

HOP = 512
"""Samples that a step is the mean of."""

LAYERS = 30
STAGES = 10
"""Layers until the dilation begins again at 1."""

TAPS = 3
WIDEST = 512
"""Channels inside, at most; the published network has 128."""

A = TypeVar("A")


class Conv(NamedTuple, Generic[A]):
    """A convolution: W [taps, in, out] and biases [out], float32, as arrays or tensors; it correlates."""

    W: A
    biases: A


@dataclass(frozen=True, slots=True)
class EncoderWeights:
    """All of the encoder's weights; layer i has the dilation ``2 ** (i % STAGES)``."""

    start: Conv[np.ndarray]
    dilated: tuple[Conv[np.ndarray], ...]
    residual: tuple[Conv[np.ndarray], ...]
    bottleneck: Conv[np.ndarray]

    @property
    def width(self) -> int:
        """Channels inside."""
        return len(self.start.biases)


def variable_shapes(width: int) -> dict[str, tuple[int, ...]]:
    """Return the names of the variables that are the encoder, in a checkpoint that holds more, and their shapes.

    Args:
        width: channels inside.
    """
    shapes = {"ae_startconv": (TAPS, 1, width), "ae_bottleneck": (1, width, N_DRIVERS)}
    for layer in range(1, LAYERS + 1):
        shapes[f"ae_dilatedconv_{layer}"] = (TAPS, width, width)
        shapes[f"ae_res_{layer}"] = (1, width, width)
    found: dict[str, tuple[int, ...]] = {}
    for conv, shape in shapes.items():
        found |= {f"{conv}/W": (1, *shape), f"{conv}/biases": shape[-1:]}
    return found


def check_shapes(shape_of: Callable[[str], tuple[int, ...]]) -> None:
    """See to it that all shapes are the encoder's, before any weight is read.

    Args:
        shape_of: gives a variable's shape by its name.

    Raises:
        CheckpointError: a shape is not the encoder's.
    """
    start = shape_of("ae_startconv/W")
    width = start[-1] if start else 0
    if not 1 <= width <= WIDEST:
        raise CheckpointError(f"ae_startconv/W of shape {list(start)}, expected [1, 3, 1, width]")
    for name, expected in variable_shapes(width).items():
        if shape_of(name) != expected:
            raise CheckpointError(f"{name} of shape {list(shape_of(name))}, expected {list(expected)}")


def to_weights(read: Callable[[str], np.ndarray]) -> EncoderWeights:
    """Put the weights together.

    Args:
        read: gives a variable by its name, of the shape that :func:`check_shapes` has checked.

    Raises:
        CheckpointError: a weight is no number.
    """

    def conv(name: str) -> Conv[np.ndarray]:
        W, biases = read(f"{name}/W"), read(f"{name}/biases")
        if not (np.isfinite(W).all() and np.isfinite(biases).all()):
            raise CheckpointError(f"{name} holds a weight that is no number")
        return Conv(W[0], biases)

    def convs(kind: str, layers: Iterable[int]) -> tuple[Conv[np.ndarray], ...]:
        return tuple(conv(f"ae_{kind}_{layer}") for layer in layers)

    layers = range(1, LAYERS + 1)
    return EncoderWeights(
        conv("ae_startconv"), convs("dilatedconv", layers), convs("res", layers), conv("ae_bottleneck")
    )
