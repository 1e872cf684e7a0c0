"""The text of the viewer's overlay: rates and states, computed from the frames only."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandwalk_client.receiver import Received, Receiver

BANDS = ("low", "mid", "high", "air")
RATE_WINDOW = 60
"""Frames over which the frame rate is measured."""

LOST_S = 2.0
"""After this time without a frame the server counts as lost."""

FLASH_S = 0.15

SURE = 0.1
"""Of a beat that is shown."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One band, or the beat: its name, its level (0..1), and whether its hit still flashes."""

    name: str
    level: float
    is_flashing: bool


class Readout:
    """Measures the frames of one receiver; times are monotonic seconds."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._times: deque[float] = deque(maxlen=RATE_WINDOW)
        self._hits: dict[str, float] = {}  # {band, or "beat": time of its last hit}
        self._latest: Received | None = None

    def note(self, received: Received, now: float) -> None:
        """Count a frame."""
        if self._times and now - self._times[-1] > LOST_S:
            self._times.clear()  # a rate across a pause means nothing
        self._times.append(now)
        self._latest = received
        for band in BANDS:
            if _feature(received.meta, band, "onset"):
                self._hits[band] = now
        if _heard(received.meta).get("beat") and self._is_sure():
            self._hits["beat"] = now

    def notice(self, now: float) -> str:
        """Return the message over the picture; empty while frames come."""
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
        return [f"{self.fps():.1f} fps   {age}", counts, *self._music(), _to_printable(title)[:80]]

    def meters(self, now: float) -> list[Meter]:
        """Return the bands of the newest frame, then the beat; empty if it does not have them."""
        meta = self._latest.meta if self._latest else {}
        if not isinstance(meta.get("features"), Mapping):
            return []
        levels = {band: _share(_feature(meta, band, "level")) for band in BANDS}
        levels["beat"] = 1.0 - _share(_heard(meta).get("phase")) if self._is_sure() else 0.0
        return [Meter(name, level, now - self._hits.get(name, -FLASH_S) < FLASH_S) for name, level in levels.items()]

    def _is_sure(self) -> bool:
        return self._latest is not None and _share(_heard(self._latest.meta).get("confidence")) > SURE

    def _music(self) -> list[str]:
        """Return a line with tempo and energy, and whether there is a break or silence; none without them."""
        heard = _heard(self._latest.meta) if self._latest else {}
        bpm = heard.get("bpm")
        if not isinstance(bpm, int | float) or not 0 < bpm < 1000:
            return []
        tempo = f"{bpm:.1f} bpm" if self._is_sure() else "no beat"
        passage = "silence" if heard.get("silence") is True else "break" if heard.get("break") is True else ""
        return [f"{tempo}   energy {100 * _share(heard.get('energy')):.0f} %   {passage}".rstrip()]

    def fps(self) -> float:
        """Return the frames received per second."""
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(self._times[-1] - self._times[0], 1e-6)


def _feature(meta: Mapping[str, Any], band: str, name: str) -> object:
    """Return one feature of the frame's description; its form may be wrong: it comes from the network."""
    values = _heard(meta).get(band)
    return values.get(name) if isinstance(values, Mapping) else None


def _heard(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    features = meta.get("features")
    return features if isinstance(features, Mapping) else {}


def _share(number: object) -> float:
    return float(min(number, 1.0)) if isinstance(number, int | float) and number > 0 else 0.0  # NaN is not above 0


def _to_printable(text: str) -> str:
    """Return the part of a text from the network that a font can draw."""
    return "".join(letter for letter in text if letter.isprintable())
