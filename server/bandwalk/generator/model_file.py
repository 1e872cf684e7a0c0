"""A generator from a model file: all that the StyleGAN families have in common.

A family fills it with three functions: `ModelFile.read`, `ModelFile.draw_reference` and `ModelFile.prepare_fast`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.generator.cost import check_cost
from bandwalk.generator.cuda import Draw, Inputs, live_render
from bandwalk.generator.dense import Dense
from bandwalk.generator.effects import Effects
from bandwalk.generator.engines import LiveSynthesis
from bandwalk.generator.interface import LOADED_PSI
from bandwalk.generator.mapping_network import MappingNetwork, map_to_w
from bandwalk.generator.precision import full_precision, is_preferred, short_dtype
from bandwalk.generator.screen import Screen, Size
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.tensors import (
    Array,
    check_transform,
    over_black,
    read_classes,
    read_latents,
    to_rgb,
    truncate,
    with_opacity,
)
from bandwalk.records import Bend


class FamilyWeights(Protocol):
    """What every family says of a generator, by its weights."""

    @property
    def mapping(self) -> MappingNetwork:
        """The mapping network."""

    @property
    def num_ws(self) -> int:
        """Number of styles."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""

    @property
    def has_alpha(self) -> bool:
        """Whether the picture says how opaque it is."""

    @property
    def has_noise(self) -> bool:
        """Whether any layer adds stored noise."""

    @property
    def transform(self) -> torch.Tensor | None:
        """Stored inverse transform of the picture plane [3, 3]; None: the family cannot move the plane."""

    def reaching(self, size: Size) -> Self:
        """Return the same for a larger picture of at least this size, the trained one in its middle."""

    def map_sizes(self) -> list[int]:
        """Return the number of samples in each map that a picture goes through."""

    def style_readers(self) -> Sequence[Sequence[Dense]]:
        """Return the affine maps that read each style, in the order of the styles."""


class Fast(Protocol):
    """A family's fast synthesis: weights prepared to draw one picture at a time."""

    @property
    def way(self) -> str:
        """How it differs from plain float32: a dtype, "tiles", or ""."""

    @property
    def draw(self) -> Callable[..., torch.Tensor]:
        """Of styles [num_ws, w_dim], where the family has it the transform [3, 3], and effects: [1, C, H, W]."""

    def in_precision(self, dtype: torch.dtype) -> Self:
        """Return the same with maps and convolutions of another dtype."""

    def in_tiles(self) -> Self:
        """Return the same with convolutions by `winograd`, where that is faster."""

    def in_maps(self) -> Self:
        """Return the same with weights that do not change from picture to picture."""


W = TypeVar("W", bound=FamilyWeights)


class ModelFile(ABC, Generic[W]):
    """A generator of one of the families (see `interface.Generator`)."""

    is_sized, usual_psi = False, LOADED_PSI
    is_endless = False  # whether the picture goes on by itself beyond what was trained
    has_gains = False
    walks: Path | None = None

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        device: str | torch.device = "cpu",
        exact: bool = False,
        screen: Screen | None = None,
    ) -> None:
        """Take the weights from a snapshot.

        Args:
            snapshot: What a model file holds.
            device:   Where to draw.
            exact:    Always draw by the plain float32 reference.
            screen:   That the picture may go on to fill; None: it has the trained size.

        Raises:
            CheckpointError: a tensor is missing or has a wrong shape, an option is unknown, or a picture would take
                             too much memory.
        """
        self.name, self.sha256, self.files = snapshot.name, snapshot.sha256, snapshot.files
        self.device = torch.device(device)
        self.noise, self.drift = 1.0, 0.0
        self.bends: tuple[Bend, ...] = ()
        self.gains = (1.0, 1.0, 1.0)  # set by the code that loads the model, as the next two are
        self.directions: Mapping[str, torch.Tensor] = {}
        self.start: torch.Tensor | None = None
        weights = self.read(snapshot, self.device)
        self.trained_size = weights.size
        self.screen = screen
        self.width, self.height = size = weights.size if screen is None else self.size_for(screen)
        if size != weights.size:
            weights = weights.reaching(size)
        check_cost(self.name, weights.map_sizes(), self.device)
        self._mapping, self._style_readers = weights.mapping, weights.style_readers()
        self.z_dim, self.c_dim, self.w_dim = self._mapping.z_dim, self._mapping.c_dim, self._mapping.w_dim
        self.num_ws = weights.num_ws
        self.resolution = max(self.width, self.height)
        self.has_alpha, self.has_noise = weights.has_alpha, weights.has_noise
        self._stored_plane = self._plane = weights.transform
        self.is_exact = exact
        self._exact = weights if exact else None
        if not exact:
            self._prepare(weights)

    @abstractmethod
    def read(self, snapshot: Snapshot, device: torch.device) -> W:
        """Take the family's weights from a snapshot.

        Raises:
            CheckpointError: a tensor is missing or has a wrong shape, or an option is unknown.
        """

    @abstractmethod
    def draw_reference(self, weights: W, inputs: Inputs, effects: Effects) -> torch.Tensor:
        """Draw by the plain reference: [N, C, H, W], C 3 or 4.

        Args:
            weights: The generator.
            inputs:  Styles [N, num_ws, w_dim]; where the family has it, the transform of the plane [3, 3].
            effects: Noise and bends.
        """

    @abstractmethod
    def prepare_fast(self, weights: W) -> Fast:
        """Prepare the fast synthesis in plain float32."""

    @torch.no_grad()
    def _prepare(self, weights: W) -> None:
        """Prepare the fast path, and choose the live one: half precision, or else tiles, where that is better."""
        self._live = self._fast = self.prepare_fast(weights)
        short = short_dtype(self.device)
        other = self._fast.in_tiles() if short is None else self._fast.in_precision(short)
        if other.way and is_preferred(self._at_rest(other), self._at_rest(self._fast), self, other.way):
            self._live = other
        self._render = live_render(self._cut(self._live.draw), self.device)

    def _cut(self, draw: Draw) -> Draw:
        """Return what draws the picture alone, where a family can only draw more of it."""
        size = self.width, self.height  # not this model itself, which would then hold on to its memory
        return lambda *given: _middle(draw(*given), size)

    def _at_rest(self, fast: Fast) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what draws styles [num_ws, w_dim] with no effects."""
        return lambda ws: fast.draw(*self._inputs(ws), Effects())

    def _inputs(self, ws: torch.Tensor) -> Inputs:
        """Return what a picture is drawn from: styles, and the plane's transform where the family has it."""
        plane = self._plane  # read once: another thread may set it
        return (ws,) if plane is None else (ws, plane)

    def live_synthesis(self, *, full: bool) -> LiveSynthesis:
        """Return how live pictures are drawn, for another engine; full: in float32, its weights always the same."""
        fast = self._fast.in_maps() if full else self._live
        return LiveSynthesis(self._cut(fast.draw), self._inputs(self._mapping.w_avg.repeat(self.num_ws, 1)), Effects())

    def draw_by(self, draw: Draw) -> None:
        """Draw live pictures by this function from now on; any thread may call it."""
        self._render = live_render(draw, self.device)

    @property
    def transform(self) -> NDArray[np.float64]:
        """Inverse transform of the picture plane, 3x3, the trained picture's longer side spanning -0.5..0.5.

        It replaces the transform that the file stores; None restores that one. A family that cannot move its plane has
        the identity, and setting it has no effect.
        """
        return np.eye(3) if self._plane is None else self._plane.cpu().numpy().astype(np.float64)

    @transform.setter
    def transform(self, m: NDArray[np.floating] | None) -> None:
        if m is None or self._stored_plane is None:
            self._plane = self._stored_plane
        else:
            self._plane = torch.tensor(check_transform(m), dtype=torch.float32, device=self.device)

    def size_for(self, screen: Screen) -> Size:
        """Return the size of the picture, were it loaded for another screen."""
        return screen.reach(self.trained_size, is_endless=self.is_endless)

    @torch.no_grad()
    def map(self, z: Array, c: Array | None = None, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        """Map z [N, z_dim] to styles [N, num_ws, w_dim], the first ``cutoff`` truncated towards w_avg.

            w = w_avg + psi * (map(z, c) - w_avg)

        Args:
            z:      Latents [N, z_dim].
            c:      Class weights [N, c_dim] or [1, c_dim], not read without classes; None: class 0.
            psi:    1: not truncated, 0: the mean w.
            cutoff: Number of styles that are truncated; None: all.

        Raises:
            ParameterError: z or c has another shape.
        """
        latents = read_latents(z, self.z_dim, self.device)
        w = map_to_w(self._mapping, latents, read_classes(c, len(latents), self.c_dim, self.device))
        return truncate(w, self._mapping.w_avg, self.num_ws, psi, cutoff)

    def style_weights(self) -> tuple[torch.Tensor, ...]:
        """Return the affine maps that read each style: num_ws of [n, w_dim]; several of one style stacked."""
        return tuple(torch.cat([dense.weight for dense in readers]) for readers in self._style_readers)

    def synthesize(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, 3, H, W], float32, nominally -1..1."""
        return over_black(self._drawn(ws))

    def _drawn(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw ws [N, num_ws, w_dim] as [N, C, H, W], with opacity as a fourth colour where the model has it."""
        inputs, effects = self._inputs(ws.to(self.device, torch.float32)), Effects.of(self)
        with torch.inference_mode(), full_precision():
            if self._exact is not None:
                frames = [self.draw_reference(self._exact, inputs, effects)]
            else:
                frames = [self._fast.draw(w, *inputs[1:], effects) for w in inputs[0]]
        # outside inference mode, so that the caller may write to it
        return _middle(torch.cat(frames), (self.width, self.height)).contiguous()

    def differentiable(self, ws: torch.Tensor) -> torch.Tensor:
        """Draw by the plain reference, with no effects, so that gradients flow back to ws."""
        if self._exact is None:
            raise ValueError(f"{self.name} was not loaded as exact: the fast path has no gradients")
        with full_precision():
            img = self.draw_reference(self._exact, self._inputs(ws), Effects())
            return over_black(_middle(img, (self.width, self.height)))

    @torch.inference_mode()
    def render(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 3], 0..255."""
        if self.is_exact:
            return to_rgb(self.synthesize(ws[:1]))
        return self._render(self._inputs(ws[0].to(self.device, torch.float32)), Effects.of(self))

    def render_rgba(self, ws: torch.Tensor) -> NDArray[np.uint8]:
        """Draw one frame of ws [1, num_ws, w_dim] as [H, W, 4], 0..255, opacity last."""
        return to_rgb(self._drawn(ws[:1])) if self.has_alpha else with_opacity(self.render(ws))


def _middle(img: torch.Tensor, size: Size) -> torch.Tensor:
    """Return the picture of this size in the middle of what is drawn [N, C, H, W]."""
    width, height = size
    top, left = (img.shape[2] - height) // 2, (img.shape[3] - width) // 2
    return img[:, :, top : top + height, left : left + width]
