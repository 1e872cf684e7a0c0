"""The embedded model behind the interface of all generators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.builtin import plain, reference, weights
from bandwalk.generator.builtin.appearance import Appearance, read_appearance
from bandwalk.generator.builtin.canvas import Canvas
from bandwalk.generator.builtin.coarse import WarpBank, draw_coarse
from bandwalk.generator.builtin.fine import FineStage, tiled
from bandwalk.generator.builtin.influence import influence
from bandwalk.generator.builtin.live import LiveDrawing
from bandwalk.generator.builtin.mapping import map_to_w
from bandwalk.generator.builtin.middle import draw_middle
from bandwalk.generator.builtin.plane import Size, differences, double, grid, halved
from bandwalk.generator.builtin.skin import Body, bend_skin, distance2, draw_skin
from bandwalk.generator.builtin.styles import read_styles
from bandwalk.generator.effects import Effects
from bandwalk.generator.noise import Noise
from bandwalk.generator.screen import Screen
from bandwalk.generator.tensors import Array, check_transform, with_opacity
from bandwalk.records import Bend

DEFAULT_SIZE = 512
_MARGIN = 2  # samples around the picture, for differences and interpolation


class Builtin:
    """A designed, style-modulated synthesis network with fixed weights."""

    name = "builtin"
    sha256 = weights.SHA256
    z_dim, c_dim, w_dim, num_ws = 512, 0, 512, 14
    has_noise, has_alpha = True, False
    is_sized, usual_psi = True, 1.0
    has_gains = True
    walks: Path | None = weights.WALKS
    gains: tuple[float, float, float] = (0.41, 0.74, 2.8)  # by `measure_gains` at 256

    def __init__(
        self,
        device: str | torch.device = "cpu",
        exact: bool = False,
        *,
        size: int | Size | None = None,
        screen: Screen | None = None,
    ) -> None:
        """Prepare.

        Args:
            device: Where to draw.
            exact:  Draw by the plain reference.
            size:   Of the picture, pixels; None: the screen's, or else 512.
            screen: That it is for.
        """
        self.device = torch.device(device)
        self.screen = screen
        if size is None:
            size = DEFAULT_SIZE if screen is None else screen.size()
        self._canvas = Canvas.of(size)
        self.width, self.height = self.trained_size = self._canvas.size
        self.resolution = max(self._canvas.size)
        self.noise, self.drift = 1.0, 0.0
        self.bends: tuple[Bend, ...] = ()
        self.directions: Mapping[str, torch.Tensor] = {}  # set by the code that loads the model
        self.start: torch.Tensor | None = None
        self._exact = exact
        self._transform = np.eye(3)
        self._weights = weights.read_weights()
        self._bank = WarpBank(self._weights.waves, self._weights.pushes)
        self._prepare_planes(halved(self._canvas.drawn))
        is_live = self.device.type == "cuda" and not exact
        self._live = LiveDrawing(self._canvas, self.device) if is_live else None

    def _prepare_planes(self, half: Size) -> None:
        """Prepare what depends only on the size: coordinates, noise, buffers."""
        self._half, self._pixels = half, 2 * min(half)
        self._xy = grid(halved(half) if self._canvas.doubles else half, _MARGIN, self.device)
        around = grid(half, _MARGIN, self.device)
        self._radius2 = distance2(around)
        self._grain = torch.tensor(self._weights.grain, device=self.device)
        self._fine = FineStage(half, around.row, self._grain, self.device)

    @property
    def transform(self) -> NDArray[np.float64]:
        """Inverse transform of the picture plane, 3x3, the picture's shorter side spanning -0.5..0.5."""
        return self._transform

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None:
        self._transform = np.eye(3) if m is None else check_transform(m)

    def size_for(self, screen: Screen) -> Size:
        """Return the size of the picture, were it loaded for another screen."""
        return screen.size()

    def map(self, z: Array, c: Array | None = None, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim], the first ``cutoff`` truncated about w_avg.

            w = w_avg + psi * (map(z) - w_avg)

        The model has no classes: c is not read.
        """
        latents = z.detach().cpu().numpy() if isinstance(z, torch.Tensor) else np.asarray(z)
        w = map_to_w(latents.astype(np.float32), self._weights.mapping)
        ws = np.repeat(w[:, None], self.num_ws, axis=1)  # [N, num_ws, w_dim]
        if psi != 1.0:
            w_avg = self._weights.w_avg
            ws[:, :cutoff] = w_avg + np.float32(psi) * (ws[:, :cutoff] - w_avg)
        return torch.tensor(ws, device=self.device)

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style: num_ws of [n_params, w_dim], rows scaled by influence."""
        affine = self._weights.affine  # [num_ws, w_dim, n_params]
        weighed = affine * influence(affine.shape[0], affine.shape[2])[:, None]
        return tuple(torch.from_numpy(a.T) for a in weighed)

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, -1..1."""
        with torch.inference_mode():
            frames = [self._canvas.picture(self._image(w)) for w in ws]
        return torch.stack(frames)  # outside, so that the caller may write to it

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw in plain form, without effects, with gradients back to ws."""
        constants = plain.Constants.of(self._weights, torch.float64, torch.device("cpu"))
        setting = plain.Setting.of(constants, self._canvas, self.device)
        transform = torch.from_numpy(self._transform)
        return torch.stack([self._canvas.picture(plain.draw(w, transform, self._grain, setting)) for w in ws])

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        w = ws[0]
        if self._live is not None:
            return self._live.render(w, self._transform, Effects.of(self))
        if self._exact or not self._canvas.is_exact:
            return to_bytes(self._canvas.picture(self._image(w)))
        effects = Effects.of(self)
        skin, look = self._skin(w, effects)
        return self._fine.to_bytes(skin, look, effects)

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 4], 0..255; opacity is 255."""
        return with_opacity(self.render(ws))

    def _image(self, w: torch.Tensor) -> torch.Tensor:
        """Draw one frame on the whole canvas [3, H, W]."""
        effects = Effects.of(self)
        skin, look = self._skin(w, effects)
        if not self._exact:
            return self._fine.to_image(skin, look, effects)
        shaped = skin.view(len(skin), self._half[1] + 2, -1)[:, :, _MARGIN - 1 : -(_MARGIN - 1)]
        grain = tiled(Noise(self._grain).at(effects.drift), self._canvas.drawn)
        return reference.draw_fine(shaped, look, grain, effects.noise)

    def _skin(self, w: torch.Tensor, effects: Effects) -> tuple[torch.Tensor, Appearance]:
        """Draw all up to the fine stage: the skin [ROWS, h + 2 rows of w + 4], w x h being half the canvas."""
        s = read_styles(w, self._weights.affine)
        transform = self._transform  # once: another thread may set it
        coarse = draw_coarse(self._xy, s, bank=self._bank, transform=transform, effects=effects)
        plane = self._xy.with_maps(coarse)
        plane = double(plane) if self._canvas.doubles else plane
        q = plane.maps[:2]
        across, down = differences(q, plane)
        stretch = across.square().addcmul_(down, down).sum(0).mul_((plane.pixels / 4.0) ** 2)
        heights = draw_middle(plane, stretch=stretch, s=s, effects=effects)
        dh = differences(heights[2:], plane)
        body = Body(q, heights, (across[0], down[0]), (dh[0][0], dh[1][0]))
        look = read_appearance(s)
        skin = draw_skin(body, look, transform[:2, :2], self._radius2, self._pixels)
        bend_skin(skin, effects, plane.row)
        return skin[:, plane.row : -plane.row], look


def to_bytes(img: torch.Tensor) -> NDArray[np.uint8]:
    """Convert [3, H, W], -1..1, to [H, W, 3], 0..255."""
    levels = (img * 127.5 + 128.0).clamp(0.0, 255.0).to(torch.uint8)
    out: NDArray[np.uint8] = levels.permute(1, 2, 0).contiguous().cpu().numpy()
    return out
