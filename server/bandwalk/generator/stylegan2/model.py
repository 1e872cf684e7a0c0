"""StyleGAN2 behind the interface of all generators."""

from __future__ import annotations

import torch

from bandwalk.generator.cuda import Inputs
from bandwalk.generator.effects import Effects
from bandwalk.generator.model_file import ModelFile
from bandwalk.generator.snapshot import Snapshot
from bandwalk.generator.stylegan2 import reference
from bandwalk.generator.stylegan2.fast import FastSynthesis
from bandwalk.generator.stylegan2.from_snapshot import read_weights
from bandwalk.generator.stylegan2.weights import Weights


class StyleGAN2(ModelFile[Weights]):
    """A generator of the second kind: styles scale the weights of every convolution."""

    def read(self, snapshot: Snapshot, device: torch.device) -> Weights:
        """Take the weights from a snapshot."""
        return read_weights(snapshot, device)

    def draw_reference(self, weights: Weights, inputs: Inputs, effects: Effects) -> torch.Tensor:
        """Draw styles [N, num_ws, w_dim] by the plain reference, one picture at a time: [N, C, H, W]."""
        return torch.cat([reference.draw(weights, w[None], effects) for w in inputs[0]])

    def prepare_fast(self, weights: Weights) -> FastSynthesis:
        """Prepare the fast synthesis."""
        return FastSynthesis(weights)
