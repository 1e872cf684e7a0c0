"""The viewer's window, with pygame: shows pictures and reads keys; it does not use the network."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pygame

from bandwalk.errors import DeviceError, ParameterError
from bandwalk_client.keys import CLOSE, REDRAW
from bandwalk_client.overlay import Overlay
from bandwalk_client.readout import Meter

logger = logging.getLogger(__name__)

START_SIZE = (640, 640)
MAX_SHARE = 0.8
"""Largest share of the desktop that a window takes when it adapts to the first picture."""

MIN_SIDE = 480
"""Shorter side of a window when it adapts, pixels: a smaller picture is enlarged, so that the overlay has room."""

MAX_FPS = 120
"""Most pictures drawn per second."""

_REDRAW_EVENTS = frozenset({pygame.VIDEORESIZE, pygame.VIDEOEXPOSE, pygame.WINDOWRESTORED, pygame.WINDOWSHOWN})


class Window:
    """A resizable window with one picture, as large as fits, with black bars.

    Args:
        title:      of the window.
        fullscreen: fill the display from the start.
        display:    its number, counted from 0.

    Raises:
        DeviceError: there is no display, or no such one.
    """

    def __init__(self, title: str, *, fullscreen: bool = False, display: int = 0) -> None:
        _require_display()
        try:
            pygame.display.init()
            pygame.font.init()
            if not os.environ.get("SDL_VIDEODRIVER") and pygame.display.get_driver() in ("offscreen", "dummy"):
                raise pygame.error("SDL found no display")
            self._display = _checked_display(display)
            self._windowed_size = START_SIZE
            self._is_fullscreen = fullscreen
            self._set_mode()
        except pygame.error as e:
            pygame.quit()
            raise DeviceError(f"opening the viewer's window: {e}; expected a display") from e
        pygame.display.set_caption(title)
        pygame.display.set_allow_screensaver(False)
        self._clock = pygame.time.Clock()
        self._is_adapted = False
        self._overlay = Overlay()

    def close(self) -> None:
        """Close the window."""
        pygame.quit()

    @property
    def is_visible(self) -> bool:
        """Return whether the window is visible (not minimized)."""
        return pygame.display.get_active()

    def poll(self) -> list[str]:
        """Return the events since the previous call: names of pressed keys, CLOSE, REDRAW."""
        happened: list[str] = []
        for event in pygame.event.get():
            if event.type == pygame.KEYDOWN:
                happened.append(_name_of(event))
            elif event.type == pygame.QUIT:
                happened.append(CLOSE)
            elif event.type in _REDRAW_EVENTS:
                happened.append(REDRAW)
        return happened

    def draw(
        self, rgb: np.ndarray | None, *, lines: Sequence[str] = (), meters: Sequence[Meter] = (), notice: str = ""
    ) -> None:
        """Draw a picture [H, W, 3] uint8, or none, and the given text and bands over it."""
        screen = pygame.display.get_surface()
        if screen is None:
            return
        screen.fill("black")
        if rgb is not None:
            self._adapt(rgb)
            _draw_picture(screen, rgb)
        self._overlay.draw_lines(screen, lines)
        self._overlay.draw_meters(screen, meters)
        self._overlay.draw_notice(screen, notice)
        pygame.display.flip()

    def pace(self) -> None:
        """Wait so that pictures are drawn at most MAX_FPS times per second."""
        self._clock.tick(MAX_FPS)

    def toggle_fullscreen(self) -> None:
        """Switch to full screen, or back to a window of the previous size."""
        if not self._is_fullscreen:
            self._windowed_size = pygame.display.get_window_size()
        self._is_fullscreen = not self._is_fullscreen
        self._set_mode()

    def _set_mode(self) -> None:
        if self._is_fullscreen:
            size = pygame.display.get_desktop_sizes()[self._display]
            pygame.display.set_mode(size, pygame.FULLSCREEN, display=self._display)
        else:
            pygame.display.set_mode(self._windowed_size, pygame.RESIZABLE, display=self._display)
        pygame.mouse.set_visible(not self._is_fullscreen)

    def _adapt(self, rgb: np.ndarray) -> None:
        """Once, give the window the shape of the first picture."""
        if self._is_adapted or self._is_fullscreen:
            return
        self._is_adapted = True
        height, width = rgb.shape[:2]
        desktop_w, desktop_h = pygame.display.get_desktop_sizes()[self._display]
        wanted = max(1.0, MIN_SIDE / min(width, height))
        share = min(wanted, MAX_SHARE * desktop_w / width, MAX_SHARE * desktop_h / height)
        width, height = round(width * share), round(height * share)
        self._windowed_size = (width, height)
        self._set_mode()
        # a larger window would keep its corner and leave the screen; only SDL knows where other displays are
        if self._display == 0 and hasattr(pygame.display, "set_window_position"):
            pygame.display.set_window_position(((desktop_w - width) // 2, (desktop_h - height) // 2))


def _name_of(event: pygame.event.Event) -> str:
    """Return the name of a pressed key; "?" is on a different one of each keyboard."""
    return "?" if getattr(event, "unicode", "") == "?" else pygame.key.name(event.key)


def _checked_display(display: int) -> int:
    last = len(pygame.display.get_desktop_sizes()) - 1
    if not 0 <= display <= last:
        raise DeviceError(f"--display = {display}: expected 0..{last}")
    return display


def save_png(rgb: np.ndarray, path: Path) -> None:
    """Write a picture [H, W, 3] uint8 to a PNG file.

    Raises:
        ParameterError: the file cannot be written.
    """
    try:
        pygame.image.save(_to_surface(rgb), path)
    except (pygame.error, OSError) as e:
        raise ParameterError(f"screenshot {path}: {e}; expected a folder that can be written") from e


def _to_surface(rgb: np.ndarray) -> pygame.Surface:
    height, width = rgb.shape[:2]
    return pygame.image.frombuffer(np.ascontiguousarray(rgb).data, (width, height), "RGB")


def _draw_picture(screen: pygame.Surface, rgb: np.ndarray) -> None:
    picture = _to_surface(rgb)
    box = picture.get_rect().fit(screen.get_rect())
    if box.size != picture.get_size():
        picture = pygame.transform.smoothscale(picture, box.size)
    screen.blit(picture, box)


def _require_display() -> None:
    """Raise an error if there is no display, before SDL draws to nothing or prints its own message."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))
    if sys.platform.startswith("linux") and not named:
        raise DeviceError("opening the viewer's window: DISPLAY is not set; expected a display")
