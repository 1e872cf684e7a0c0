"""Blackout: fades the picture to black and back."""

import numpy as np


class Fader:
    """A brightness that changes linearly between 1 (the picture) and 0 (black)."""

    def __init__(self) -> None:
        self.brightness = 1.0

    def step(self, blackout: bool, fade_s: float, *, dt_s: float) -> float:
        """Advance by dt_s and return the brightness, 0..1.

        Args:
            blackout: True: to 0, False: back to 1.
            fade_s:   seconds of a whole fade; 0: at once.
            dt_s:     seconds since the previous step.
        """
        goal = 0.0 if blackout else 1.0
        reach = dt_s / fade_s if fade_s > 0 else 1.0
        way = goal - self.brightness
        # a rest below 1e-5 is rounding: without this a picture could stay one grey level off
        self.brightness = goal if abs(way) <= reach + 1e-5 else self.brightness + (reach if way > 0 else -reach)
        return self.brightness


def dim(rgb: np.ndarray, brightness: float) -> np.ndarray:
    """Return rgb * brightness, in steps of 1/256; at 1 the same array.

    Args:
        rgb:        [H, W, 3] uint8, or with opacity, which stays, [H, W, 4]; left as it is.
        brightness: 0 (black) .. 1.
    """
    factor = round(min(max(brightness, 0.0), 1.0) * 256)
    if factor == 256:
        return rgb
    # 16-bit multiply and shift: half the time of a table look-up
    product: np.ndarray = np.multiply(rgb, np.uint16(factor), dtype=np.uint16)
    product >>= 8
    dimmed = product.astype(np.uint8)
    dimmed[:, :, 3:] = rgb[:, :, 3:]
    return dimmed
