"""A generator as plain data: what the reader of model files gives to the families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The contents of a model file as plain data; nothing was executed.

    written_by: Who wrote the file: "persistence" (ada, StyleGAN3), "module" (their forks), "state dict",
             "tensorflow", "rosinality" or "bandwalk".
    name:    To show to the user: the file's stem.
    sha256:  Of the file, hex.
    tensors: Parameters and buffers of G_ema (Gs for TensorFlow) on the CPU, by dotted name without a prefix:
             "synthesis.b4.conv1.weight", "mapping.w_avg". TensorFlow: as in the file, components first:
             "mapping/Dense0/weight", "synthesis/4x4/Const/const", "dlatent_avg". Rosinality: as in g_ema,
             and "latent_avg" if the file has it.
    attrs:   Plain attributes (int, float, bool, str, None, list) by dotted name: "synthesis.b4.conv1.conv_clamp",
             "mapping.c_dim". TensorFlow: static_kwargs by name.
    container: How the file was saved: "pickle", "torch archive", "gzip, pickle"...
    key:     Dotted key of the network in the file; empty if the file holds nothing else.
    notes:   What a user should know about how the file was read, a line each.
    files:   Absolute paths of the file, and of the one that it was completed from, if any; none: it was in no file.
    """

    written_by: str
    name: str
    sha256: str
    tensors: dict[str, torch.Tensor]
    attrs: dict[str, Any]
    container: str = ""
    key: str = ""
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
