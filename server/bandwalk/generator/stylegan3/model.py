"""StyleGAN3 behind the interface of all generators."""

from __future__ import annotations

import torch

from bandwalk.generator.cuda import Inputs
from bandwalk.generator.effects import Effects
from bandwalk.generator.model_file import ModelFile
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan3 import reference
from bandwalk.generator.stylegan3.fast import FastSynthesis
from bandwalk.generator.stylegan3.from_snapshot import read_weights
from bandwalk.generator.stylegan3.weights import Weights


class StyleGAN3(ModelFile[Weights]):
    """A generator of the third kind, config T or R: its pictures can be turned and moved without a visible grid."""

    is_endless = True

    def read(self, snapshot: Snapshot, device: torch.device) -> Weights:
        """Take the weights from a snapshot."""
        return read_weights(snapshot, device)

    def draw_reference(self, weights: Weights, inputs: Inputs, effects: Effects) -> torch.Tensor:
        """Draw styles [N, num_ws, w_dim] with a transform [3, 3] by the plain reference: [N, C, H, W]."""
        ws, transform = inputs
        return reference.draw(weights, ws, transform, effects)

    def prepare_fast(self, weights: Weights) -> FastSynthesis:
        """Prepare the fast synthesis."""
        return FastSynthesis(weights)
