"""Butterworth filters, designed and run by numpy alone: scipy.signal takes a second to import."""

import math

import numpy as np

from bandwalk.units import SAMPLE_RATE


def butterworth(order: int, f_hz: float, *, high: bool = False) -> np.ndarray:
    """Design a low-pass, or a high-pass: second-order sections [n_sections, 6] float64, as scipy's ``butter`` has them.

    The poles of the analog filter lie evenly on a half circle with the warped edge as its radius, and go to the z plane
    by the bilinear transform (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1); all zeros are at -1, or 1.

    Args:
        order: odd.
        f_hz:  under half of the sample rate; there the gain is -3 dB.
    """
    edge = 4.0 * math.tan(math.pi * f_hz / SAMPLE_RATE)
    circle = -np.exp(1j * math.pi * np.arange(-order + 1, order, 2) / (2 * order))
    analog = edge / circle if high else edge * circle
    gain = (4.0 if high else edge) ** order * float(np.real(1.0 / np.prod(4.0 - analog)))
    poles = ((4.0 + analog) / (4.0 - analog))[: order // 2 + 1]  # one of each pair, and the real one last
    zero = 1.0 if high else -1.0
    pairs = [[1.0, -2.0 * zero, 1.0, 1.0, -2.0 * p.real, p.real**2 + p.imag**2] for p in poles[:-1]]
    sos = np.array([[1.0, -zero, 0.0, 1.0, -poles[-1].real, 0.0], *reversed(pairs)])
    sos[0, :3] *= gain
    return sos


def run_sections(sos: np.ndarray, y: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Filter many short sounds at a time; return what passes, and the states after it.

    Args:
        sos:   [n_sections, 6].
        y:     [n_sounds, n].
        state: [n_sections, n_sounds, 2], as the direct form II transposed has it.
    """
    passed, after = y.T.copy(), state.copy()  # necessary copies: they are worked on in place
    for (b0, b1, b2, _, a1, a2), z in zip(sos, after, strict=True):
        for i, x in enumerate(passed):
            out = b0 * x + z[:, 0]
            z[:, 0] = b1 * x - a1 * out + z[:, 1]
            z[:, 1] = b2 * x - a2 * out
            passed[i] = out
    return passed.T, after
