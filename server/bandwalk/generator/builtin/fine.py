"""The fine stage, fast: light, lines and micro texture at full size (plain form: `reference`).

It is fast on a processor because of:

- Doubling by phases. A full-size picture consists of four half-size ones (even and odd rows and columns), each a blend
  of neighbouring samples. All arithmetic runs on these, in memory order; only the results are interleaved.
- Strips of a few rows, so that all maps of a strip stay in the cache.
- Work in place, in buffers made once for each thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from bandwalk.generator.builtin import skin as row
from bandwalk.generator.builtin.appearance import Appearance
from bandwalk.generator.builtin.plane import Size
from bandwalk.generator.builtin.reference import CROWDING, KNEE, WHITE, faint_line
from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise

Maps = torch.Tensor

_STRIP = 17_000  # samples of one phase in a strip: a map of all four is then 270 kB
_TEMPORARY = 3  # maps beyond the skin's own


class FineStage:
    """Draws skins of one size."""

    def __init__(self, half: Size, samples: int, grain: Maps, device: torch.device) -> None:
        """Prepare for skins of ``half[1] + 2`` rows of ``samples`` samples.

        Args:
            half:    Half the picture's width and height.
            samples: In a row of the skin, with equal margins left and right of ``half[0]``.
            grain:   Stored noise, a tile that repeats without a seam.
            device:  Where to draw.
        """
        self._width, self._height = half
        self._row, self._device = samples, device
        count = -(-self._height * samples // _STRIP)
        self._rows = -(-self._height // count)
        # All strips have the same number of rows: the last one begins within the one before it.
        self._firsts = [min(k * self._rows, self._height - self._rows) for k in range(-(-self._height // self._rows))]
        self._grain = Noise(grain, self._in_phases)
        self._local = threading.local()

    def to_bytes(self, skin: Maps, look: Appearance, effects: Effects) -> NDArray[np.uint8]:
        """Return the picture [H, W, 3], 0..255."""
        out = np.empty((self._height, 2, self._width, 2, 3), np.uint8)
        # (img * 127.5 + 128) with img = 2 x - 1 is 255 x + 0.5.
        for first, light in self._strips(skin, look, effects):
            inside = self._inside(_film(light, 255.0, 0.5)).cpu().numpy()
            for down in (0, 1):
                for across in (0, 1):
                    for c in range(3):
                        out[first : first + self._rows, down, :, across, c] = inside[c, down, across]
        return out.reshape(2 * self._height, 2 * self._width, 3)

    def to_image(self, skin: Maps, look: Appearance, effects: Effects) -> Maps:
        """Return the picture [3, H, W], -1..1."""
        out = torch.empty(3, self._height, 2, self._width, 2, device=self._device)
        for first, light in self._strips(skin, look, effects):
            inside = self._inside(_film(light, 2.0, -1.0))
            out[:, first : first + self._rows] = inside.permute(0, 3, 1, 4, 2)
        return out.view(3, 2 * self._height, 2 * self._width)

    def _strips(self, skin: Maps, look: Appearance, effects: Effects) -> Iterator[tuple[int, Maps]]:
        """Yield the first row and the light [3, 4 * rows * row] of each strip, valid until the next one."""
        maps, doubled = self._buffers()
        light, grain = Light(look, effects.noise, skin), self._grain.at(effects.drift)
        for k, first in enumerate(self._firsts):
            part = skin[:, first * self._row : (first + self._rows + 2) * self._row]
            _double(part, self._row, doubled, maps[: row.ROWS])
            yield first, light.draw(maps.view(len(maps), -1), grain[k])

    def _buffers(self) -> tuple[Maps, Maps]:
        """Return this thread's buffers: all maps of a strip [.., 4, n], and its rows doubled across."""
        if not hasattr(self._local, "maps"):
            n = self._rows * self._row
            self._local.maps = torch.zeros(row.ROWS + _TEMPORARY, 4, n, device=self._device)
            self._local.doubled = torch.zeros(2, row.ROWS, n + 2 * self._row, device=self._device)
        return self._local.maps, self._local.doubled

    def _inside(self, light: Maps) -> Maps:
        """Return a strip without its margin [3, down, across, rows, width]."""
        margin = (self._row - self._width) // 2
        return light.view(3, 2, 2, self._rows, self._row)[..., margin : margin + self._width]

    def _in_phases(self, tile: Maps) -> Maps:
        """Repeat a tile over the picture, in the layout of the strips [strips, 4 * rows * row]."""
        size = 2 * self._width, 2 * self._height
        margin = (self._row - self._width) // 2
        phases = tiled(tile, size).view(self._height, 2, self._width, 2).permute(1, 3, 0, 2)
        phases = functional.pad(phases, (margin, margin))  # [down, across, height, row]
        return torch.stack([phases[:, :, first : first + self._rows].flatten() for first in self._firsts])


def tiled(tile: Maps, size: Size) -> Maps:
    """Repeat a tile over a picture [height, width]; one begins at the first corner of the square in its middle."""
    width, height = size
    before = (width - min(size)) // 2, (height - min(size)) // 2
    across = (torch.arange(width, device=tile.device) - before[0]) % tile.shape[1]
    down = (torch.arange(height, device=tile.device) - before[1]) % tile.shape[0]
    return tile[down[:, None], across]


def _double(part: Maps, side: int, doubled: Maps, out: Maps) -> None:
    """Double a strip bilinearly into phases.

    Args:
        part:    Rows with one more above and below [ROWS, (rows + 2) * side].
        side:    Samples a row.
        doubled: Buffer for the rows doubled across [2, ROWS, (rows + 2) * side].
        out:     Phases (down, across), row by row [ROWS, 4, rows * side].
    """
    inner = part[:, 1:-1]
    torch.lerp(inner, part[:, :-2], 0.25, out=doubled[0, :, 1:-1])
    torch.lerp(inner, part[:, 2:], 0.25, out=doubled[1, :, 1:-1])
    for across in (0, 1):
        here = doubled[across, :, side:-side]
        torch.lerp(here, doubled[across, :, : -2 * side], 0.25, out=out[:, across])
        torch.lerp(here, doubled[across, :, 2 * side :], 0.25, out=out[:, 2 + across])


def _film(light: Maps, gain: float, offset: float) -> Maps:
    """Convert light to gain * x + offset in place, where x = 0..1 is the value of the film curve.

    WHITE x / (x + KNEE) = WHITE - WHITE KNEE / (x + KNEE); KNEE is already added to the light.
    """
    top = light.new_tensor(WHITE * gain + offset)
    torch.add(top, light.reciprocal_(), alpha=-WHITE * KNEE * gain, out=light)
    return light.clamp_(offset, gain + offset)


class Light:
    """The light of one picture, as numbers and small tensors."""

    def __init__(self, look: Appearance, noise: float, like: Maps) -> None:
        made = look.material
        self._made, self._grain = made, made.grain * noise
        self._facing = like.new_tensor(look.up), -look.across
        self._shade = [like.new_tensor(c) for c in (made.flat, made.linear, made.square)]
        # Highlight: sharpness * (steep - 1 + 2 lean slope + lean^2) + 1 = sharpness * steep + a * slope + b.
        lean = look.across / (1.0 + look.up)
        self._gloss_slope = made.sharpness * 2.0 * lean
        self._gloss_flat = like.new_tensor(made.sharpness * (lean * lean - 1.0) + 1.0)
        # Lines and rim share a colour: line * (edge part) + rim * (1 - normal).
        line = max(made.line, 1e-3)
        self._rim = made.rim / line
        self._glow = like.new_tensor(look.glow * line).unsqueeze(1)
        self._gloss = like.new_tensor(look.gloss).unsqueeze(1)
        self._base = like.new_tensor(KNEE + look.glow * (made.rim - line * faint_line(made.halo))).unsqueeze(1)

    def draw(self, maps: Maps, grain: Maps) -> Maps:
        """Return the light + KNEE [3, n] of a strip, written over its colour.

        Args:
            maps:  The doubled skin and three spare maps [ROWS + 3, n]; overwritten.
            grain: Stored noise [n].
        """
        made = self._made
        slope, cross, edge, contour, fibre, scale, rough, normal, gloss, shade = maps[row.SLOPE :]
        # Micro texture and grain tilt the surface.
        rough.mul_(fibre.cos_())
        slope.add_(rough, alpha=made.fibre)
        slope.addcmul_(rough, scale.sin_(), value=made.scale)
        slope.add_(grain, alpha=self._grain)
        steep = cross.addcmul_(slope, slope)
        torch.sqrt(steep, out=normal).reciprocal_()
        # The highlight, before slope is overwritten by the cosine to the light.
        torch.add(self._gloss_flat, slope, alpha=self._gloss_slope, out=gloss)
        gloss.add_(steep, alpha=made.sharpness).reciprocal_().square_()
        up, across = self._facing
        facing = torch.add(up, slope, alpha=across, out=slope).mul_(normal)
        flat, linear, square = self._shade
        torch.add(square, facing, alpha=made.cube, out=shade)
        torch.addcmul(linear, shade, facing, out=shade)
        torch.addcmul(flat, shade, facing, out=shade)
        # Contour lines.
        distance = contour.sub_(torch.round(contour, out=fibre))
        spread = torch.addcmul(edge, distance, distance, out=fibre).addcmul_(edge, edge, value=CROWDING)
        line = edge.div_(spread)
        shade.addcmul_(shade, line, value=-made.dark)
        glow = line.sub_(normal, alpha=self._rim)
        # Sum.
        colour = maps[: row.SLOPE]
        torch.addcmul(self._base, colour, shade, out=colour)
        colour.addcmul_(self._glow, glow).addcmul_(self._gloss, gloss)
        return colour
