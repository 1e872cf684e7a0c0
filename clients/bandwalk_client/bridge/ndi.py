"""Pictures over NDI, with cyndilib. NDI is a registered trademark of Vizrt NDI AB (ndi.video)."""

from fractions import Fraction
from typing import Any

import numpy as np
from cyndilib.sender import Sender
from cyndilib.video_frame import VideoSendFrame
from cyndilib.wrapper.ndi_structs import FourCC


class Sink:
    """An NDI source; asynchronous and unclocked, so that no picture waits for the one before.

    A change of size closes the source and opens a new one: receivers find it by its name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._sender: Any = None
        self._rate = 0.0
        self._rgbx = np.empty((0, 0, 4), np.uint8)

    def send(self, rgb: np.ndarray, fps: float) -> None:
        """Send a picture [H, W, 3] uint8."""
        if self._sender is None or self._rgbx.shape[:2] != rgb.shape[:2] or self._rate != fps:
            self._sender = self._open(rgb.shape[0], rgb.shape[1], fps)
        self._rgbx[..., :3] = rgb
        self._sender.write_video_async(self._rgbx.reshape(-1))  # copies it

    def close(self) -> None:
        """Close the source."""
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def _open(self, height: int, width: int, fps: float) -> Sender:
        self.close()
        self._rate = fps
        self._rgbx = np.full((height, width, 4), 255, np.uint8)
        frame = VideoSendFrame()
        frame.set_resolution(width, height)
        frame.set_frame_rate(Fraction(fps).limit_denominator(1001))
        frame.set_fourcc(FourCC.RGBX)
        sender = Sender(self._name, clock_video=False, clock_audio=False)
        sender.set_video_frame(frame)
        sender.open()
        return sender
