"""The targets of a bridge: one small interface, and a table of its kinds."""

import importlib
import sys
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bandwalk.errors import ParameterError


class FrameSink(Protocol):
    """Sends pictures to a different program."""

    def send(self, rgb: np.ndarray, fps: float) -> None:
        """Send a picture [H, W, 3] uint8, RGB, top row first; its size may change.

        Args:
            rgb: the picture; the caller may reuse it after the call.
            fps: expected pictures per second.
        """

    def close(self) -> None:
        """Close the source."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """module: has a class Sink(name). library: its pip package. platform: as in sys.platform; empty: any."""

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
    "bridge v4l2: the only library for it has a licence that bandwalk cannot use (pyvirtualcam: GPL-2.0); "
    "expected ndi, and OBS with its NDI plugin and virtual camera"
)


def open_sink(kind: str, name: str) -> FrameSink:
    """Return a sink that opens a source with this name.

    Raises:
        ParameterError: no such kind, not on this system, or its library is not installed; one line says what to do.
        DeviceError:    the library cannot start.
    """
    if kind == "v4l2":
        raise ParameterError(_NO_V4L2)
    if kind not in _KINDS:
        raise ParameterError(f"bridge {kind[:80]}: expected {', '.join(_KINDS)}")
    row = _KINDS[kind]
    if row.platform and sys.platform != row.platform:
        raise ParameterError(f"bridge {kind}: works only on {_SYSTEMS[row.platform]}; expected ndi here")
    try:
        module = importlib.import_module(row.module)
    except (ImportError, OSError) as e:  # OSError: a shared library that it needs does not load
        raise ParameterError(f"bridge {kind}: {e}; expected {row.library}: pip install 'bandwalk[{kind}]'") from e
    sink: FrameSink = module.Sink(name)
    return sink
