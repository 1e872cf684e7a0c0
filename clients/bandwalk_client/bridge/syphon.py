"""Pictures over Syphon (macOS), with syphon-python's Metal server."""

from typing import Any

import numpy as np
import syphon
from syphon.utils.numpy import copy_image_to_mtl_texture
from syphon.utils.raw import create_mtl_texture


class Sink:
    """A Syphon server; the size may change with any picture."""

    def __init__(self, name: str) -> None:
        self._server = syphon.SyphonMetalServer(name)
        self._texture: Any = None
        self._rgba = np.empty((0, 0, 4), np.uint8)

    def send(self, rgb: np.ndarray, fps: float) -> None:
        """Send a picture [H, W, 3] uint8; Syphon has no frame rate."""
        height, width = rgb.shape[:2]
        if self._rgba.shape[:2] != (height, width):
            self._rgba = np.full((height, width, 4), 255, np.uint8)
            self._texture = create_mtl_texture(self._server.device, width, height)
        self._rgba[..., :3] = rgb
        copy_image_to_mtl_texture(self._rgba, self._texture)
        self._server.publish_frame_texture(self._texture, is_flipped=True)  # our first row is the top one

    def close(self) -> None:
        """Close the server."""
        self._server.stop()
