"""Directions in closed form, from the weights and from what the mapping makes of chance. Nothing is trained or drawn.

- SeFa: along the leading eigenvectors of A^T A the affine maps turn a step in w into the largest change of the
  styles, A being the affine maps of a group of layers (coarse, middle, fine), one over the other; the direction
  moves these layers alone.
- PCA: the principal components of w, over all layers.

Of every direction alpha = 1 is one standard deviation of w along it. An eigenvector's sign is free: here its
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
MAX_COMPONENTS = 16  # three groups and w: as many directions as a model may have

RECIPE = "1"  # to be raised when the same model would get others

_SAMPLES = 8192
_AT_ONCE = 512  # a divisor of it
_SEED = 0

# The algebra is torch's, in float64 on the CPU: a thread that loads a model beside a show may use one core, and
# torch keeps to it.
Matrix = torch.Tensor


def find_directions(G: Generator, *, methods: Sequence[str] = METHODS, components: int = COMPONENTS) -> Directions:
    """Return the directions of a model: sefa-coarse-1, ..., pca-1, ..., the strongest of each kind first.

    Args:
        G:          The generator; of one with classes, the first class tells how w varies.
        methods:    Any of `METHODS`.
        components: Of each kind, 1..16; never more than w has numbers.

    Raises:
        CheckpointError: its weights or its w are not finite numbers.
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
    """Return the covariance of w [w_dim, w_dim], over 8,192 z of a fixed seed, not truncated."""
    rng = np.random.Generator(np.random.PCG64(_SEED))
    w = torch.empty(_SAMPLES, G.w_dim, dtype=torch.float64)
    for first in range(0, _SAMPLES, _AT_ONCE):
        z = rng.standard_normal((_AT_ONCE, G.z_dim)).astype(np.float32)
        w[first : first + _AT_ONCE] = G.map(z)[:, 0]
    w -= w.mean(0)
    return w.T @ w / _SAMPLES


def leading(G: Generator, matrix: Matrix, count: int) -> Matrix:
    """Return the leading eigenvectors of a symmetric matrix [n, n], a row each [count, n], in one of their signs.

    Raises:
        CheckpointError: there are none.
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
