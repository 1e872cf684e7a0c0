"""Memory after a hundred changes of model, each used until a graph draws it."""

import gc

import numpy as np
import random_networks
import torch

from bandwalk.generator.stylegan1 import StyleGAN1
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.stylegan3 import StyleGAN3
from gpu_parts.timing import warm_up

SWAPS, SHORT_SWAPS, SETTLED = 100, 6, 0.2
MAX_GROWTH_MB = 32.0
"""From a fifth of the changes on, when all memory that is used again has been taken, to the last."""


def measure(setup, put):
    """Put a row on the GPU's memory (of a CPU: the process's), in megabytes."""
    size, base = (32, 256) if setup.is_short else (256, 8192)
    made = (
        (StyleGAN1, random_networks.stylegan1(size, base)),
        (StyleGAN2, random_networks.stylegan2(size, base)),
        (StyleGAN3, random_networks.stylegan3_t(size, base // 4)),
    )
    swaps = SHORT_SWAPS if setup.is_short else SWAPS
    gc.disable()  # a show gives memory back at once, not some time later
    taken = [swap(setup, *made[n % len(made)]) for n in range(swaps)]
    settled = max(taken[: round(SETTLED * swaps) + len(made)])
    growth = taken[-1] - settled
    put(
        f"{swaps} changes",
        note=f"{settled:.0f} MB, then {taken[-1]:.0f} MB",
        is_ok=setup.is_short or growth < MAX_GROWTH_MB,
    )


def swap(setup, family, snapshot):
    """Load a model, draw until it is captured, let it go; return the megabytes that are taken after that."""
    G = family(snapshot, device=torch.device(setup.device))
    ws = G.map(np.zeros((1, G.z_dim), np.float32))
    for _ in range(warm_up(setup.device)):
        G.render(ws)
    del G, ws
    if setup.device.startswith("cuda"):
        free, total = torch.cuda.mem_get_info()
        return (total - free) / 1e6
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6
