"""Directions in closed form, from the weights and from random w. Nothing is trained or drawn.

- SeFa: the leading eigenvectors of A^T A, where A stacks the affine maps of a group of layers (coarse, middle, fine):
  steps in w along them change the styles most. Such a direction moves only these layers.
- PCA: the principal components of w, over all layers.

For each direction, alpha = 1 is one standard deviation of w along it. The sign of an eigenvector is arbitrary: here its
largest entry is positive, so that a model has the same directions on every machine.

Sources: Y. Shen and B. Zhou, "Closed-Form Factorization of Latent Semantics in GANs", CVPR 2021, equation 5;
E. Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", NeurIPS 2020, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from bandwalk.errors import CheckpointError
from bandwalk.generator.directions.named import Directions
from bandwalk.generator.interface import GROUPS, Generator, group_layers

METHODS = ("sefa", "pca")
COMPONENTS = 4  # of each group of layers, and of w
MAX_COMPONENTS = 16  # times three groups and w: MAX_DIRECTIONS

RECIPE = "1"  # raise it when the same model would get different directions

_SAMPLES = 8192
_AT_ONCE = 512  # a divisor of it
_SEED = 0

# Torch computes in float64 on the CPU: a thread that loads a model during a show may use one core, and torch obeys
# that limit.
Matrix = torch.Tensor


def find_directions(G: Generator, *, methods: Sequence[str] = METHODS, components: int = COMPONENTS) -> Directions:
    """Return the directions of a model: sefa-coarse-1, ..., pca-1, ..., the strongest of each kind first.

    Args:
        G:          The generator; with classes, w is that of the first class.
        methods:    Any of `METHODS`.
        components: Number of each kind, 1..16; at most w_dim.

    Raises:
        CheckpointError: its weights or its w are not finite.
    """
    spread = spread_of_w(G)
    vectors, made = {}, {}
    kinds = {"sefa": _sefa, "pca": _pca}
    for method in methods:
        for kind, layers, matrix in kinds[method](G, spread):
            for k, unit in enumerate(leading(G, matrix, components), 1):
                name, deviation = f"{kind}-{k}", float((unit @ spread @ unit).clamp(min=0.0).sqrt())
                vectors[name] = torch.zeros(G.num_ws, G.w_dim)
                vectors[name][layers] = (deviation * unit).float()
                made[name] = f"{method} {k}, styles {layers.start}-{layers.stop - 1}, alpha 1 is {deviation:.3g} in w"
    return Directions(vectors, G.sha256, made, RECIPE)


def spread_of_w(G: Generator) -> Matrix:
    """Return the covariance of untruncated w [w_dim, w_dim], over 8,192 z of a fixed seed."""
    rng = np.random.Generator(np.random.PCG64(_SEED))
    w = torch.empty(_SAMPLES, G.w_dim, dtype=torch.float64)
    for first in range(0, _SAMPLES, _AT_ONCE):
        z = rng.standard_normal((_AT_ONCE, G.z_dim)).astype(np.float32)
        w[first : first + _AT_ONCE] = G.map(z)[:, 0]
    w -= w.mean(0)
    return w.T @ w / _SAMPLES


def leading(G: Generator, matrix: Matrix, count: int) -> Matrix:
    """Return the leading eigenvectors of a symmetric matrix [n, n] as rows [count, n], largest entry positive.

    Raises:
        CheckpointError: they cannot be computed.
    """
    try:
        if not bool(torch.isfinite(matrix).all()):
            raise CheckpointError(f"directions of {G.name}: its numbers grow beyond float32")
        vectors = torch.linalg.eigh(matrix).eigenvectors
    except RuntimeError as e:  # LAPACK's iteration did not converge
        raise CheckpointError(f"directions of {G.name}: {e}".splitlines()[0]) from e
    units: Matrix = vectors.flip(1).T[:count]
    peaks = units.gather(1, units.abs().argmax(1, keepdim=True))
    return units * peaks.sign()


def _sefa(G: Generator, spread: Matrix) -> Iterator[tuple[str, range, Matrix]]:
    """Yield a name, the layers that it moves, and A^T A, for each group of layers."""
    affine = G.style_weights()
    for group in GROUPS:
        layers = group_layers(group, G.num_ws)
        if layers:
            stacked = torch.cat([affine[layer].double().cpu() for layer in layers])
            yield f"sefa-{group}", layers, stacked.T @ stacked


def _pca(G: Generator, spread: Matrix) -> Iterator[tuple[str, range, Matrix]]:
    yield "pca", range(G.num_ws), spread
