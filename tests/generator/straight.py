"""rosinality's StyleGAN2 straight from its file's tensors, layer by layer: an oracle, nothing of bandwalk in it.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020, in the form of that program's
files: a state dict, noise [1, 1, H, W] by layer.
"""

import math

import torch.nn.functional as F


def map_to_w(state, z):
    """Return w [N, w_dim] of z [N, z_dim]."""
    x = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
    layer = 1
    while f"style.{layer}.weight" in state:
        weight, bias = state[f"style.{layer}.weight"], state[f"style.{layer}.bias"]
        x = F.linear(x, weight * (0.01 / math.sqrt(weight.shape[1])), bias * 0.01)
        x = F.leaky_relu(x, 0.2) * math.sqrt(2.0)
        layer += 1
    return x


def draw(state, ws, noises):
    """Return the picture [1, 3, H, W] of ws [num_ws, w_dim] with the noises, one a convolution."""
    x = _layer(state, "conv1", state["input.input"], ws[0], noises[0])
    rgb = _colours(state, "to_rgb1", x, ws[1])
    for block in range(sum(name.endswith("upsample.kernel") for name in state)):
        for part in (2 * block, 2 * block + 1):
            x = _layer(state, f"convs.{part}", x, ws[part + 1], noises[part + 1])
        rgb = _double(rgb, state[f"to_rgbs.{block}.upsample.kernel"])
        rgb = rgb + _colours(state, f"to_rgbs.{block}", x, ws[2 * block + 3])
    return rgb


def _layer(state, name, x, w, noise):
    """Return what a convolution, its noise and its leaky ReLU make of x [1, C, H, W]."""
    kernel = state.get(f"{name}.conv.blur.kernel")
    x = _convolve(state, f"{name}.conv", x, w, kernel=kernel, is_demodulated=True)
    x = x + state[f"{name}.noise.weight"] * noise
    return F.leaky_relu(x + state[f"{name}.activate.bias"][None, :, None, None], 0.2) * math.sqrt(2.0)


def _colours(state, name, x, w):
    return _convolve(state, f"{name}.conv", x, w, kernel=None, is_demodulated=False) + state[f"{name}.bias"]


def _convolve(state, name, x, w, *, kernel, is_demodulated):
    """Convolve x with the weights that w scales; doubled and filtered where there is a kernel."""
    affine = state[f"{name}.modulation.weight"]
    style = affine @ w / math.sqrt(affine.shape[1]) + state[f"{name}.modulation.bias"]
    weight = state[f"{name}.weight"][0]
    weight = weight / math.sqrt(weight[0].numel()) * style[None, :, None, None]
    if is_demodulated:
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
    if kernel is None:
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2)
    x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    return _filter(F.pad(x, (1, 1, 1, 1)), kernel)


def _double(x, kernel):
    """Put zeros between the samples of x [1, C, H, W], and filter."""
    _, channels, height, width = x.shape
    wide = x.new_zeros(1, channels, 2 * height, 2 * width)
    wide[:, :, ::2, ::2] = x
    return _filter(F.pad(wide, (2, 1, 2, 1)), kernel)


def _filter(x, kernel):
    channels = x.shape[1]
    return F.conv2d(x, kernel.flip(0, 1).expand(channels, 1, -1, -1), groups=channels)
