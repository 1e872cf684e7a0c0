"""The fine stage, fast: light, lines and micro texture at full size (plain form: `reference`).

It is fast on a processor because of:

- Doubling by phases. A full-size picture consists of four half-size ones (even and odd rows and columns), each a blend
  of neighbouring samples. All arithmetic runs on these, in memory order; only the results are interleaved.
- Strips of a few rows, and few maps at a time, so that all of them stay in the L2 cache.
- Work in place, in buffers made once for each thread, and so are all views of them: a view costs as much as a pass.
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
from bandwalk.generator.builtin.plane import Size, copy
from bandwalk.generator.builtin.reference import CROWDING, KNEE, WHITE, faint_line
from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise

Maps = torch.Tensor

_STRIP = 9_000  # samples of one phase in a strip: a map of all four is then 144 kB


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
        film, levels = _Film(255.0, 0.5, self._device), self._buffers().levels
        inside = self._inside(levels)
        for first, light in self._strips(skin, look, effects):
            copy(levels, film.develop_(light))
            strip = inside.cpu().numpy()
            rows = out[first : first + self._rows]
            for down in (0, 1):
                for across in (0, 1):
                    for c in range(3):
                        rows[:, down, :, across, c] = strip[c, down, across]
        return out.reshape(2 * self._height, 2 * self._width, 3)

    def to_image(self, skin: Maps, look: Appearance, effects: Effects) -> Maps:
        """Return the picture [3, H, W], -1..1."""
        out = torch.empty(3, self._height, 2, self._width, 2, device=self._device)
        film = _Film(2.0, -1.0, self._device)
        for first, light in self._strips(skin, look, effects):
            inside = self._inside(film.develop_(light))
            out[:, first : first + self._rows] = inside.permute(0, 3, 1, 4, 2)
        return out.view(3, 2 * self._height, 2 * self._width)

    def _strips(self, skin: Maps, look: Appearance, effects: Effects) -> Iterator[tuple[int, Maps]]:
        """Yield the first row and the light [3, 4 * rows * row] of each strip, valid until the next one."""
        buffers = self._buffers()
        light, grain = Light(look, effects.noise, skin), self._grain.at(effects.drift)
        for k, first in enumerate(self._firsts):
            buffers.take(skin[:, first * self._row : (first + self._rows + 2) * self._row])
            yield first, light.draw(buffers, grain[k])

    def _buffers(self) -> _Buffers:
        """Return this thread's buffers."""
        if not hasattr(self._local, "buffers"):
            self._local.buffers = _Buffers(self._rows, self._row, self._device)
        buffers: _Buffers = self._local.buffers
        return buffers

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


class _Buffers:
    """The maps of one strip [4 n] each, in four phases (down, across) of n = rows * side samples.

    surface: The skin's first rows, doubled, `SURFACE` of them; scratch after that.
    lines:   Edge and contour, doubled.
    colour:  The skin's last rows, doubled.
    spare:   Scratch, also beside these.
    levels:  The strip's picture in bytes [3, 4 n].
    """

    def __init__(self, rows: int, side: int, device: torch.device) -> None:
        n = rows * side
        self._part = torch.zeros(row.ROWS, n + 2 * side, device=device)
        self._scale = torch.tensor(9.0 / 16.0, device=device)
        maps = torch.zeros(_KEPT + _SURFACE, 4 * n, device=device)
        doubled = torch.zeros(2, _SURFACE, n + 2 * side, device=device)
        phases = maps.view(-1, 4, n)
        self._surface = list(_doubling(self._part[:_SURFACE], doubled, phases[:_SURFACE], side))
        self._paint = list(_doubling(self._part[_SURFACE:], doubled, phases[_KEPT:], side))
        self.surface, self.spare = maps[:_SURFACE].unbind(), maps[row.CROSS]
        self.lines, self.colour = maps[_KEPT : _KEPT + 2].unbind(), maps[_KEPT + 2 :]
        self.levels = torch.zeros(3, 4 * n, dtype=torch.uint8, device=device)

    def take(self, part: Maps) -> None:
        """Take the skin's rows under the strip, with one more above and below [ROWS, (rows + 2) * side]."""
        torch.mul(part, self._scale, out=self._part)

    def double_surface(self) -> None:
        """Write `surface`."""
        _run(self._surface)

    def double_paint(self) -> None:
        """Write `lines` and `colour`."""
        _run(self._paint)


_SURFACE = row.EDGE
_KEPT = 4  # maps that are drawn from the surface, and needed when the rest is doubled


def _doubling(part: Maps, doubled: Maps, out: Maps, side: int) -> Iterator[tuple[Maps, Maps, Maps]]:
    """Yield the sums (here, beside, sum = here + beside / 3) that double a strip bilinearly into phases.

    A new sample is 3/4 of the nearer one and 1/4 of the other, on both axes: 9/16 (here + beside / 3).

    Args:
        part:    9/16 of rows with one more above and below [ROWS, (rows + 2) * side].
        doubled: Buffer for the rows doubled across [2, ROWS, (rows + 2) * side].
        out:     Phases (down, across), row by row [ROWS, 4, rows * side].
        side:    Samples a row.
    """
    inner = part[:, 1:-1]
    yield inner, part[:, :-2], doubled[0, :, 1:-1]
    yield inner, part[:, 2:], doubled[1, :, 1:-1]
    for across in (0, 1):
        here = doubled[across, :, side:-side]
        yield here, doubled[across, :, : -2 * side], out[:, across]
        yield here, doubled[across, :, 2 * side :], out[:, 2 + across]


def _run(sums: list[tuple[Maps, Maps, Maps]]) -> None:
    for here, beside, out in sums:
        torch.add(here, beside, alpha=1.0 / 3.0, out=out)


class _Film:
    """The film curve: light becomes gain * x + offset, where x = 0..1 is its value.

    WHITE x / (x + KNEE) = WHITE - WHITE KNEE / (x + KNEE); KNEE is already added to the light.
    """

    def __init__(self, gain: float, offset: float, device: torch.device) -> None:
        self._top = torch.full((), WHITE * gain + offset, device=device)
        self._slope, self._range = -WHITE * KNEE * gain, (offset, gain + offset)

    def develop_(self, light: Maps) -> Maps:
        """Convert in place."""
        torch.add(self._top, light.reciprocal_(), alpha=self._slope, out=light)
        return light.clamp_(*self._range)


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

    def draw(self, buffers: _Buffers, grain: Maps) -> Maps:
        """Return the light + KNEE [3, n] of a strip.

        Args:
            buffers: Their maps are overwritten.
            grain:   Stored noise [n].
        """
        made = self._made
        buffers.double_surface()
        slope, cross, fibre, scale, rough = buffers.surface
        # Micro texture and grain tilt the surface.
        rough.mul_(fibre.cos_())
        slope.add_(rough, alpha=made.fibre)
        slope.addcmul_(rough, scale.sin_(), value=made.scale)
        slope.add_(grain, alpha=self._grain)
        steep = cross.addcmul_(slope, slope)
        normal = torch.sqrt(steep, out=scale).reciprocal_()
        # The highlight, before slope is overwritten by the cosine to the light.
        gloss = torch.add(self._gloss_flat, slope, alpha=self._gloss_slope, out=fibre)
        gloss.add_(steep, alpha=made.sharpness).reciprocal_().square_()
        up, across = self._facing
        facing = torch.add(up, slope, alpha=across, out=rough).mul_(normal)
        flat, linear, square = self._shade
        shade = torch.add(square, facing, alpha=made.cube, out=slope)
        torch.addcmul(linear, shade, facing, out=shade)
        torch.addcmul(flat, shade, facing, out=shade)
        # Contour lines.
        buffers.double_paint()
        (edge, contour), spare, colour = buffers.lines, buffers.spare, buffers.colour
        distance = contour.sub_(torch.round(contour, out=spare))
        spread = torch.addcmul(edge, distance, distance, out=spare).addcmul_(edge, edge, value=CROWDING)
        line = edge.div_(spread)
        shade.addcmul_(shade, line, value=-made.dark)
        glow = line.sub_(normal, alpha=self._rim)
        # Sum.
        torch.addcmul(self._base, colour, shade, out=colour)
        colour.addcmul_(self._glow, glow).addcmul_(self._gloss, gloss)
        return colour
