"""What the viewer's overlay tells: rates and states, computed from the frames alone."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandwalk_client.receiver import Received, Receiver

BANDS = ("low", "mid", "high")
RATE_WINDOW = 60
"""Frames over which the frame rate is measured."""

LOST_S = 2.0
"""After so long without a frame the server is said to be lost."""

FLASH_S = 0.15


@dataclass(frozen=True, slots=True)
class Meter:
    """One band: its name, its level (0..1), and whether its onset still flashes."""

    name: str
    level: float
    is_flashing: bool


class Readout:
    """Follows the frames of one receiver; times are monotonic seconds."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._times: deque[float] = deque(maxlen=RATE_WINDOW)
        self._onsets: dict[str, float] = {}  # {band: time of its last onset}
        self._latest: Received | None = None

    def note(self, received: Received, now: float) -> None:
        """Take a frame into account."""
        if self._times and now - self._times[-1] > LOST_S:
            self._times.clear()  # a rate across a pause tells nothing
        self._times.append(now)
        self._latest = received
        for band in BANDS:
            if _feature(received.meta, band, "onset"):
                self._onsets[band] = now

    def notice(self, now: float) -> str:
        """Return what to say over the picture; nothing where frames come."""
        if self._latest is None:
            return f"waiting for {self._receiver.endpoint}"
        if now - self._times[-1] > LOST_S:
            return f"lost {self._receiver.endpoint}"
        return ""

    def lines(self) -> list[str]:
        """Return the overlay's lines of text."""
        if self._latest is None:
            return []
        age_ms, meta = self._latest.age_ms, self._latest.meta
        age = "age unknown" if age_ms is None else f"age {age_ms:.0f} ms"
        counts = f"dropped {self._receiver.dropped}   stale {self._receiver.stale}"
        title = f"{meta.get('model', '')}  {meta.get('width', '?')}x{meta.get('height', '?')}  #{meta.get('seq', '?')}"
        return [f"{self.fps():.1f} fps   {age}", counts, _to_printable(title)[:80]]

    def meters(self, now: float) -> list[Meter]:
        """Return the bands as the newest frame heard them; none where it does not say."""
        meta = self._latest.meta if self._latest else {}
        if not isinstance(meta.get("features"), Mapping):
            return []
        return [Meter(band, _level(meta, band), now - self._onsets.get(band, -FLASH_S) < FLASH_S) for band in BANDS]

    def fps(self) -> float:
        """Return the frames that come a second."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)


def _feature(meta: Mapping[str, Any], band: str, name: str) -> object:
    """Return one feature of the frame's description, whatever its shape: it comes from the wire."""
    features = meta.get("features")
    values = features.get(band) if isinstance(features, Mapping) else None
    return values.get(name) if isinstance(values, Mapping) else None


def _level(meta: Mapping[str, Any], band: str) -> float:
    level = _feature(meta, band, "level")
    return float(min(level, 1.0)) if isinstance(level, int | float) and level > 0 else 0.0  # NaN is not above 0


def _to_printable(text: str) -> str:
    """Return what a font can draw of a text from the wire."""
    return "".join(letter for letter in text if letter.isprintable())
