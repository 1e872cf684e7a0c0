"""The embedded model: how fast, and how far from the pictures of the CPU."""

import time

import numpy as np
import torch

from bandwalk.generator import load
from bandwalk.generator.builtin.canvas import Canvas
from bandwalk.generator.builtin.live import LiveDrawing
from bandwalk.generator.cuda import live_render
from bandwalk.generator.effects import Effects
from bandwalk.records import Bend
from bandwalk.units import seed_to_z
from gpu_parts.timing import timed, warm_up

SIZES, SHORT_SIZES = ((512, 512), (1920, 1080), (3840, 2160)), ((192, 128),)
COMPILED = 1920, 1080
AT_REST = Effects()
MAX_ERROR = 0.2
"""Grey levels, on average: a pixel may fall on the other side of a rounding."""


def measure(setup, put):
    """Put two rows for each size: at rest, and with all that a show may change in each picture."""
    for size in SHORT_SIZES if setup.is_short else SIZES:
        G = load("builtin", device=setup.device, size=size)
        ws = G.map(np.stack([seed_to_z(seed, G.z_dim) for seed in range(40)]))
        error = error_of(G, ws, size)
        times = timed(lambda k: G.render(ws[k % len(ws), None]), is_short=setup.is_short, before=warm_up(setup.device))  # noqa: B023
        name = f"{size[0]}x{size[1]}"
        put(name, *times, error, is_ok=error < MAX_ERROR)

        def play(k):
            c, s = np.cos(0.01 * k), np.sin(0.01 * k)
            G.transform, G.drift = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), 0.1 * k  # noqa: B023
            G.render(ws[k % len(ws), None])  # noqa: B023

        put(f"{name}, turned, noise drifts", *timed(play, is_short=setup.is_short))
        G.transform, G.drift, G.bends = None, 0.0, (Bend("rotate", (4,), 0.3), Bend("dilate", (10,), 0.2))
        error = error_of(G, ws, size)
        put(f"{name}, bent", *timed(lambda k: G.render(ws[k % len(ws), None]), is_short=setup.is_short), error)  # noqa: B023
    if setup.device.startswith("cuda"):
        compile_it(setup, put)


def compile_it(setup, put, size=COMPILED):
    """Put a row: what torch.compile would make of it, if Triton is here; a show does without."""
    G, name = load("builtin", device=setup.device, size=size), f"{size[0]}x{size[1]}, compiled"
    drawing = LiveDrawing(Canvas.of(size), G.device)
    w = G.map(seed_to_z(1, G.z_dim)[None])
    inputs = drawing.inputs(w[0], np.eye(3), AT_REST)
    try:
        with torch.inference_mode():
            render, begun = live_render(torch.compile(drawing.draw, fullgraph=True), G.device), time.perf_counter()
            drawn = render(inputs, AT_REST)
            took = time.perf_counter() - begun
            times = timed(lambda k: render(inputs, AT_REST), is_short=setup.is_short, before=warm_up(setup.device))
    except Exception as e:  # noqa: BLE001  of any kind: it is only tried
        put(name, note=f"cannot be compiled: {' '.join(str(e).split())[:100]}")
        return
    error = float(np.abs(drawn.astype(float) - G.render(w)).mean())
    put(name, *times, error, note=f"compiled in {took:.0f} s; not used in a show")


def error_of(G, ws, size):
    """Return the mean difference from the CPU's pictures, grey levels."""
    host = load("builtin", size=size)
    host.bends, host.drift, host.transform = G.bends, G.drift, G.transform
    apart = [np.abs(G.render(w[None]).astype(float) - host.render(w[None].cpu())).mean() for w in ws[:2]]
    return float(np.mean(apart))
