"""Arrays in a session log: [rows, columns, float32 in base64]."""

import base64

import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.pipeline.session.lines import list_of, whole_of


def said_array(array: np.ndarray) -> list[object]:
    """Return what a line says of an array [rows, columns]."""
    return [*array.shape, base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()]


def array_of(said: object) -> np.ndarray:
    """Return the array [rows, columns] float32 of a line.

    Raises:
        ParameterError: it is not an array, or has numbers that are not finite.
    """
    rows, columns, data = list_of(said, 3)
    try:
        array = np.frombuffer(base64.b64decode(data, validate=True), "<f4").astype(np.float32)
    except (ValueError, TypeError) as e:
        raise ParameterError("expected numbers in base64") from e
    if array.size == 0 or array.size != whole_of(rows) * whole_of(columns) or not np.isfinite(array).all():
        raise ParameterError(f"expected {str(rows)[:20]} x {str(columns)[:20]} numbers")
    return array.reshape(rows, columns)
