"""Where a bridge's pictures go: one small interface, and a table of those who have it."""

import importlib
import sys
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bandwalk.errors import ParameterError


class FrameSink(Protocol):
    """Takes pictures for another program."""

    def send(self, rgb: np.ndarray, fps: float) -> None:
        """Hand over a picture [H, W, 3] uint8, RGB, the right way up; its size may change.

        Args:
            rgb: the picture; it may be reused when the call is over.
            fps: pictures a second to be expected.
        """

    def close(self) -> None:
        """Take the source off the air."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """module: has a class Sink(name). library: what pip calls what it needs. platform: as sys.platform; empty: any."""

    module: str
    library: str
    platform: str = ""


_KINDS = {
    "ndi": _Kind("bandwalk_client.bridge.ndi", "cyndilib"),
    "spout": _Kind("bandwalk_client.bridge.spout", "SpoutGL", "win32"),
    "syphon": _Kind("bandwalk_client.bridge.syphon", "syphon-python", "darwin"),
}
_SYSTEMS = {"win32": "Windows", "darwin": "macOS"}
_NO_V4L2 = (
    "bridge v4l2: no library for it has a licence that goes with bandwalk's (pyvirtualcam is GPL-2.0); "
    "expected ndi, and OBS with its NDI plugin and virtual camera"
)


def open_sink(kind: str, name: str) -> FrameSink:
    """Return a sink that puts a source of this name on the air.

    Raises:
        ParameterError: no such kind, not on this system, or its library is not installed; one line says what to do.
        DeviceError:    the library cannot begin.
    """
    if kind == "v4l2":
        raise ParameterError(_NO_V4L2)
    if kind not in _KINDS:
        raise ParameterError(f"bridge {kind[:80]}: expected {', '.join(_KINDS)}")
    row = _KINDS[kind]
    if row.platform and sys.platform != row.platform:
        raise ParameterError(f"bridge {kind}: there is {kind} on {_SYSTEMS[row.platform]} only; expected ndi here")
    try:
        module = importlib.import_module(row.module)
    except (ImportError, OSError) as e:  # OSError: the library of the library does not load
        raise ParameterError(f"bridge {kind}: {e}; expected {row.library}: pip install 'bandwalk[{kind}]'") from e
    sink: FrameSink = module.Sink(name)
    return sink
