"""StyleGANs of the published shapes with random weights, as a reader of model files would hand them over."""

import math
from collections.abc import Callable

import numpy as np
import torch
from scipy.signal import firwin, kaiser_atten, kaiser_beta
from scipy.special import j1

from bandwalk.generator.snapshot import Snapshot

DIM = 512
"""Numbers in z and w."""

MAX_CHANNELS = 512
BIAS = 0.1  # spread of biases and of noise
LAYERS = 14  # of a StyleGAN3, ToRGB aside
TAPS = 6  # of its filters, for each unit of the sampling factor
MARGIN = 10  # samples on each side of its maps
CRITICAL = 2  # its last layers, sampled at twice their cutoff


def normal(seed: int) -> Callable[..., torch.Tensor]:
    """Return what draws a normal tensor of a shape."""
    rng = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=rng)


def stylegan1(size: int, base: int) -> Snapshot:
    """Return a G_style: two layers for each resolution, min(2 * base / resolution, 512) channels."""
    draw = normal(size + base)
    tensors = {"lod": torch.tensor(0.0), "dlatent_avg": torch.zeros(DIM)}
    for k in range(8):
        tensors |= {f"mapping/Dense{k}/weight": 100.0 * draw(DIM, DIM), f"mapping/Dense{k}/bias": torch.zeros(DIM)}
    channels = min(base // 2, MAX_CHANNELS)
    tensors["synthesis/4x4/Const/const"] = draw(1, channels, 4, 4)
    top = int(math.log2(size))
    for log2 in range(2, top + 1):
        res, out = 2**log2, min(base // 2 ** (log2 - 1), MAX_CHANNELS)
        for k, name in enumerate(("Const", "Conv") if res == 4 else ("Conv0_up", "Conv1")):
            place = f"synthesis/{res}x{res}/{name}"
            tensors |= {
                f"synthesis/noise{2 * log2 - 4 + k}": draw(1, 1, res, res),
                f"{place}/weight": draw(3, 3, channels if k == 0 else out, out),
                f"{place}/bias": BIAS * draw(out),
                f"{place}/Noise/weight": BIAS * draw(out),
                f"{place}/StyleMod/weight": draw(DIM, 2 * out),
                f"{place}/StyleMod/bias": torch.zeros(2 * out),
            }
        rgb = f"synthesis/ToRGB_lod{top - log2}"
        tensors |= {f"{rgb}/weight": draw(1, 1, out, 3), f"{rgb}/bias": torch.zeros(3)}
        channels = out
    return Snapshot("tensorflow", f"{size}, {base}", "", tensors, {})


def stylegan2(size: int, base: int) -> Snapshot:
    """Return a StyleGAN2 of the PyTorch releases: skip, clamped at 256, min(base / resolution, 512) channels."""
    draw = normal(size + base)
    tensors = {"mapping.w_avg": torch.zeros(DIM)} | _dense_layers(draw, 8)
    attrs = {}
    row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8.0
    channels = min(base // 4, MAX_CHANNELS)
    tensors["synthesis.b4.const"] = draw(channels, 4, 4)
    for res in (4 << k for k in range(int(math.log2(size)) - 1)):
        out = min(base // res, MAX_CHANNELS)
        place = f"synthesis.b{res}"
        tensors[f"{place}.resample_filter"] = torch.outer(row, row)
        for layer, i, o in (("conv0", channels, out), ("conv1", out, out), ("torgb", out, 3)):
            if (res, layer) == (4, "conv0"):
                continue
            kernel = 1 if layer == "torgb" else 3
            tensors |= _modulated(draw, f"{place}.{layer}", (o, i, kernel)) | {
                f"{place}.{layer}.noise_const": draw(res, res),
                f"{place}.{layer}.noise_strength": torch.tensor(BIAS),
                f"{place}.{layer}.resample_filter": torch.outer(row, row),
            }
            attrs[f"{place}.{layer}.conv_clamp"] = 256.0
        channels = out
    return Snapshot("persistence", f"{size}, {base}", "", tensors, attrs)


def stylegan3_t(size: int, base: int) -> Snapshot:
    """Return a StyleGAN3 whose kernels are 3x3 and whose filters work on each axis in turn."""
    return _stylegan3(size, base, is_radial=False)


def stylegan3_r(size: int, base: int) -> Snapshot:
    """Return a StyleGAN3 whose kernels are 1x1 and whose filters down are the same in all directions."""
    return _stylegan3(size, base, is_radial=True)


def _stylegan3(size: int, base: int, *, is_radial: bool) -> Snapshot:
    """Return a StyleGAN3 as the paper's section 3 lays it out, min(base / 2 / cutoff, 512) channels.

    Cutoffs and stopbands rise geometrically, from 2 and 2^2.1 to size / 2 and 2^0.3 size / 2 at the critical layers.
    """
    draw = normal(size + base)
    k = np.minimum(np.arange(LAYERS + 1) / (LAYERS - CRITICAL), 1.0)
    cutoffs = 2.0 * (size / 4.0) ** k
    stopbands = 2.0**2.1 * (size / 2.0 * 2.0**0.3 / 2.0**2.1) ** k
    rates = np.exp2(np.ceil(np.log2(np.minimum(2.0 * stopbands, size)))).astype(int)
    widths = 2.0 * (np.maximum(stopbands, rates / 2.0) - cutoffs)
    sizes = rates + 2 * MARGIN
    sizes[-2:] = size
    channels = np.rint(np.minimum(base / 2.0 / cutoffs, MAX_CHANNELS)).astype(int)
    channels[-1] = 3
    tensors = _waves(draw, int(channels[0]))
    attrs = {
        "synthesis.input.size": [int(sizes[0])] * 2,
        "synthesis.input.sampling_rate": float(rates[0]),
        "synthesis.input.bandwidth": float(cutoffs[0]),
    }
    tensors |= {"mapping.w_avg": torch.zeros(DIM)} | _dense_layers(draw, 2)
    for n in range(LAYERS + 1):
        before, is_rgb = max(n - 1, 0), n == LAYERS
        name = f"synthesis.L{n}_{sizes[n]}_{channels[n]}"
        kernel = 1 if is_rgb or is_radial else 3
        tensors |= _modulated(draw, name, (int(channels[n]), int(channels[before]), kernel))
        tensors[f"{name}.magnitude_ema"] = torch.tensor(1.0)
        rate = int(max(rates[before], rates[n])) * (1 if is_rgb else 2)
        factors = rate // int(rates[before]), rate // int(rates[n])
        taps = (1, 1) if is_rgb else (TAPS * factors[0], TAPS * factors[1])
        attrs |= _resampling(name, factors, taps, (int(sizes[before]) + kernel - 1, int(sizes[n])))
        if not is_rgb:
            turns = is_radial and n < LAYERS - CRITICAL
            tensors[f"{name}.up_filter"] = _low_pass(taps[0], cutoffs[before], widths[before], rate)
            tensors[f"{name}.down_filter"] = (_round_low_pass if turns else _low_pass)(
                taps[1], cutoffs[n], widths[n], rate
            )
    return Snapshot("persistence", f"{size}, {base}", "", tensors, attrs)


def _resampling(name: str, factors: tuple[int, int], taps: tuple[int, int], sizes: tuple[int, int]) -> dict:
    """Return a layer's factors and the padding that takes sizes[0] to sizes[1] samples."""
    up, down = factors
    total = (sizes[1] - 1) * down + 1 - sizes[0] * up + sum(taps) - 2
    low = (total + up) // 2
    return {f"{name}.up_factor": up, f"{name}.down_factor": down, f"{name}.padding": [low, total - low] * 2}


def _low_pass(taps: int, cutoff: float, width: float, rate: float) -> torch.Tensor:
    """Return a low-pass filter [taps], Kaiser's window; frequencies in one unit."""
    return torch.tensor(firwin(taps, cutoff, width=width, fs=rate), dtype=torch.float32)


def _round_low_pass(taps: int, cutoff: float, width: float, rate: float) -> torch.Tensor:
    """Return the low-pass filter [taps, taps] that is the same in all directions: J1(2 pi f r) / r, windowed."""
    x = (np.arange(taps) - (taps - 1) / 2.0) / rate
    r = np.hypot(*np.meshgrid(x, x))
    window = np.kaiser(taps, kaiser_beta(kaiser_atten(taps, width / (rate / 2.0))))
    kernel = j1(2.0 * np.pi * cutoff * r) / r * np.outer(window, window)
    return torch.tensor(kernel / kernel.sum(), dtype=torch.float32)


def _waves(draw: Callable[..., torch.Tensor], channels: int) -> dict[str, torch.Tensor]:
    """Return the input of a StyleGAN3."""
    return {
        "synthesis.input.transform": torch.eye(3),
        "synthesis.input.freqs": draw(channels, 2),
        "synthesis.input.phases": draw(channels),
        "synthesis.input.weight": draw(channels, channels),
        "synthesis.input.affine.weight": torch.zeros(4, DIM),
        "synthesis.input.affine.bias": torch.tensor([1.0, 0.0, 0.0, 0.0]),
    }


def _dense_layers(draw: Callable[..., torch.Tensor], count: int) -> dict[str, torch.Tensor]:
    """Return the layers of a mapping, stored larger by their learning rate of 0.01."""
    weights = {f"mapping.fc{k}.weight": 100.0 * draw(DIM, DIM) for k in range(count)}
    return weights | {f"mapping.fc{k}.bias": torch.zeros(DIM) for k in range(count)}


def _modulated(draw: Callable[..., torch.Tensor], name: str, shape: tuple[int, int, int]) -> dict[str, torch.Tensor]:
    """Return a modulated convolution of shape [out, in, kernel, kernel]."""
    out, fan_in, kernel = shape
    return {
        f"{name}.weight": draw(out, fan_in, kernel, kernel),
        f"{name}.bias": BIAS * draw(out),
        f"{name}.affine.weight": draw(fan_in, DIM),
        f"{name}.affine.bias": torch.ones(fan_in),
    }
