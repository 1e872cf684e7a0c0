"""Draws text and the meters of bands and beat over the picture."""

from collections.abc import Sequence

import pygame

from bandwalk.wire import BAND_COLOURS
from bandwalk_client.readout import Meter

MARGIN, TEXT_PX, NOTICE_PX = 10, 20, 26
BAR_SIZE = (14, 90)
PITCH = 40
"""Pixels from one meter to the next."""
SHADE = (0, 0, 0, 150)
TEXT, FLASH = (235, 235, 235), (255, 255, 255)


class Overlay:
    """Text and meters on a surface; it keeps the fonts, which are valid as long as pygame is."""

    def __init__(self) -> None:
        self._text = pygame.font.Font(None, TEXT_PX)
        self._large = pygame.font.Font(None, NOTICE_PX)

    def draw_lines(self, screen: pygame.Surface, lines: Sequence[str]) -> None:
        """Write lines into the upper left corner; text after a tab goes into a second column."""
        if not lines:
            return
        cells = [[self._text.render(cell, True, TEXT) for cell in line.split("\t", 1)] for line in lines]
        column = max((row[0].get_width() for row in cells if len(row) > 1), default=0) + MARGIN
        width = max(row[-1].get_width() + column * (len(row) - 1) for row in cells)
        step = self._text.get_linesize()
        _shade(screen, pygame.Rect(0, 0, width + 2 * MARGIN, step * len(cells) + 2 * MARGIN))
        for y, row in enumerate(cells):
            for x, cell in enumerate(row):
                screen.blit(cell, (MARGIN + x * column, MARGIN + y * step))

    def draw_meters(self, screen: pygame.Surface, meters: Sequence[Meter]) -> None:
        """Draw one bar per band, and one of the beat, into the lower left corner, white while a hit flashes."""
        if not meters:
            return
        width, height = BAR_SIZE
        panel = pygame.Rect(0, 0, PITCH * len(meters) + 2 * MARGIN, height + self._text.get_linesize() + 2 * MARGIN)
        panel.bottom = screen.get_height()
        _shade(screen, panel)
        for i, meter in enumerate(meters):
            frame = pygame.Rect(panel.x + MARGIN + i * PITCH, panel.y + MARGIN, width, height)
            frame.centerx += (PITCH - width) // 2
            _draw_bar(screen, frame, meter)
            label = self._text.render(meter.name, True, TEXT)
            screen.blit(label, label.get_rect(midtop=(frame.centerx, frame.bottom + 4)))

    def draw_notice(self, screen: pygame.Surface, notice: str) -> None:
        """Write one line into the centre."""
        if not notice:
            return
        text = self._large.render(notice, True, TEXT)
        box = text.get_rect(center=screen.get_rect().center)
        _shade(screen, box.inflate(2 * MARGIN, 2 * MARGIN))
        screen.blit(text, box)


def _draw_bar(screen: pygame.Surface, frame: pygame.Rect, meter: Meter) -> None:
    bar = frame.copy()
    bar.height = round(frame.height * meter.level)
    bar.bottom = frame.bottom
    pygame.draw.rect(screen, FLASH if meter.is_flashing else BAND_COLOURS.get(meter.name, TEXT), bar)
    pygame.draw.rect(screen, FLASH if meter.is_flashing else TEXT, frame.inflate(4, 4), 1 + meter.is_flashing)


def _shade(screen: pygame.Surface, box: pygame.Rect) -> None:
    """Darken a part of the picture, so that text is readable on any picture."""
    shade = pygame.Surface(box.size, pygame.SRCALPHA)
    shade.fill(SHADE)
    screen.blit(shade, box)
