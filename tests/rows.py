"""All rows that may change while the embedded model plays: the table's own, and those of its directions."""

from bandwalk.params import ROWS, rows_of

DIRECTIONS = (
    *("red", "green", "blue", "brightness", "zoom", "shift-x", "shift-y", "rotate"),
    *(f"sefa-{group}-{k}" for group in ("coarse", "middle", "fine") for k in range(1, 5)),
    *(f"pca-{k}" for k in range(1, 5)),
)

BROUGHT = rows_of(DIRECTIONS)
LIVE = (*ROWS, *BROUGHT)
SHOWN = tuple(row for row in LIVE if not row.folded)
"""Those that tablets show."""

OTHER_ROUTES = tuple(f"/route/{n}/" for n in range(2, 16))
EACH = tuple(row for row in ROWS if not row.address.startswith(OTHER_ROUTES))
"""The table's own rows, of the sixteen routes the first and the last: the others are made alike."""
