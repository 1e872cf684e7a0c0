"""The one table of parameters: each row is typed here once, and everything else derives from it."""

from bandwalk.params.setting_rows import DEVICES, SETTINGS, WALK_AMOUNT, WALKS
from bandwalk.params.strips import NAME
from bandwalk.params.table import (
    BY_ADDRESS,
    COMMANDS_BY_ADDRESS,
    GROUPS,
    LIVE,
    MODEL_ROWS,
    ROWS,
    defaults,
    find_row,
    missing,
    parse_target,
    rows_of,
    rows_used_by,
)

__all__ = [
    "BY_ADDRESS",
    "COMMANDS_BY_ADDRESS",
    "DEVICES",
    "GROUPS",
    "LIVE",
    "MODEL_ROWS",
    "NAME",
    "ROWS",
    "SETTINGS",
    "WALKS",
    "WALK_AMOUNT",
    "defaults",
    "find_row",
    "missing",
    "parse_target",
    "rows_of",
    "rows_used_by",
]
