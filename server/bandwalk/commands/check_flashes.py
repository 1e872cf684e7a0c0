"""``bandwalk check-flashes``: how often a clip flashes, by the measure that the limiter follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from bandwalk.errors import ParameterError
from bandwalk.output.flash_cells import CELLS, to_cells, to_light
from bandwalk.output.flashes import KINDS, MAX_FLASHES, FlashMeter

_BT709, _BT601 = 1, 5
_HD_LINES = 720
"""From here on a clip that does not name its matrix is taken to have that of HDTV."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst second of one kind of flashes.

    flashes: in that second.   from_s: when it begins.   where: what part of the picture flashes so often, in words.
    """

    flashes: float = 0.0
    from_s: float = 0.0
    where: str = ""


def check_flashes(clip: Path) -> tuple[str, bool]:
    """Return what there is to report of a clip, in lines, and whether it is within the limit.

    Raises:
        ParameterError: it cannot be read.
    """
    worst, t_s = worst_of(clip)
    lines = [f"{clip.name}: {t_s:.1f} s"]
    for kind, second in zip(KINDS, worst, strict=True):
        place = f" in the second from {second.from_s:.1f} s, {second.where}" if second.flashes else ""
        lines.append(f"{kind} flashes: at most {second.flashes:g}{place}")
    is_within = all(second.flashes <= MAX_FLASHES for second in worst)
    lines.append(f"{'within' if is_within else 'OVER'} the limit of {MAX_FLASHES:g} in a second (WCAG 2.3.1)")
    return "\n".join(lines), is_within


def worst_of(clip: Path) -> tuple[tuple[Worst, Worst], float]:
    """Return a clip's worst second of each of KINDS, and the time of its last picture.

    Raises:
        ParameterError: it cannot be read.
    """
    meter = FlashMeter()
    worst = [Worst(), Worst()]
    last_s = None
    for t_s, rgb in _pictures(clip):
        meter.step(to_light(to_cells(rgb)), t_s)
        last_s = t_s
        for k, flashes in enumerate(meter.flashes()):
            if flashes > worst[k].flashes:
                begins = max(0.0, t_s - meter.rule.window_s)
                worst[k] = Worst(flashes, begins, _where(meter.changes[k] >= 2 * flashes))
    if last_s is None:
        raise ParameterError(f"{clip}: it holds no pictures; expected a clip")
    return (worst[0], worst[1]), last_s


def _where(cells: np.ndarray) -> str:
    """Return in words where cells [CELLS * CELLS] bool lie."""
    rows, columns = np.nonzero(cells.reshape(CELLS, CELLS))
    vertical = _third(rows.mean(), ("top", "middle", "bottom"))
    horizontal = _third(columns.mean(), ("left", "centre", "right"))
    return f"{100 * cells.mean():.0f} % of the picture about its {vertical} {horizontal}"


def _third(place: float, names: tuple[str, str, str]) -> str:
    return names[min(2, int(3 * place / CELLS))]


def _pictures(clip: Path) -> Iterator[tuple[float, np.ndarray]]:
    """Yield time in seconds and picture [H, W, 3] uint8 of each frame.

    Raises:
        ParameterError: it cannot be read.
    """
    try:
        with av.open(str(clip)) as container:
            if not container.streams.video:
                raise ParameterError(f"{clip}: it has no pictures; expected a clip")
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for n, frame in enumerate(container.decode(stream)):
                t_s = frame.time if frame.time is not None else n / float(stream.average_rate or 25)
                yield t_s, _to_rgb(frame)
    except (OSError, av.FFmpegError) as e:
        raise ParameterError(f"{clip}: {getattr(e, 'strerror', None) or e}; expected a clip that can be read") from e


def _to_rgb(frame: Any) -> np.ndarray:
    """Return a frame's picture, by the matrix that it names."""
    matrix = int(frame.colorspace)
    if matrix not in (_BT709, _BT601):
        matrix = _BT709 if frame.height >= _HD_LINES else _BT601
    rgb: np.ndarray = frame.reformat(format="rgb24", src_colorspace=matrix).to_ndarray()
    return rgb
