"""Pictures over Spout (Windows), with SpoutGL."""

import numpy as np
import SpoutGL

GL_RGBA = 0x1908
"""The only constant that is needed from OpenGL."""


class Sink:
    """A Spout sender; the size may change with any picture."""

    def __init__(self, name: str) -> None:
        self._sender = SpoutGL.SpoutSender()
        self._sender.setSenderName(name)
        self._rgba = np.empty((0, 0, 4), np.uint8)

    def send(self, rgb: np.ndarray, fps: float) -> None:
        """Send a picture [H, W, 3] uint8; Spout has no frame rate."""
        height, width = rgb.shape[:2]
        if self._rgba.shape[:2] != (height, width):
            self._rgba = np.full((height, width, 4), 255, np.uint8)
        self._rgba[..., :3] = rgb
        self._sender.sendImage(self._rgba.tobytes(), width, height, GL_RGBA, False, 0)

    def close(self) -> None:
        """Close the sender."""
        self._sender.releaseSender()
