"""Where a control stands, 0..1, as a value of a row, and back."""

from bandwalk.params.row import Row, Value


def is_movable(row: Row) -> bool:
    """Return whether a control can set this row: a number, a boolean or a choice, but not a free text."""
    return row.type in "ifb" or bool(row.choices)


def to_value(row: Row, position: float) -> Value:
    """Return the value of a number's or a choice's row at a position, 0..1 over the row's range."""
    if row.choices:
        return row.choices[min(int(position * len(row.choices)), len(row.choices) - 1)]
    number = row.lo + (row.hi - row.lo) * position
    return row.parse(round(number) if row.type == "i" else number, clamp=True)


def to_position(row: Row, value: Value) -> float:
    """Return where a control stands for a value; for a choice, the middle of its part."""
    if row.choices:
        return (row.choices.index(str(value)) + 0.5) / len(row.choices)
    if isinstance(value, bool):
        return float(value)
    assert isinstance(value, int | float)
    return (value - row.lo) / (row.hi - row.lo)


def reach_of(row: Row) -> float:
    """Return how near a control must come to a value to have reached it, 0..1 of its way."""
    return 0.5 / len(row.choices) if row.choices else NEAR


NEAR = 1.5 / 127
"""A step and a half of a 7-bit knob: no jump that is seen."""
