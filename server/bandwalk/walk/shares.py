"""How much of a walk is at saved styles: a share of each; the rest of it is at the walk's z."""

from collections.abc import Mapping, Sequence

from bandwalk.walk.home import SavedStyle

Shares = Mapping[SavedStyle, float]
"""Shares of saved styles; together at most 1."""

NO_SHARES: Shares = {}

_WHOLE = 1.0 - 1e-9


def between_shares(here: Shares, there: Shares, share: float) -> Shares:
    """Return the shares at a share (0..1) of the straight way from here to there."""
    if share <= 0.0 or share >= 1.0 or here is there:
        return there if share >= 1.0 else here
    mixed = {style: x * (1.0 - share) for style, x in here.items()}
    for style, x in there.items():
        mixed[style] = mixed.get(style, 0.0) + x * share
    return mixed


def between_all(here: Sequence[Shares], there: Sequence[Shares], share: float) -> tuple[Shares, ...]:
    """Return the shares of all walks at a share of the way; an empty sequence: no walk is at any style."""
    if not here and not there:
        return ()
    here, there = here or [NO_SHARES] * len(there), there or [NO_SHARES] * len(here)
    return tuple(between_shares(a, b, share) for a, b in zip(here, there, strict=True))


def is_whole(shares: Shares) -> bool:
    """Return whether nothing of a walk is at its z."""
    return sum(shares.values()) > _WHOLE
