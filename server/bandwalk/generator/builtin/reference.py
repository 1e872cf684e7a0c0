"""The fine stage in plain form: `fine` must equal it."""

from __future__ import annotations

import torch
from torch.nn import functional

from bandwalk.generator.builtin import skin as row
from bandwalk.generator.builtin.appearance import Appearance

# Film curve: x -> WHITE x / (x + KNEE). It rises by 1.36 at black, reaches 0.95 at 1 and clips at 1.07.
WHITE, KNEE = 3.2, 2.35

CROWDING = 12.0  # lines fade where they are so dense that they would cover everything


def draw_fine(skin: torch.Tensor, look: Appearance, grain: torch.Tensor, noise: float) -> torch.Tensor:
    """Return the picture [3, H, W], -1..1.

    Args:
        skin:  Skin with one sample of margin [ROWS, H / 2 + 2, W / 2 + 2].
        look:  The frame's appearance.
        grain: Stored noise [H, W].
        noise: Its strength.
    """
    full = functional.interpolate(skin[None], scale_factor=2.0, mode="bilinear")[0, :, 2:-2, 2:-2]
    colour = full[row.RED :]
    slope, cross, fibre, scale, rough, edge, contour = full[: row.RED]
    made = look.material

    # Micro texture and grain tilt the surface towards the light and away from it.
    slope = slope + rough * torch.cos(fibre) * (made.fibre + made.scale * torch.sin(scale))
    slope = slope + made.grain * noise * grain
    steep = cross + slope**2  # 1 + |slope|^2
    normal = steep.rsqrt()

    facing = (look.up - look.across * slope) * normal  # cosine to the light
    shade = made.flat + facing * (made.linear + facing * (made.square + facing * made.cube))
    lean = look.across / (1.0 + look.up)  # slope that reflects the light to the eye
    gloss = (1.0 + made.sharpness * (steep - 1.0 + 2.0 * lean * slope + lean**2)) ** -2.0

    distance = contour - contour.round()  # to the nearest line, in periods
    line = edge / (edge * (1.0 + CROWDING * edge) + distance**2)
    shade = shade * (1.0 - made.dark * line)
    line = line - faint_line(made.halo)
    glow = made.line * line + made.rim * (1.0 - normal)

    light: torch.Tensor = colour * shade + glow * _colour(look.glow, skin) + gloss * _colour(look.gloss, skin)
    film: torch.Tensor = WHITE * light / (light + KNEE)
    return film.clamp(0.0, 1.0) * 2.0 - 1.0


def faint_line(halo: float) -> float:
    """Return the glow half way between two lines; it is subtracted, so that dark areas stay dark."""
    return halo / (halo * (1.0 + CROWDING * halo) + 0.25)


def _colour(rgb: object, like: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(rgb).to(like)[:, None, None]
