"""From walks to what is drawn: mapped, joined by style mixing, moved along the model's directions."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch

from bandwalk.generator import Generator
from bandwalk.params.values import Values, number
from bandwalk.pipeline import stage_values as plain
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.records import Pose
from bandwalk.walk import Shares, StyleMix, mix_by_bands, mix_by_drivers


def to_picture_input(G: Generator, pose: Pose, values: Values) -> PictureInput:
    """Return what the picture of a pose is drawn from; values as routes have moved them."""
    return PictureInput(pose, styles_of(G, pose.z, values, by_drivers=pose.by_drivers, shares=pose.shares))


def styles_of(
    G: Generator, z: np.ndarray, values: Values, *, by_drivers: bool = False, shares: Sequence[Shares] = ()
) -> torch.Tensor:
    """Return what is drawn: the walks joined, moved along the model's directions.

    Args:
        z: where the walks are [n_walks + 1, z_dim].
        values: as routes have moved them.
        by_drivers, shares: as :class:`Pose` has them.

    Returns:
        ws [1, num_ws, w_dim]; where all directions rest, those of :func:`join_styles`, bit for bit.
    """
    return along_directions(G, join_styles(G, z, values, by_drivers=by_drivers, shares=shares), values)


def along_directions(G: Generator, ws: torch.Tensor, values: Values) -> torch.Tensor:
    """Return ws [1, num_ws, w_dim] moved along the model's directions."""
    for name, alpha in plain.direction_alphas(values, G.directions).items():
        ws = ws + alpha * G.directions[name]
    return ws


def join_styles(
    G: Generator,
    z: np.ndarray,
    values: Values,
    *,
    by_drivers: bool = False,
    home: torch.Tensor | None = None,
    shares: Sequence[Shares] = (),
) -> torch.Tensor:
    """Join the walks by style mixing: z [n_walks + 1, z_dim] -> ws [1, num_ws, w_dim].

    There is a walk for each band, or for each style. Where they begin at a given w, they move from there:

        w = given + map(z) - map(z of the start)

    Args:
        home:   the given w [num_ws, w_dim]; None: that of the model, if it has one.
        shares: how much of each walk is at saved styles; empty: no walk is at any.
    """
    mix = mix_of(plain.layers(values), G.num_ws, G.gains, by_drivers=by_drivers)
    ws = map_walks(G, z, values)  # [n_walks + 1, num_ws, w_dim]
    home = G.start if home is None else home
    if home is not None:
        ws = home + _moved(ws, z)
    if shares:
        ws = _at_styles(ws, shares)
    return ws[torch.from_numpy(mix.owners), torch.arange(G.num_ws)][None]  # [1, num_ws, w_dim]


def _at_styles(ws: torch.Tensor, shares: Sequence[Shares]) -> torch.Tensor:
    """Return ws [n_walks + 1, num_ws, w_dim] with shares of the walks at saved styles that have their shape."""
    joined = ws.clone()
    for i, of_walk in enumerate(shares):
        fit = {style: share for style, share in of_walk.items() if style.ws.shape == ws.shape[1:]}
        joined[i] *= 1.0 - sum(fit.values())
        for style, share in fit.items():
            joined[i] += share * torch.from_numpy(style.ws).to(ws)
    return joined


def map_walks(G: Generator, z: np.ndarray, values: Values) -> torch.Tensor:
    """Map z [n, z_dim] to ws [n, num_ws, w_dim] with the class and the truncation of the values."""
    c = np.tile(plain.class_vector(values, G.c_dim), (len(z), 1)) if G.c_dim else None
    return G.map(z, c, psi=number(values, "/style/psi"))


@lru_cache(maxsize=64)
def mix_of(layers: tuple[str, ...], num_ws: int, group_gains: tuple[float, ...], *, by_drivers: bool) -> StyleMix:
    """Return which walk drives which style."""
    return (mix_by_drivers if by_drivers else mix_by_bands)(layers, num_ws, group_gains)


def _moved(ws: torch.Tensor, z: np.ndarray) -> torch.Tensor:
    """Return how far each walk is from the start, [n_walks + 1, num_ws, w_dim].

    A walk that is at the start is at exactly 0: a network may map equal rows to numbers that differ in the last bit.
    """
    away = torch.from_numpy((z != z[-1:]).any(axis=1)).to(ws.device)
    return torch.where(away[:, None, None], ws - ws[-1:], torch.zeros((), device=ws.device))
