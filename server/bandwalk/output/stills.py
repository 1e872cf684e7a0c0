"""A clip as single pictures: numbered PNG files in a folder, or raw pixels for other programs."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from bandwalk.output.png import to_png
from bandwalk.output.resume_point import ResumePoint

_LEVEL = 1
"""zlib's level: a quarter of the time of the usual 6, files a tenth larger."""


class Stills:
    """A folder of 000000.png, 000001.png, ...

    Args:
        folder:  made if it does not exist.
        chapter: frames after which its mark advances.
        mark:    where to resume.

    Raises:
        OSError: the folder cannot be made, or a file cannot be written.
    """

    def __init__(self, folder: Path, chapter: int, mark: ResumePoint | None = None) -> None:
        self.mark = mark or ResumePoint()
        self.frames = self.mark.frames
        self._folder = folder
        self._chapter = chapter
        folder.mkdir(parents=False, exist_ok=True)

    def write(self, rgb: np.ndarray) -> None:
        """Write the next picture, [H, W, 3] or [H, W, 4] uint8; a file exists complete or not at all."""
        path = self._folder / f"{self.frames:06d}.png"
        try:
            path.write_bytes(to_png(rgb, level=_LEVEL))
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self.frames += 1
        if self.frames % self._chapter == 0:
            self.mark = ResumePoint(self.frames)

    def finish(self) -> None:
        """Do nothing: nothing is open."""

    stop = abandon = finish


class RawPixels:
    """Pixels, one picture after the other, as rgb24: for ffmpeg -f rawvideo -pix_fmt rgb24."""

    mark = ResumePoint()

    def __init__(self, file: BinaryIO) -> None:
        self.frames = 0
        self._file = file

    def write(self, rgb: np.ndarray) -> None:
        """Write the next picture, [H, W, 3] uint8.

        Raises:
            OSError: the reader is gone.
        """
        self._file.write(np.ascontiguousarray(rgb).data)
        self.frames += 1

    def finish(self) -> None:
        """Flush the rest."""
        self._file.flush()

    stop = abandon = finish
