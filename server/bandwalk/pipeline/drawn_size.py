"""At which size pictures are drawn: for the wanted screen, and so that the frame rate holds."""

import logging
import math
import time

from bandwalk.generator import Generator, Screen, is_embedded
from bandwalk.params import BY_ADDRESS
from bandwalk.params.values import Values, number, text
from bandwalk.units import parse_size, seed_to_z

logger = logging.getLogger(__name__)

MIN_SCALE = 0.25
_STEP = 1 / 16
"""Scales that are chosen are multiples of it."""

_SHARE = 0.75
"""Of the time between two frames, what drawing may take: another picture may be harder, and the rest works beside."""

_LARGE = 512 * 512
"""Pixels up to which a picture is always drawn as it is."""

_RUNS = 2


def screen_for(name: str, values: Values, *, is_chosen: bool, scale: float | None = None) -> Screen | None:
    """Return the screen that a model is loaded for.

    Args:
        name:      builtin, or a path.
        is_chosen: whether somebody has chosen the size: otherwise a model file has its own shape.
        scale:     instead of ``/out/scale``.
    """
    if not (is_chosen or is_embedded(name)):
        return None
    size = text(values, "/out/size") if is_chosen else str(BY_ADDRESS["/out/size"].default)
    wanted = number(values, "/out/scale") if scale is None else scale
    return Screen(*parse_size(size), text(values, "/out/fit"), max(MIN_SCALE, wanted) if wanted else 1.0)


class HeldScale:
    """The scale at which this machine draws the embedded model at the wanted frame rate, once it was measured."""

    def __init__(self) -> None:
        self._pixels_s = math.inf

    def screen_for(self, name: str, values: Values, *, is_chosen: bool) -> Screen | None:
        """Return the screen that a model of a show is loaded for: ``/out/scale`` 0 is what holds the frame rate."""
        scale = None if number(values, "/out/scale") else self._scale(name, values, is_chosen=is_chosen)
        return screen_for(name, values, is_chosen=is_chosen, scale=scale)

    def measure(self, G: Generator, values: Values) -> None:
        """Measure how fast a model draws that draws at any size, if a large picture is asked for the first time."""
        pixels = G.width * G.height
        if not G.is_sized or G.device.type != "cpu" or pixels <= _LARGE or self._pixels_s < math.inf:
            return
        ws = G.map(seed_to_z(0, G.z_dim)[None])
        G.render(ws)  # the first one is slow
        self._pixels_s = pixels / min(_time(G, ws) for _ in range(_RUNS))
        fps, wanted = self._pixels_s / pixels, number(values, "/out/fps")
        if fps * _SHARE < wanted:
            width, height = (round(side * self._fitting(pixels, wanted)) for side in (G.width, G.height))
            logger.info("%dx%d draws at %.0f fps here; %dx%d holds %g", G.width, G.height, fps, width, height, wanted)

    def _scale(self, name: str, values: Values, *, is_chosen: bool) -> float:
        whole = screen_for(name, values, is_chosen=is_chosen, scale=1.0)
        return 1.0 if whole is None else self._fitting(math.prod(whole.size()), number(values, "/out/fps"))

    def _fitting(self, pixels: int, fps: float) -> float:
        """Return the largest scale at which a picture of so many pixels is drawn in time."""
        if pixels <= _LARGE:
            return 1.0
        drawn = max(_LARGE, _SHARE * self._pixels_s / fps)
        scale = math.floor(math.sqrt(min(1.0, drawn / pixels)) / _STEP) * _STEP
        return max(MIN_SCALE, scale)


def _time(G: Generator, ws: object) -> float:
    """Return the seconds of work for a picture, those of this thread: a show may draw beside."""
    begun = time.thread_time()
    G.render(ws)  # type: ignore[arg-type]
    return max(1e-4, time.thread_time() - begun)
