"""How far a render has come: a bar where stderr is a terminal, else a line now and then."""

import logging
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

logger = logging.getLogger(__name__)

_LINE_S = 10.0


class RenderProgress:
    """Frames done, frames a second, time left.

    Args:
        done:  frames that were there before.
        total: frames of the whole clip, None where the song does not say how long it is.
        is_about: whether the song's header says so, and nobody has counted yet.
    """

    def __init__(self, done: int, total: int | None, *, is_about: bool = False) -> None:
        self._of = f" of {'about ' * is_about}{total}" if total else ""
        self._begun, self._first, self._done, self._total = time.monotonic(), done, done, total
        self._logged = self._begun
        console = Console(stderr=True)
        columns = (
            TextColumn("rendering"), BarColumn(), TextColumn("{task.completed:.0f}{task.fields[of]}"),
            TextColumn("{task.fields[fps]:.1f} fps"),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._task = self._bar.add_task("", total=total, completed=done, fps=0.0, of=self._of) if self._bar else None

    @property
    def fps(self) -> float:
        """Frames a second since the beginning."""
        return (self._done - self._first) / max(time.monotonic() - self._begun, 1e-9)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self) -> None:
        """Count one more frame."""
        self._done += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, fps=self.fps)
        elif time.monotonic() - self._logged >= _LINE_S:
            self._logged = time.monotonic()
            left = f", {max(0, self._total - self._done) / self.fps:.0f} s left" if self._total else ""
            logger.info("frame %d%s, %.1f fps%s", self._done, self._of, self.fps, left)
