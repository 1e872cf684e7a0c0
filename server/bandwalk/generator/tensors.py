"""What the families share: tensors by name, checks of latents, conversion of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from bandwalk.errors import CheckpointError, ParameterError, WorkError
from bandwalk.generator.snapshot import Snapshot

Array = torch.Tensor | NDArray[np.floating]

RGB = 3
COLOURS = frozenset({1, RGB, RGB + 1})
"""Possible numbers of colours: gray, RGB, RGBA."""


class Tensors:
    """The tensors and attributes of a model file, by name, each checked when it is taken."""

    def __init__(
        self, snapshot: Snapshot, device: torch.device, stored: Callable[[str], str] = lambda name: name
    ) -> None:
        """Take a snapshot; ``stored`` converts a name to the name in the file."""
        self.name = snapshot.name
        self._stored = stored
        self._tensors = snapshot.tensors
        self._attrs = snapshot.attrs
        self.device = device

    def __contains__(self, name: str) -> bool:
        return self._stored(name) in self._tensors

    def names(self) -> Iterable[str]:
        """Return the names of all tensors."""
        return self._tensors.keys()

    def rank(self, name: str) -> int:
        """Return the number of axes of a tensor; 0 if it is missing."""
        return self._tensors[self._stored(name)].ndim if name in self else 0

    def take(self, name: str, *shape: int | None) -> torch.Tensor:
        """Return a tensor as contiguous float32 on the device; None in ``shape``: any size but 0.

        Raises:
            CheckpointError: it is missing, has another shape, or holds numbers that are not finite.
        """
        name = self._stored(name)
        tensor = self._tensors.get(name)
        if tensor is None:
            raise CheckpointError(f"model {self.name}: tensor {name} is missing")
        if not _fits(tensor.shape, shape):
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise CheckpointError(f"model {self.name}: tensor {name} is {list(tensor.shape)}, expected [{wanted}]")
        if not tensor.is_floating_point() or not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(
                f"model {self.name}: tensor {name} ({tensor.dtype}) holds numbers that are not finite"
            )
        return tensor.detach().to(self.device, torch.float32).contiguous()

    def attr(self, name: str, default: Any = None) -> Any:
        """Return a plain attribute, unchecked."""
        return self._attrs.get(name, default)

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Return an attribute that is a number from ``low`` to ``high``.

        Raises:
            CheckpointError: it is something else, or it is missing and has no default.
        """
        value = self._attrs.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise CheckpointError(f"model {self.name}: {name} = {value!r:.40}, expected {low:g}..{high:g}")
        return value

    def integers(self, name: str, count: int, low: int, high: int) -> list[int]:
        """Return an attribute that is ``count`` integers, each from ``low`` to ``high``.

        Raises:
            CheckpointError: it is something else, or missing.
        """
        value = self._attrs.get(name)
        listed: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
        if len(listed) != count or any(type(v) is not int or not low <= v <= high for v in listed):
            raise CheckpointError(
                f"model {self.name}: {name} = {value!r:.40}, expected {count} integers, {low}..{high}"
            )
        return listed


def _fits(found: Sequence[int], wanted: Sequence[int | None]) -> bool:
    if len(found) != len(wanted):
        return False
    return all(a > 0 if b is None else a == b for a, b in zip(found, wanted, strict=True))


def read_latents(z: Array, z_dim: int, device: torch.device) -> torch.Tensor:
    """Return z [N, z_dim] as float32 on the device.

    Raises:
        ParameterError: another shape.
    """
    latents = torch.as_tensor(z, dtype=torch.float32, device=device)
    if latents.ndim != 2 or latents.shape[1] != z_dim:
        raise ParameterError(f"z = {list(latents.shape)}: expected [N, {z_dim}]")
    return latents


def read_classes(c: Array | None, count: int, c_dim: int, device: torch.device) -> torch.Tensor:
    """Return class weights [count, c_dim] as float32; None: class 0; one row is used for all.

    Raises:
        ParameterError: another shape.
    """
    if c is None or c_dim == 0:
        first = torch.zeros(count, c_dim, device=device)
        first[:, :1] = 1.0
        return first
    classes = torch.as_tensor(c, dtype=torch.float32, device=device)
    if classes.ndim != 2 or classes.shape[0] not in (1, count) or classes.shape[1] != c_dim:
        raise ParameterError(f"c = {list(classes.shape)}: expected [{count}, {c_dim}]")
    return classes.expand(count, c_dim)


def check_transform(m: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a transform of the picture plane as a 3x3 matrix of its own.

    Raises:
        ParameterError: it is not 3x3, or cannot be inverted.
    """
    new = np.array(m, np.float64)
    if new.shape != (3, 3) or not np.isfinite(new).all() or abs(np.linalg.det(new[:2, :2])) < 1e-6:
        raise ParameterError(f"transform = {new.tolist()}: expected a 3x3 matrix that can be inverted")
    return new


def truncate(w: torch.Tensor, w_avg: torch.Tensor, num_ws: int, psi: float, cutoff: int | None) -> torch.Tensor:
    """Repeat w [N, w_dim] for all layers and pull the first ``cutoff`` of them towards the mean.

        ws = w_avg + psi * (w - w_avg)

    Returns:
        Styles [N, num_ws, w_dim].
    """
    ws = w[:, None].repeat(1, num_ws, 1)  # [N, num_ws, w_dim]
    if psi != 1.0:
        ws[:, :cutoff] = w_avg.lerp(ws[:, :cutoff], psi)
    return ws


def to_colours(weight: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weight [C, I, ...] and bias [C] of the layer that draws colours; gray becomes three equal colours.

    Raises:
        ValueError: the number of colours is not 1, 3 or 4.
    """
    if len(weight) not in COLOURS:
        raise ValueError(f"draws {len(weight)} colours, expected 1, 3 or 4")
    if len(weight) == 1:
        weight, bias = weight.expand(3, *weight.shape[1:]), bias.expand(3)
    return weight.contiguous(), bias.contiguous()


def over_black(img: torch.Tensor) -> torch.Tensor:
    """Lay RGBA pictures [N, 4, H, W] over black: [N, 3, H, W]; pictures of 3 colours stay as they are.

    out = (rgb + 1) * opacity - 1,  opacity = (a + 1) / 2, 0..1
    """
    if img.shape[1] == RGB:
        return img
    opacity = (img[:, RGB:] * 0.5 + 0.5).clamp(0.0, 1.0)
    return torch.addcmul(opacity - 1.0, img[:, :RGB], opacity)


def with_opacity(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Add full opacity to a picture [H, W, 3]: [H, W, 4]."""
    return np.concatenate([rgb, np.full_like(rgb[:, :, :1], 255)], axis=2)


def to_levels(img: torch.Tensor) -> torch.Tensor:
    """Convert one picture [1, C, H, W], -1..1, to [H, W, C], 0..255, rounded down, on its device."""
    return img[0].permute(1, 2, 0).mul(127.5).add_(128.0).clamp_(0.0, 255.0).to(torch.uint8).contiguous()


def is_broken(img: torch.Tensor) -> torch.Tensor:
    """Return, as a tensor of one truth value, whether a picture has a NaN, or infinities of both signs.

    A sum is NaN if one of its numbers is. NaN would become black without a word.
    """
    return img.sum().isnan()


def refuse_broken() -> NoReturn:
    """Raise the WorkError of a picture, or of latents, that are no numbers."""
    raise WorkError("drawing a picture: the model gave NaN or infinity, expected numbers")


def to_marked(img: torch.Tensor) -> torch.Tensor:
    """Convert one picture [1, C, H, W] as `to_levels`, with a row more [H + 1, W, C], which says whether it is broken.

    Nothing is read back from its device: `unmarked` does the rest once the bytes are on the host.
    """
    levels = to_levels(img)
    return torch.cat((levels, is_broken(img).to(torch.uint8).expand(1, *levels.shape[1:])))


def unmarked(marked: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture [H, W, C] of bytes [H + 1, W, C] of `to_marked`.

    Raises:
        WorkError: the picture was broken.
    """
    if marked[-1, 0, 0]:
        refuse_broken()
    return marked[:-1]


def to_rgb(img: torch.Tensor) -> NDArray[np.uint8]:
    """Convert one picture [1, C, H, W], -1..1, as `to_levels`, to a new array.

    Raises:
        WorkError: it is broken.
    """
    if bool(is_broken(img)):
        refuse_broken()
    out: NDArray[np.uint8] = to_levels(img).cpu().numpy()
    return out
