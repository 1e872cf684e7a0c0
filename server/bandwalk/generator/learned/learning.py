"""Learn a direction d in w, so that G(w + alpha d) is as near as possible to G(w), edited by alpha.

    d = argmin E over w, alpha of |mask * (G(w + alpha d) - edit(G(w), alpha))|^2

d starts at zero and follows the gradient, averaged as in Adam. The length of a step is measured by how much it changes
the styles. With A_l the affine maps that read style l, this length is

    |d|^2 = sum over l of |A_l d_l|^2,  in units of the change by a random w

so that a style with a strong effect moves little, and a style that does not help the edit does not move.

Source: A. Jahanian, L. Chai and P. Isola, "On the 'steerability' of generative adversarial networks", ICLR 2020,
equation 1. The length is the natural gradient's (S. Amari, 1998), its metric that of SeFa (`directions.closed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bandwalk.errors import WorkError
from bandwalk.generator.directions.closed import spread_of_w
from bandwalk.generator.interface import Generator
from bandwalk.generator.learned.edits import EDITS, Edited

SPACES = ("w", "layers")  # one vector for all styles; one for each

_MEAN, _SQUARES = 0.9, 0.99  # share of the averages that a step keeps
_DAMPING = 1e-4  # added to the metric, as a share of its largest eigenvalue
_TINY = 1e-12  # of a difference

Report = Callable[[int, float], None]

Sample = tuple[Tensor, Tensor, Tensor, Edited]  # ws [1, num_ws, w_dim], alpha [1], G(ws), and that edited


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How a direction is learned.

    space: One of `SPACES`.
    steps: Number of steps.
    batch: Pictures a step, drawn one after the other.
    seed:  Chooses w and alpha.
    rate:  Length of the steps; in the second half it falls linearly to 0.
    psi:   Truncation of w.
    """

    space: str = "w"
    steps: int = 200
    batch: int = 4
    seed: int = 0
    rate: float = 0.004
    psi: float = 1.0


def learn(
    G: Generator, edit: str, options: LearningOptions, report: Report = lambda step, loss: None
) -> tuple[Tensor, list[float]]:
    """Learn the direction of an edit.

    Args:
        G:      The generator; see `Generator.differentiable`.
        edit:   One of `EDITS`.
        options: How to learn.
        report: Called after each step with its number, from 1, and its loss.

    Returns:
        The direction [num_ws, w_dim], float32 on the CPU, and the loss of each step: the mean square of the difference
        to the edited pictures, divided by that of the unchanged pictures, so that no movement gives 1.

    Raises:
        WorkError: the loss is not a finite number.
    """
    rng = np.random.Generator(np.random.PCG64([options.seed, list(EDITS).index(edit)]))
    descent = _Descent(_to_steps(G, options.space), G.num_ws)
    losses: list[float] = []
    for step in range(options.steps):
        loss, gradient = _slope(G, descent.walk().to(G.device), _samples(G, edit, options, rng))
        if not np.isfinite(loss) or not bool(torch.isfinite(gradient).all()):
            raise WorkError(f"learning {edit} with {G.name}: step {step + 1} has no finite loss, expected a number")
        descent.step(gradient.cpu().double(), options.rate * min(1.0, 2.0 - 2.0 * step / options.steps))
        losses.append(loss)
        report(step + 1, loss)
    return descent.walk(), losses


def _samples(G: Generator, edit: str, options: LearningOptions, rng: np.random.Generator) -> Iterator[Sample]:
    """Yield a step's samples."""
    for _ in range(options.batch):
        z = rng.standard_normal((1, G.z_dim)).astype(np.float32)
        alpha = torch.tensor([rng.uniform(-1.0, 1.0)], dtype=torch.float32, device=G.device)
        ws = G.map(z, psi=options.psi)
        img = G.synthesize(ws)
        yield ws, alpha, img, EDITS[edit](img, alpha)


def _slope(G: Generator, walk: Tensor, samples: Iterator[Sample]) -> tuple[float, Tensor]:
    """Return the loss of some samples, and the gradient of their mean difference by the direction [num_ws, w_dim]."""
    walk.requires_grad_()
    moved, still = [], []
    for ws, alpha, img, (wanted, mask) in samples:
        left = difference(G.differentiable(ws + alpha * walk), wanted, mask)
        left.backward()  # type: ignore[no-untyped-call]
        moved.append(float(left.detach()))
        still.append(float(difference(img, wanted, mask)))
    gradient = torch.zeros_like(walk) if walk.grad is None else walk.grad / len(moved)
    return float(np.sum(moved) / max(np.sum(still), _TINY)), gradient


def difference(img: Tensor, wanted: Tensor, mask: Tensor) -> Tensor:
    """Return the mean square of the difference where the mask [N, 1, H, W] is 1."""
    known = mask.sum().clamp(min=1.0) * img.shape[1]
    out: Tensor = (mask * (img - wanted).square()).sum() / known
    return out


def _to_steps(G: Generator, space: str) -> Tensor:
    """Return the inverse of the metric, which turns gradients into steps [1 or num_ws, w_dim, w_dim]."""
    affine = [a.cpu().double() for a in G.style_weights()]
    metric = torch.stack([a.T @ a for a in affine])  # [num_ws, w_dim, w_dim]
    metric = metric / (metric.sum(0) * spread_of_w(G)).sum()
    if space == "w":
        metric = metric.sum(0, keepdim=True)
    largest = torch.linalg.matrix_norm(metric, ord=2).max()
    inverse: Tensor = torch.linalg.inv(metric + _DAMPING * largest * torch.eye(G.w_dim, dtype=torch.float64))
    return inverse


class _Descent:
    """A direction while it is learned; in float64 on the CPU."""

    def __init__(self, to_steps: Tensor, num_ws: int) -> None:
        self._to_steps, self._num_ws = to_steps, num_ws
        self._d = torch.zeros(to_steps.shape[:2], dtype=torch.float64)
        self._mean, self._squares, self._count = torch.zeros_like(self._d), 0.0, 0

    def walk(self) -> Tensor:
        """Return the direction for all styles [num_ws, w_dim], float32."""
        return self._d.float().expand(self._num_ws, -1).clone()

    def step(self, gradient: Tensor, rate: float) -> None:
        """Take a step against a gradient [num_ws, w_dim], of a length of about ``rate`` at most."""
        if len(self._d) == 1:
            gradient = gradient.sum(0, keepdim=True)
        towards = torch.einsum("lij,lj->li", self._to_steps, gradient)
        self._count += 1
        self._mean = _MEAN * self._mean + (1.0 - _MEAN) * towards
        self._squares = _SQUARES * self._squares + (1.0 - _SQUARES) * float((gradient * towards).sum())
        length = (self._squares / (1.0 - _SQUARES**self._count)) ** 0.5
        if length > 0.0:
            self._d -= rate * self._mean / (1.0 - _MEAN**self._count) / length
