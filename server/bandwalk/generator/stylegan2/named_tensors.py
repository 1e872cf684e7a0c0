"""Tensors of a snapshot by the PyTorch releases' names, their presence, kind and shape checked."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bandwalk.errors import CheckpointError
from bandwalk.generator.scopes import Scopes
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2.layouts import LAYOUTS, TENSORFLOW, TORCH, Layout, Place
from bandwalk.units import MAX_SIDE

_MAX_BLOCKS = 12  # from one pixel to 2048


class NamedTensors:
    """The tensors and settings of a snapshot; tensors come as float32 on the device."""

    def __init__(self, snapshot: Snapshot, device: torch.device) -> None:
        self.device = device
        self._name = snapshot.name
        self._tensors = snapshot.tensors
        self._attrs = snapshot.attrs
        self.layout = self._find_layout()
        self.blocks = self.layout.count_blocks(self._tensors)
        self._scopes = Scopes(self._tensors if self.layout is TENSORFLOW else ())
        if not 1 <= self.blocks <= _MAX_BLOCKS:
            raise self.error(f"{self.blocks} blocks, expected 1 to {_MAX_BLOCKS}")

    def _find_layout(self) -> Layout:
        for layout in LAYOUTS:
            if any(map(layout.mark.fullmatch, self._tensors)):
                return layout
        marks = ", ".join(("synthesis.b4.const", "synthesis/4x4/Const/const", "input.input"))
        raise self.error(f"not a StyleGAN2, or its constant is missing: expected one of the tensors {marks}")

    def _locate(self, name: str) -> Place:
        """Return where a tensor is kept, and its conversion."""
        stored, convert = self.layout.locate(name)
        if self.layout is TENSORFLOW:
            last = f"synthesis/{2 << self.blocks}x{2 << self.blocks}/ToRGB/"
            grown = f"synthesis/ToRGB_lod0/{stored.removeprefix(last)}"  # of a finished network that grew
            is_grown = stored.startswith(last) and grown in self._tensors
            stored = grown if is_grown else self._scopes.stored(stored)
        return stored, convert

    def check_size(self, height: int, width: int) -> None:
        """Refuse a picture, from a constant of this size, that is beyond what can be drawn."""
        if max(height, width) << (self.blocks - 1) > MAX_SIDE:
            raise self.error(
                f"a constant of {height}x{width} doubled {self.blocks - 1} times, expected at most {MAX_SIDE} pixels"
            )

    def error(self, what: str) -> CheckpointError:
        """Return an error about this file."""
        return CheckpointError(f"model {self._name}: {what}")

    def count_dense(self) -> int:
        """Return the number of mapping layers."""
        return self.layout.count_dense(self._tensors)

    def has(self, name: str) -> bool:
        """Tell whether the file has a tensor."""
        return self._locate(name)[0] in self._tensors

    def rank(self, name: str) -> int:
        """Return the number of dimensions of a tensor."""
        return self.take_stored(self._locate(name)[0]).ndim

    def must_have_mean(self) -> bool:
        """Tell whether a file of this kind without a mean style is damaged."""
        return self.layout is TORCH and self._attrs.get("mapping.w_avg_beta", 0.0) is not None

    def has_stored(self, stored: str) -> bool:
        """Tell whether the file has a tensor of exactly this name."""
        return stored in self._tensors

    def take(self, name: str, *shape: int | None) -> Tensor:
        """Return a tensor, float32, in memory of its own order.

        Args:
            name:  As the PyTorch releases name it.
            shape: What is expected, None: any size of at least 1.

        Raises:
            CheckpointError: missing, of another kind or shape, or not finite.
        """
        stored, convert = self._locate(name)
        x = self.take_stored(stored)
        try:
            converted = convert(x)
        except (RuntimeError, IndexError) as e:
            raise self.error(f"tensor {stored} is {list(x.shape)}, which does not fit {name}") from e
        sizes = [size if want is None else want for size, want in zip(converted.shape, shape, strict=False)]
        if list(converted.shape) != sizes or len(sizes) != len(shape) or 0 in sizes:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise self.error(f"tensor {stored} is {list(x.shape)}: expected [{wanted}] as {name}")
        return converted.contiguous()

    def take_stored(self, stored: str) -> Tensor:
        """Return a tensor by the name that it has in the file."""
        x = self._tensors.get(stored)
        if x is None:
            raise self.error(f"tensor {stored} is missing")
        if not x.is_floating_point() or not bool(torch.isfinite(x).all()):
            raise self.error(f"tensor {stored} ({x.dtype}) holds numbers that are not finite")
        return x.detach().to(self.device, torch.float32)

    def setting(self, place: str, key: str) -> Any:
        """Return a setting of a layer, None where the file says nothing.

        PyTorch keeps them with each layer (``synthesis.b4.conv1.conv_clamp``), TensorFlow for the whole network.
        """
        return self._attrs.get(f"{place}.{key}" if self.layout is TORCH else key)

    def number(self, place: str, key: str) -> float | None:
        """Return a setting that is a positive number, None where the file says nothing."""
        value = self.setting(place, key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 < value < float("inf"):
            raise self.error(f"{place}.{key} = {value!r:.40}: expected a positive number")
        return float(value)

    def expect(self, place: str, key: str, only: object) -> None:
        """Refuse a setting that changes what is drawn in a way that is not known here."""
        value = self.setting(place, key)
        if value is not None and value != only:
            raise self.error(f"{place}.{key} = {value!r:.40}: expected {only}")
