"""Style mixing: which walk drives which style, and what drives the walk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandwalk.units import LAYER_NAMES, N_DRIVERS, parse_layers

NO_BAND = -1
"""Instead of a band: no band drives the style."""


@dataclass(frozen=True, slots=True)
class StyleMix:
    """What each walk drives and what drives it; one walk per entry of ``bands``.

    owners:   for each style the row of z that drives it, [num_ws]: a walk, or the common start, which comes last.
    bands:    for each walk the band whose parameters it uses, or NOBODY.
    gains:    for each walk the factor on its steps.
    drivers:  for each walk its driver; empty: the bands drive the walks.
    """

    owners: np.ndarray
    bands: tuple[int, ...]
    gains: tuple[float, ...]
    drivers: tuple[int, ...] = ()


def mix_by_bands(layers: Sequence[str], num_ws: int, group_gains: Sequence[float]) -> StyleMix:
    """Return the mix in which each band drives one walk; arguments as :func:`layer_owners`, :func:`band_gains`."""
    owners = layer_owners(layers, num_ws)
    return StyleMix(owners, tuple(range(len(layers))), band_gains(owners, group_gains, len(layers)))


def mix_by_drivers(layers: Sequence[str], num_ws: int, group_gains: Sequence[float]) -> StyleMix:
    """Return the mix in which each style has its own walk and driver.

    The most active drivers move the first styles. A model with fewer than 16 styles uses only that many drivers,
    without the least active ones. In a model with more, neighbours share one: style i has driver i * 16 // num_ws.

    A style's walk uses the parameters and gain of the band whose layers include the style: when all drivers of a band's
    styles change fully, the picture moves as when the band does. A style without a band does not move.
    """
    by_band = mix_by_bands(layers, num_ws, group_gains)
    used = min(N_DRIVERS, num_ws)
    is_owned = by_band.owners < len(layers)
    return StyleMix(
        owners=np.where(is_owned, np.arange(num_ws), num_ws),
        bands=tuple(np.where(is_owned, by_band.owners, NO_BAND).tolist()),
        gains=tuple(by_band.gains[band] if band < len(layers) else 1.0 for band in by_band.owners.tolist()),
        drivers=tuple(style * used // num_ws for style in range(num_ws)),
    )


def layer_owners(layers: Sequence[str], num_ws: int) -> np.ndarray:
    """Return for each style the row of z that drives it: [num_ws] int.

    Args:
        layers: one layer list a band, in the order of BANDS ("0-2", "fine", ...).
        num_ws: number of styles of the model.

    If two bands claim a style, the later band gets it; an unclaimed style belongs to the last row, the common start.
    """
    owners = np.full(num_ws, len(layers))
    for band, text in enumerate(layers):
        owners[list(parse_layers(text, num_ws))] = band
    return owners


def band_gains(owners: np.ndarray, group_gains: Sequence[float], n_bands: int) -> tuple[float, ...]:
    """Return the factor on each band's steps that gives max_step the same effect in every group of styles.

    A group with gain g moves the picture by 1 / g per unit of z. A band that owns the share p of each group
    moves it by sqrt(sum p / g^2), since groups add up like independent directions; its gain is the inverse.

    Args:
        owners:      [num_ws], from :func:`layer_owners`.
        group_gains: the model's gains for coarse, middle and fine styles.
        n_bands:     number of bands.
    """
    groups = [np.asarray(parse_layers(text, len(owners)), dtype=int) for text in LAYER_NAMES.values()]
    gains = []
    for band in range(n_bands):
        squares = [
            np.mean(owners[group] == band) / gain**2
            for group, gain in zip(groups, group_gains, strict=True)
            if len(group)
        ]
        moved = float(np.sqrt(np.sum(squares)))
        gains.append(1.0 / moved if moved > 0 else 1.0)
    return tuple(gains)
