"""StyleGAN1 behind the interface of all generators."""

from __future__ import annotations

import torch

from bandwalk.generator.cuda import Inputs
from bandwalk.generator.effects import Effects
from bandwalk.generator.model_file import ModelFile
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan1 import reference
from bandwalk.generator.stylegan1.fast import FastSynthesis
from bandwalk.generator.stylegan1.from_snapshot import read_weights
from bandwalk.generator.stylegan1.weights import Weights


class StyleGAN1(ModelFile[Weights]):
    """A generator of the first kind: styles set the mean and the deviation of every feature map."""

    def read(self, snapshot: Snapshot, device: torch.device) -> Weights:
        """Take the weights of G_style from a snapshot."""
        return read_weights(snapshot, device)

    def draw_reference(self, weights: Weights, inputs: Inputs, effects: Effects) -> torch.Tensor:
        """Draw styles [N, num_ws, w_dim] by the plain reference: [N, C, H, W]."""
        return reference.draw(weights, inputs[0], effects)

    def prepare_fast(self, weights: Weights) -> FastSynthesis:
        """Prepare the fast synthesis."""
        return FastSynthesis(weights)
