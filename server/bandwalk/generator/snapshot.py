"""A generator as plain data: what the reader of model files hands to the networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A generator as plain data: what a model file holds, nothing executed.

    written_by: Who wrote the file: "persistence" (ada, StyleGAN3), "module" (their forks), "state dict",
             "tensorflow", "rosinality" or "bandwalk".
    name:    For people: the file's stem.
    sha256:  Of the file, hex.
    tensors: Parameters and buffers of G_ema (Gs for TensorFlow) on the CPU, by dotted name without a prefix:
             "synthesis.b4.conv1.weight", "mapping.w_avg". TensorFlow: as in the file, components first:
             "mapping/Dense0/weight", "synthesis/4x4/Const/const", "dlatent_avg". Rosinality: as in g_ema,
             and "latent_avg" where the file has it.
    attrs:   Plain attributes (int, float, bool, str, None, list) by dotted name: "synthesis.b4.conv1.conv_clamp",
             "mapping.c_dim". TensorFlow: static_kwargs by name.
    container: How it was saved: "pickle", "torch archive", "gzip, pickle"...
    key:     Where the network lay in the file, dotted; empty where the file holds nothing else.
    notes:   What a user should know of how it was read, a line each.
    """

    written_by: str
    name: str
    sha256: str
    tensors: dict[str, torch.Tensor]
    attrs: dict[str, Any]
    container: str = ""
    key: str = ""
    notes: tuple[str, ...] = ()
