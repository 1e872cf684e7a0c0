"""Small networks of any shape, their files in each container, and pictures of them computed by the book.

The oracle reads a network's own tensors, in float64, and imports nothing of bandwalk. It follows the definitions (zeros
between samples, filter, convolve), not the shortcuts of any program.
"""

import contextlib
import pickle
import sys
import types

import numpy as np
import torch
import torch.nn.functional as F

Z, W, CHANNELS, DENSE = 24, 32, 16, 2
TAPS = torch.outer(*[torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8.0] * 2)
BAIT = "raise RuntimeError('the source text was executed')"


def _random(seed):
    chance = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(shape, generator=chance)


def stylegan2(height, width, blocks=4, colours=3, seed=0):
    """Return a StyleGAN2's tensors by the PyTorch names, from a constant of height x width."""
    draw = _random(seed)
    net = {"mapping.w_avg": 0.3 * draw(W), "synthesis.b4.const": draw(CHANNELS, height, width)}
    for k in range(DENSE):
        net |= {f"mapping.fc{k}.weight": 100.0 * draw(W, Z if k == 0 else W), f"mapping.fc{k}.bias": 20.0 * draw(W)}
    for b in range(blocks):
        place, size = f"synthesis.b{4 << b}", (height << b, width << b)
        net[f"{place}.resample_filter"] = TAPS.clone()
        for conv in ("conv0", "conv1")[b == 0 :]:
            net |= _layer(f"{place}.{conv}", draw, CHANNELS, 3)
            net[f"{place}.{conv}.noise_const"], net[f"{place}.{conv}.noise_strength"] = draw(*size), 0.2 * draw()
            net[f"{place}.{conv}.resample_filter"] = TAPS.clone()
        net |= _layer(f"{place}.torgb", draw, colours, 1)
        net[f"{place}.torgb.weight"] *= 0.15
    return net


def _layer(place, draw, out, kernel):
    return {
        f"{place}.weight": draw(out, CHANNELS, kernel, kernel),
        f"{place}.bias": 0.3 * draw(out),
        f"{place}.affine.weight": draw(CHANNELS, W),
        f"{place}.affine.bias": torch.ones(CHANNELS),
    }


def stylegan2_map(net, z):
    """Return w [N, w_dim] of z [N, z_dim], not truncated."""
    x = torch.as_tensor(z, dtype=torch.float64)
    x = x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for k in range(DENSE):
        weight, bias = (net[f"mapping.fc{k}.{leaf}"].double() for leaf in ("weight", "bias"))
        x = _lrelu(x @ weight.T * (0.01 / weight.shape[1] ** 0.5) + 0.01 * bias)
    return x


def stylegan2_draw(net, ws):
    """Return a picture [C, H, W] of ws [num_ws, w_dim]."""
    net, ws = {name: x.double() for name, x in net.items()}, ws.double()
    x, img, style = net["synthesis.b4.const"], None, 0
    for b in range(ws.shape[0] // 2):
        place = f"synthesis.b{4 << b}"
        for conv in ("conv0", "conv1")[b == 0 :]:
            name = f"{place}.{conv}"
            weight = _modulated(net, name, ws[style], demodulate=True)
            if conv == "conv0":
                x = _conv(_filtered(_stuffed(x), 4.0 * TAPS.double(), (3, 2)), weight.flip(2, 3), 0)
            else:
                x = _conv(x, weight, 1)
            x = x + net[f"{name}.noise_const"] * net[f"{name}.noise_strength"]
            x = _lrelu(x + net[f"{name}.bias"][:, None, None])
            style += 1
        weight = _modulated(net, f"{place}.torgb", ws[style], demodulate=False) / CHANNELS**0.5
        y = _conv(x, weight, 0) + net[f"{place}.torgb.bias"][:, None, None]
        img = y if img is None else _filtered(_stuffed(img), 4.0 * TAPS.double(), (2, 1)) + y
    return img


def _modulated(net, name, w, *, demodulate):
    s = net[f"{name}.affine.weight"] @ w / W**0.5 + net[f"{name}.affine.bias"]
    weight = net[f"{name}.weight"] * s[None, :, None, None]
    return weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt() if demodulate else weight


def _lrelu(x):
    return torch.where(x < 0, 0.2 * x, x) * 2.0**0.5


def _stuffed(x, factor=2):
    out = x.new_zeros(len(x), x.shape[1] * factor, x.shape[2] * factor)
    out[:, ::factor, ::factor] = x
    return out


def _filtered(x, taps, margins):
    """Correlate each map with taps [kh, kw]; margins: zeros before and after, along both sides."""
    x = F.pad(x, (*margins, *margins))
    return F.conv2d(x[:, None], taps[None, None])[:, 0]


def _conv(x, weight, padding):
    return F.conv2d(x[None], weight, padding=padding)[0]


# StyleGAN1, by TensorFlow's names


def stylegan1(height, width, blocks=3, colours=3, noise=True, seed=0):
    """Return a StyleGAN1's tensors, components first, from a constant of height x width."""
    draw = _random(seed)
    net = {"dlatent_avg": 0.3 * draw(W), "synthesis/lod": torch.zeros(()), "lod": torch.zeros(())}
    for k in range(DENSE):
        net |= {f"mapping/Dense{k}/weight": 100.0 * draw(W, W), f"mapping/Dense{k}/bias": 20.0 * draw(W)}
    net["synthesis/4x4/Const/const"] = draw(1, CHANNELS, height, width)
    for k in range(2 * blocks):
        place = f"synthesis/{stylegan1_place(k)}"
        if k:
            net[f"{place}/weight"] = draw(3, 3, CHANNELS, CHANNELS)
        net |= {
            f"{place}/bias": 0.3 * draw(CHANNELS),
            f"{place}/StyleMod/weight": draw(W, 2 * CHANNELS),
            f"{place}/StyleMod/bias": 0.3 * draw(2 * CHANNELS),
        }
        if noise:
            net[f"synthesis/noise{k}"] = draw(1, 1, height << (k // 2), width << (k // 2))
            net[f"{place}/Noise/weight"] = 0.3 * draw(CHANNELS)
    net["synthesis/ToRGB_lod0/weight"] = draw(1, 1, CHANNELS, colours)
    net["synthesis/ToRGB_lod0/bias"] = 0.3 * draw(colours)
    return net


def stylegan1_place(k):
    """Return the folder of a layer, of a square network."""
    side = 4 << (k // 2)
    return f"{side}x{side}/{('Const', 'Conv')[k] if k < 2 else ('Conv0_up', 'Conv1')[k % 2]}"


def stylegan1_draw(net, ws, *, blur=(1, 2, 1), norms=True):
    """Return a picture [C, H, W] of ws [num_ws, w_dim]; blur: taps along each side, None: none."""
    net, ws = {name: x.double() for name, x in net.items()}, ws.double()
    x = net["synthesis/4x4/Const/const"][0]
    for k in range(len(ws)):
        place = f"synthesis/{stylegan1_place(k)}"
        if k:
            weight = net[f"{place}/weight"].permute(3, 2, 0, 1) * (2.0 / (9 * CHANNELS)) ** 0.5
            x = _conv(x.repeat_interleave(2, 1).repeat_interleave(2, 2) if k >= 2 and k % 2 == 0 else x, weight, 1)
        if k >= 2 and k % 2 == 0 and blur:
            taps = torch.tensor(blur, dtype=torch.float64)
            taps = torch.outer(taps, taps)
            before = (len(taps) - 1) // 2
            x = _filtered(x, taps / taps.sum(), (before, len(taps) - 1 - before))
        if f"synthesis/noise{k}" in net:
            x = x + net[f"synthesis/noise{k}"][0] * net[f"{place}/Noise/weight"][:, None, None]
        x = x + net[f"{place}/bias"][:, None, None]
        x = torch.where(x < 0, 0.2 * x, x)
        if norms:
            x = x - x.mean((1, 2), keepdim=True)
            x = x / (x.square().mean((1, 2), keepdim=True) + 1e-8).sqrt()
        style = ws[k] @ net[f"{place}/StyleMod/weight"] / W**0.5 + net[f"{place}/StyleMod/bias"]
        scale, shift = style.view(2, CHANNELS, 1, 1)
        x = x * (scale + 1.0) + shift
    weight = net["synthesis/ToRGB_lod0/weight"].permute(3, 2, 0, 1) / CHANNELS**0.5
    return _conv(x, weight, 0) + net["synthesis/ToRGB_lod0/bias"][:, None, None]


# Files


def write_persistence(net, path, attrs=None):
    """Write tensors by dotted name as the PyTorch programs save a training's networks."""
    with _programs() as programs, path.open("wb") as file:
        pickle.dump({"G": None, "D": None, "G_ema": programs.module(net, attrs or {})}, file)
    return path


def write_tensorflow(net, path, kwargs=None, name="G_main"):
    """Write tensors, components first, as TensorFlow's programs save (G, D, Gs)."""
    with _programs() as programs, path.open("wb") as file:
        pickle.dump((None, None, programs.network(net, kwargs or {}, name)), file)
    return path


def write_rosinality(net, path):
    """Write a StyleGAN2's tensors under rosinality's names."""
    torch.save({"g_ema": to_rosinality(net), "latent_avg": net["mapping.w_avg"]}, path)
    return path


def to_rosinality(net):
    """Return a StyleGAN2's tensors under rosinality's names, of its shapes."""
    out = {}
    for name, x in net.items():
        parts = name.split(".")
        if parts[0] == "mapping" and parts[1] != "w_avg":
            out[f"style.{int(parts[1][2:]) + 1}.{parts[2]}"] = x
        elif parts[-1] == "const":
            out["input.input"] = x[None]
        elif len(parts) > 3:
            b = int(parts[1][1:]).bit_length() - 3
            index = 2 * b - 1 + (parts[2] == "conv1") if b else 0
            folder = "conv1" if b == 0 else f"convs.{index - 1}"
            if parts[2] == "torgb":
                folder = "to_rgb1" if b == 0 else f"to_rgbs.{b - 1}"
            out |= _rosinality_leaf(folder, ".".join(parts[3:]), x, index)
            if parts[2] == "torgb" and b:
                out[f"{folder}.upsample.kernel"] = 4.0 * TAPS
    return out


def _rosinality_leaf(folder, leaf, x, index):
    is_rgb, doubles = folder.startswith("to_rgb"), folder.startswith("convs") and index % 2 == 1
    if leaf == "weight":
        return {f"{folder}.conv.weight": x[None]}
    if leaf.startswith("affine"):
        return {f"{folder}.conv.modulation.{leaf[7:]}": x}
    if leaf == "bias":
        return {f"{folder}.bias": x.view(1, -1, 1, 1)} if is_rgb else {f"{folder}.activate.bias": x}
    if leaf == "noise_const":
        return {f"noises.noise_{index}": x[None, None]}
    if leaf == "noise_strength":
        return {f"{folder}.noise.weight": x[None]}
    return {f"{folder}.conv.blur.kernel": 4.0 * x} if doubles else {}


def to_tensorflow(net, *, by_shape=True):
    """Return a StyleGAN2's tensors under TensorFlow's names, components first.

    by_shape: blocks are called by what they draw, 4x7, 8x14; else as in square networks, 4x4, 8x8.
    """
    height, width = net["synthesis.b4.const"].shape[1:]
    out = {"dlatent_avg": net["mapping.w_avg"], "lod": torch.zeros(())}
    for name, x in net.items():
        parts = name.split(".")
        if parts[0] == "mapping" and parts[1] != "w_avg":
            out[f"mapping/Dense{parts[1][2:]}/{parts[2]}"] = x.T if parts[2] == "weight" else x
        elif parts[0] == "synthesis":
            b = int(parts[1][1:]).bit_length() - 3
            size = (height << b, width << b) if by_shape else (4 << b, 4 << b)
            folder = f"synthesis/{size[0]}x{size[1]}"
            if parts[2] == "const":
                out[f"{folder}/Const/const"] = x[None]
            elif len(parts) > 3:
                layer = {"conv0": "Conv0_up", "conv1": "Conv1" if b else "Conv", "torgb": "ToRGB"}[parts[2]]
                out |= _tensorflow_leaf(f"{folder}/{layer}", ".".join(parts[3:]), x, 2 * b - (parts[2] == "conv0"))
    return out


def _tensorflow_leaf(folder, leaf, x, index):
    if leaf == "weight":
        turned = x.permute(2, 3, 1, 0)
        return {f"{folder}/weight": turned.flip(0, 1) if folder.endswith("_up") else turned}
    if leaf == "noise_const":
        return {f"synthesis/noise{index}": x[None, None]}
    if leaf == "affine.weight":
        return {f"{folder}/mod_weight": x.T}
    if leaf == "affine.bias":
        return {f"{folder}/mod_bias": x - 1.0}
    return {} if leaf == "resample_filter" else {f"{folder}/{leaf}": x}


def rename_scopes(net, height, width):
    """Return a square network's tensors with their folders called by what they draw from height x width."""

    def renamed(name):
        parts = name.split("/")
        if len(parts) > 2 and "x" in parts[1]:
            b = int(parts[1].split("x")[0]).bit_length() - 3
            parts[1] = f"{height << b}x{width << b}"
        return "/".join(parts)

    return {renamed(name): x for name, x in net.items()}


class _Programs:
    """Objects that pickle as those of the original programs do."""

    def __init__(self, reconstruct, network):
        self._reconstruct, self._network = reconstruct, network

    def module(self, tensors, attrs, name="Generator"):
        parts, own = _split(tensors, "."), {k: x for k, x in tensors.items() if "." not in k}
        attrs_of, plain = _split(attrs, "."), {k: x for k, x in attrs.items() if "." not in k}
        modules = {k: self.module(part, attrs_of.get(k, {})) for k, part in parts.items()}
        state = {"_parameters": {}, "_buffers": own, "_modules": modules, "training": False, **plain}
        meta = {"type": "class", "version": 6, "module_src": BAIT, "class_name": name, "state": state}
        return _Reduced(self._reconstruct, (meta,))

    def network(self, tensors, kwargs, name):
        parts, own = _split(tensors, "/"), {k: x for k, x in tensors.items() if "/" not in k}
        components = {"synthesis": parts.get("synthesis", {}), "mapping": parts.get("mapping", {})} if parts else {}
        made = self._network()
        made.__dict__ = {
            "version": 4, "name": name, "static_kwargs": kwargs, "build_module_src": BAIT, "build_func_name": name,
            "components": {k: self._leaf(part, kwargs, k) for k, part in components.items()},
            "variables": [(k, x.numpy().copy()) for k, x in own.items()],
        }  # fmt: skip
        return made

    def _leaf(self, tensors, kwargs, name):
        made = self._network()
        made.__dict__ = {
            "version": 4, "name": name, "static_kwargs": kwargs, "build_module_src": BAIT, "build_func_name": name,
            "components": {}, "variables": [(k, np.ascontiguousarray(x.numpy())) for k, x in tensors.items()],
        }  # fmt: skip
        return made


class _Reduced:
    def __init__(self, function, arguments):
        self._parts = function, arguments

    def __reduce__(self):
        return self._parts


def _split(named, sign):
    """Return what is in each part, by its name."""
    parts = {}
    for name, value in named.items():
        first, is_inside, rest = name.partition(sign)
        if is_inside:
            parts.setdefault(first, {})[rest] = value
    return parts


@contextlib.contextmanager
def _programs():
    """Have modules that are called as those of the original programs, while something is pickled."""

    def _reconstruct_persistent_obj(meta):
        raise AssertionError(meta)

    network = type("Network", (), {"__module__": "dnnlib.tflib.network", "__qualname__": "Network"})
    _reconstruct_persistent_obj.__module__ = "torch_utils.persistence"
    _reconstruct_persistent_obj.__qualname__ = "_reconstruct_persistent_obj"
    made = {
        "torch_utils": {}, "torch_utils.persistence": {"_reconstruct_persistent_obj": _reconstruct_persistent_obj},
        "dnnlib": {}, "dnnlib.tflib": {}, "dnnlib.tflib.network": {"Network": network},
    }  # fmt: skip
    before = {name: sys.modules.get(name) for name in made}
    try:
        for name, inside in made.items():
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__dict__.update(inside)
        yield _Programs(_reconstruct_persistent_obj, network)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
