"""From one model's pictures to the next one's: the last picture of the old one, less and less of it over the new ones.

shown = old (1 - share) + new share,   share = (t - t_change) / seconds
"""

import numpy as np

from bandwalk.output.shape import to_size


class ModelFade:
    """The change from model to model in a row of pictures; costs nothing while there is none."""

    def __init__(self) -> None:
        self._model = ""
        self._shown: np.ndarray | None = None
        self._under: np.ndarray | None = None
        self._t_change = 0.0

    @property
    def is_on(self) -> bool:
        """Whether a model fades."""
        return self._under is not None

    def step(self, rgb: np.ndarray, model: str, seconds: float, t_s: float) -> np.ndarray:
        """Return the next picture as it is shown; the same array where no model fades.

        Args:
            rgb:     [H, W, 3] uint8 at its size; left as it is, and not changed later.
            model:   that drew it.
            seconds: how long a change takes; 0: it is a cut.
            t_s:     when it is shown, seconds.
        """
        if model != self._model:
            self._under, self._model, self._t_change = self._shown, model, t_s
        share = (t_s - self._t_change) / seconds if seconds else 1.0
        if share >= 1.0:
            self._under = None
        if self._under is not None:
            height, width, channels = rgb.shape
            if self._under.shape != rgb.shape:
                self._under = to_size(self._under[..., :channels], width, height, fit="crop")
            rgb = blend(self._under, rgb, max(0.0, share))
        self._shown = rgb
        return rgb


def blend(under: np.ndarray, over: np.ndarray, share: float) -> np.ndarray:
    """Return ``under (1 - share) + over share``, the share in steps of 1/256; all uint8 of one shape."""
    factor = round(share * 256)
    mixed: np.ndarray = np.multiply(over, np.uint16(factor), dtype=np.uint16)
    mixed += np.multiply(under, np.uint16(256 - factor), dtype=np.uint16)
    mixed >>= 8
    return np.asarray(mixed.astype(np.uint8))
