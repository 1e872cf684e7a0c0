"""The official StyleGAN programs, imported from a folder that holds them: stylegan3's or stylegan2-ada-pytorch's."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from bandwalk.generator.snapshot import Snapshot

MODULES = {
    "sg2": ("training.networks_stylegan2", "training.networks"),
    "sg3": ("training.networks_stylegan3",),
}
RADIAL = {"conv_kernel": 1, "use_radial_filters": True}


def official_draw(folder: Path, kind: str, snapshot: Snapshot) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return what draws styles [num_ws, w_dim] as [1, 3, H, W] by the official program, in float32.

    Args:
        folder:   That holds ``training`` and ``torch_utils``; it is searched for modules before all others.
        kind:     sg2, sg3-t or sg3-r.
        snapshot: The weights; its name is "size, base".

    Raises:
        SystemExit: the folder has no such program, or its network has tensors of other names.
    """
    module = _import(folder, kind)
    size, base = (int(part) for part in snapshot.name.split(","))
    options = RADIAL if kind == "sg3-r" else {}
    sizes = {"channel_base": base, "channel_max": 512} | options
    if module.__name__ == "training.networks":  # of stylegan2-ada-pytorch
        sizes = {"synthesis_kwargs": sizes}
    G = module.Generator(z_dim=512, c_dim=0, w_dim=512, img_resolution=size, img_channels=3, **sizes)
    G = G.eval().requires_grad_(False)
    wrong = G.load_state_dict(snapshot.tensors, strict=False)
    missing = [name for name in wrong.missing_keys if name.rpartition(".")[2] in ("weight", "bias", "const")]
    if missing or wrong.unexpected_keys:
        raise SystemExit(f"{folder}: its network is different: lacks {wrong.unexpected_keys}, also has {missing}")
    fixed = {"noise_mode": "const"} if kind == "sg2" else {}
    return lambda ws: G.synthesis(ws[None], force_fp32=True, **fixed)


def _import(folder: Path, kind: str) -> object:
    """Return the official module of a family."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    names = MODULES.get(kind.partition("-")[0], ())
    for name in names:
        if (folder / f"{name.replace('.', '/')}.py").is_file():
            return importlib.import_module(name)
    raise SystemExit(f"{folder}: no official program for {kind}; expected one of {', '.join(names) or 'none'}")
