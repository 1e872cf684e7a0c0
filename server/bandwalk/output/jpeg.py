"""JPEG encoders with one interface: the system's libjpeg-turbo, or the one in simplejpeg.

Both write the same baseline files at the same speed; the system's may have code for newer processors.
"""

import importlib
import logging
from typing import Any, Protocol

import numpy as np

from bandwalk.errors import ParameterError

logger = logging.getLogger(__name__)


class Encoder(Protocol):
    """Turns a picture into one complete JPEG file."""

    name: str

    def encode(self, rgb: np.ndarray, *, quality: int, chroma: str) -> bytes:
        """Return a baseline JPEG file.

        Args:
            rgb:     [H, W, 3] uint8.
            quality: 1..100.
            chroma:  "420" (a quarter of the colour samples) or "444" (all of them).
        """


class TurboJpegEncoder:
    """PyTurboJPEG on the system's libjpeg-turbo."""

    name = "turbojpeg"

    def __init__(self) -> None:
        turbojpeg = _import("turbojpeg", "pip install 'bandwalk[server]'")
        try:
            self._turbo = turbojpeg.TurboJPEG()
        except (RuntimeError, OSError, AttributeError) as e:  # not found, not loadable, or too old
            raise ParameterError(f"--encoder = turbojpeg: {_line(e)}; expected libturbojpeg on this system") from e
        self._rgb = turbojpeg.TJPF_RGB
        self._chroma = {"420": turbojpeg.TJSAMP_420, "444": turbojpeg.TJSAMP_444}

    def encode(self, rgb: np.ndarray, *, quality: int, chroma: str) -> bytes:
        """Return a baseline JPEG file (see :class:`Encoder`)."""
        jpeg: bytes = self._turbo.encode(
            np.ascontiguousarray(rgb), quality=quality, pixel_format=self._rgb, jpeg_subsample=self._chroma[chroma]
        )
        return jpeg


class SimpleJpegEncoder:
    """simplejpeg, which contains its own libjpeg-turbo."""

    name = "simplejpeg"

    def __init__(self) -> None:
        self._simplejpeg = _import("simplejpeg", "pip install simplejpeg")

    def encode(self, rgb: np.ndarray, *, quality: int, chroma: str) -> bytes:
        """Return a baseline JPEG file (see :class:`Encoder`)."""
        jpeg: bytes = self._simplejpeg.encode_jpeg(
            np.ascontiguousarray(rgb), quality=quality, colorspace="RGB", colorsubsampling=chroma
        )
        return jpeg


_ENCODERS: dict[str, type[TurboJpegEncoder] | type[SimpleJpegEncoder]] = {
    encoder.name: encoder for encoder in (TurboJpegEncoder, SimpleJpegEncoder)
}


def open_encoder(kind: str = "auto") -> Encoder:
    """Return a JPEG encoder.

    Args:
        kind: "turbojpeg", "simplejpeg", or "auto": the first of them that works here.

    Raises:
        ParameterError: unknown kind, or its library is not installed.
    """
    if kind in _ENCODERS:
        return _ENCODERS[kind]()
    if kind != "auto":
        raise ParameterError(f"--encoder = {kind}: expected auto, {', '.join(_ENCODERS)}")
    try:
        return TurboJpegEncoder()
    except ParameterError as e:
        logger.info("%s; using simplejpeg", e)
        return SimpleJpegEncoder()


def _import(module: str, remedy: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as e:
        raise ParameterError(f"--encoder = {module}: {_line(e)}; expected it installed ({remedy})") from e


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
