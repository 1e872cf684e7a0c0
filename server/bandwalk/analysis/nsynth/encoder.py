"""The encoder as a stream: 512 samples in, the 16 numbers of the 512 six hops before out.

Each layer keeps the samples that its next output still needs, so nothing is computed twice and memory does not grow
with the sound. A layer's output lies its dilation behind its input; what lies before the sound's beginning or after
its end is zero in each layer, as the published 'same' padding has it, and not only in the sound.

A convolution over three samples is three products of matrices: the samples stand in rows, so the shifted inputs are
the same memory read from another row on. That is quicker than ``conv1d`` (``benchmarks/nsynth.py``); the network
takes 63 GFLOP a second of sound.
"""

from collections.abc import Iterable, Iterator
from os import PathLike

import numpy as np
import torch

from bandwalk.analysis.nsynth.files import read_weights
from bandwalk.analysis.nsynth.mu_law import to_input
from bandwalk.analysis.nsynth.weights import HOP, LAYERS, STAGES, Conv, EncoderWeights
from bandwalk.errors import ParameterError
from bandwalk.units import N_DRIVERS

SAMPLE_RATE = 16_000
"""Hz, of the sound that the encoder was trained with."""

REACH = 1 + sum(2 ** (layer % STAGES) for layer in range(LAYERS))
"""Samples on either side that a number depends on: 3070."""

LOOK_AHEAD = -(-REACH // HOP)
"""Hops that must be heard before a step is known: 6, which are 192 ms."""


class NSynthEncoder:
    """NSynth's temporal encoder.

    Args:
        weights: as :func:`bandwalk.analysis.nsynth.files.read_weights` gives them.
        device:  where it runs.
    """

    def __init__(self, weights: EncoderWeights, device: str | torch.device = "cpu") -> None:
        self.device = torch.device(device)
        self.width = weights.width
        self.start = self._load(weights.start)
        self.layers = [
            (2 ** (i % STAGES), self._load(dilated), self._load(residual))
            for i, (dilated, residual) in enumerate(zip(weights.dilated, weights.residual, strict=True))
        ]
        self.bottleneck = self._load(weights.bottleneck)

    def encode(self, y: torch.Tensor | np.ndarray) -> torch.Tensor:
        """Return the encoding of sounds that are known as a whole.

        Args:
            y: [N, samples] float, -1..1, at 16 kHz; what is left of the last 512 samples is not heard.

        Returns:
            [N, samples // 512, 16] float32 on the CPU; step k is of the samples from 512 k on.

        Raises:
            ParameterError: y has another number of axes.
        """
        y = torch.as_tensor(y, dtype=torch.float32)
        if y.ndim != 2:
            raise ParameterError(f"y of shape {list(y.shape)}: expected [N, samples]")
        n_steps = y.shape[1] // HOP
        encoding = torch.empty(len(y), n_steps, N_DRIVERS)
        for sound, steps in zip(y, encoding, strict=True):
            hops = sound[: n_steps * HOP].view(n_steps, HOP)
            for step, numbers in zip(steps, self.stream().run(hops), strict=True):
                step.copy_(numbers)
        return encoding

    def stream(self) -> "EncoderStream":
        """Return a stream that has heard nothing yet."""
        return EncoderStream(self)

    def _load(self, conv: Conv[np.ndarray]) -> Conv[torch.Tensor]:
        return Conv(*(torch.from_numpy(part).to(self.device) for part in conv))


class EncoderStream:
    """One sound on its way through an encoder, a hop of 512 samples at a time."""

    def __init__(self, encoder: NSynthEncoder) -> None:
        self._encoder = encoder
        self._kept = [self._silence(2, 1)]
        self._kept += [self._silence(2 * dilation, encoder.width) for dilation, _, _ in encoder.layers]
        self._aligned = self._silence(LOOK_AHEAD * HOP - REACH, encoder.width)
        self._pushed = 0
        self._end: int | None = None

    @torch.no_grad()
    def push(self, y: torch.Tensor) -> torch.Tensor | None:
        """Hear the next 512 samples; return the step that is now known, [16] float32, None in the first six hops.

        Args:
            y: [512] float32, -1..1, at 16 kHz.
        """
        at = self._pushed * HOP  # the sample at which x begins
        self._pushed += 1
        x = to_input(y.to(self._encoder.device))[:, None]  # [HOP, 1]
        at -= 1
        x = self._within(_correlate(self._encoder.start, self._extend(0, x), 1), at)  # [HOP, width]
        for i, (dilation, dilated, residual) in enumerate(self._encoder.layers, 1):
            rows = self._extend(i, x)  # [2 * dilation + HOP, width]
            d = _correlate(dilated, torch.relu(rows), dilation).relu_()
            at -= dilation
            x = torch.addmm(rows[dilation : dilation + HOP], d, residual.W[0]).add_(residual.biases)
            self._within(x, at)
        rows = torch.cat([self._aligned, x])
        self._aligned = rows[HOP:]
        if self._pushed <= LOOK_AHEAD:
            return None
        return (rows[:HOP].mean(0) @ self._encoder.bottleneck.W[0] + self._encoder.bottleneck.biases).cpu()

    def finish(self) -> Iterator[torch.Tensor]:
        """Give the last steps, [16] float32 each: the sound has ended."""
        self._end = self._pushed * HOP
        for _ in range(LOOK_AHEAD):
            numbers = self.push(torch.zeros(HOP))
            if numbers is not None:
                yield numbers

    def run(self, hops: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
        """Give the steps of a whole sound, a hop of it at a time: as many as there are hops."""
        for hop in hops:
            numbers = self.push(hop)
            if numbers is not None:
                yield numbers
        yield from self.finish()

    def _silence(self, rows: int, width: int) -> torch.Tensor:
        return torch.zeros(rows, width, device=self._encoder.device)

    def _extend(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        """Return a layer's input with what it kept of the input before, and keep what it will need next."""
        rows = torch.cat([self._kept[layer], x])
        self._kept[layer] = rows[HOP:]
        return rows

    def _within(self, x: torch.Tensor, at: int) -> torch.Tensor:
        """Silence what lies before the sound or after its end in x [HOP, width], which begins at a sample."""
        if at < 0:
            x[:-at] = 0
        if self._end is not None and at + HOP > self._end:
            x[max(self._end - at, 0) :] = 0
        return x


def _correlate(conv: Conv[torch.Tensor], rows: torch.Tensor, dilation: int) -> torch.Tensor:
    """Return the convolution of rows [2 * dilation + HOP, in] where it is whole: [HOP, out]."""
    y = torch.addmm(conv.biases, rows[:HOP], conv.W[0])
    for tap in (1, 2):
        y.addmm_(rows[tap * dilation : tap * dilation + HOP], conv.W[tap])
    return y


def load_encoder(path: str | PathLike[str], device: str | torch.device = "cpu") -> NSynthEncoder:
    """Load the encoder from a checkpoint of Magenta's, or from what ``bandwalk convert`` made of it.

    Args:
        path: a .safetensors file; or a checkpoint's prefix, its .index file, or the folder that it lies in.

    Raises:
        CheckpointError: there is none, it is broken, or it holds something else.
    """
    return NSynthEncoder(read_weights(path), device)
