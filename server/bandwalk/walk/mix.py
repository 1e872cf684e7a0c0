"""Style mixing: which walk drives which style."""

from collections.abc import Sequence

import numpy as np

from bandwalk.units import LAYER_NAMES, parse_layers


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
