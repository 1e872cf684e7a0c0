"""Style mixing: which walk drives which style, and what drives the walk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandwalk.units import LAYER_NAMES, N_DRIVERS, parse_layers

NOBODY = -1
"""In the place of a band: no band claims the style."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The parts of all walks; there are as many as ``bands`` has entries.

    owners:   for each style the row of z that drives it, [num_ws]: a walk, or the common start, which comes last.
    bands:    for each walk the band whose values it follows, or NOBODY.
    gains:    for each walk the factor on its steps.
    channels: for each walk the channel that drives it; empty: its band does.
    """

    owners: np.ndarray
    bands: tuple[int, ...]
    gains: tuple[float, ...]
    channels: tuple[int, ...] = ()


def cast_bands(layers: Sequence[str], num_ws: int, group_gains: Sequence[float]) -> Cast:
    """Return the cast in which each band drives one walk; arguments as :func:`layer_owners`, :func:`band_gains`."""
    owners = layer_owners(layers, num_ws)
    return Cast(owners, tuple(range(len(layers))), band_gains(owners, group_gains, len(layers)))


def cast_channels(layers: Sequence[str], num_ws: int, group_gains: Sequence[float]) -> Cast:
    """Return the cast in which each style has a walk of its own, driven by a channel.

    The channels that move most drive the first styles. Of the 16 a model of fewer styles uses as many as it has, the
    least moving ones dropped; of a model with more, neighbours share one: style i has channel i * 16 // num_ws.

    A style's walk follows the values of the band that has the style in its layers, with its gain: when all channels
    of a band's styles change fully, the picture moves as when the band does. A style without a band rests.
    """
    by_band = cast_bands(layers, num_ws, group_gains)
    used = min(N_DRIVERS, num_ws)
    is_owned = by_band.owners < len(layers)
    return Cast(
        owners=np.where(is_owned, np.arange(num_ws), num_ws),
        bands=tuple(np.where(is_owned, by_band.owners, NOBODY).tolist()),
        gains=tuple(by_band.gains[band] if band < len(layers) else 1.0 for band in by_band.owners.tolist()),
        channels=tuple(style * used // num_ws for style in range(num_ws)),
    )


def layer_owners(layers: Sequence[str], num_ws: int) -> np.ndarray:
    """Return for each style the row of z that drives it: [num_ws] int.

    Args:
        layers: one layer list a band, in the order of BANDS ("0-2", "fine", ...).
        num_ws: number of styles of the model.

    A later band wins a style that two claim; a style that none claims belongs to the last row, the common start.
    """
    owners = np.full(num_ws, len(layers))
    for band, text in enumerate(layers):
        owners[list(parse_layers(text, num_ws))] = band
    return owners


def band_gains(owners: np.ndarray, group_gains: Sequence[float], n_bands: int) -> tuple[float, ...]:
    """Return the factor on each band's steps that makes max_step mean the same in every group of styles.

    A group with gain g moves the picture by 1 / g per unit of z. A band that owns the share p of each group
    moves it by sqrt(sum p / g^2), groups adding up like independent directions; its gain is the inverse.

    Args:
        owners:      [num_ws], as :func:`layer_owners` gives it.
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
