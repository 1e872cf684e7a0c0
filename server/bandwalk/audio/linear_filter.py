"""scipy's ``lfilter`` along the last axis, without what scipy.signal imports: that takes a second on a slow machine."""

from collections.abc import Callable

import numpy as np

from bandwalk.machine import compiled_part

LinearFilter = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""b, a, x [rows, n], state [rows, len(b) - 1] -> what passes, and the state after it."""


def find_linear_filter() -> LinearFilter:
    """Return the compiled loop that ``lfilter`` calls; where this scipy has it nowhere, ``lfilter`` itself."""
    try:
        run = compiled_part("scipy", "signal", "_sigtools")._linear_filter
    except (ImportError, AttributeError):
        from scipy.signal import lfilter

        return lambda b, a, x, state: lfilter(b, a, x, zi=state)
    return lambda b, a, x, state: run(b, a, x, -1, state)
