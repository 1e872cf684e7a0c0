"""All rows that may change while the embedded model plays: the table's own, and those of its directions."""

from bandwalk.params import ROWS, rows_of

DIRECTIONS = (
    *("red", "green", "blue", "brightness", "zoom", "shift-x", "shift-y", "rotate"),
    *(f"sefa-{group}-{k}" for group in ("coarse", "middle", "fine") for k in range(1, 5)),
    *(f"pca-{k}" for k in range(1, 5)),
)

BROUGHT = rows_of(DIRECTIONS)
LIVE = (*ROWS, *BROUGHT)
