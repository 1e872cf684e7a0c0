"""One family of model files: each way of drawing, as a show draws, against the plain reference."""

from functools import partial

import random_networks
import torch

from bandwalk.generator.cuda import live_render
from bandwalk.generator.effects import Effects
from bandwalk.generator.precision import full_precision
from bandwalk.generator.stylegan1 import StyleGAN1
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.stylegan3 import StyleGAN3
from bandwalk.generator.tensors import to_levels
from gpu_parts.timing import timed, warm_up

KINDS = {
    "sg1": (random_networks.stylegan1, StyleGAN1),
    "sg2": (random_networks.stylegan2, StyleGAN2),
    "sg3-t": (random_networks.stylegan3_t, StyleGAN3),
    "sg3-r": (random_networks.stylegan3_r, StyleGAN3),
}
SIZES, SHORT_SIZES = (256, 512, 1024), (32,)
MAX_ERROR = 1.5
"""Grey levels, on average."""

SPREAD = 0.5
"""Standard deviation to which a random network's picture is scaled, of -1..1: 64 grey levels."""

AT_REST = Effects()


@torch.inference_mode()
def measure(setup, put):
    """Put three rows for each size: the reference, float32, half precision."""
    for size in SHORT_SIZES if setup.is_short else SIZES:
        measure_size(setup, size, partial(put_ok, put))


def put_ok(put, case, times, error, note=""):
    """Put a row; a large error is a fault."""
    put(case, *times, error, note=note, is_ok=error is None or error < MAX_ERROR)


def base_of(size, is_short):
    """Return channel_base as in the published networks."""
    return 256 if is_short else {256: 16384, 512: 32768, 1024: 32768}[size]


def measure_size(setup, size, put):
    """Measure a network of a size."""
    make, family = KINDS[setup.kind]
    device, is_short = torch.device(setup.device), setup.is_short
    base = base_of(size, is_short)
    snapshot = make(size, base)
    G = family(snapshot, device=device, exact=True)
    weights = G.read(snapshot, device)
    plane = () if weights.transform is None else (weights.transform,)
    ws = torch.randn(40, 1, random_networks.DIM, generator=torch.Generator().manual_seed(1)).to(device)
    ws = ws.expand(-1, weights.num_ws, -1)
    with full_precision():
        wanted = [G.draw_reference(weights, (w[None], *plane), AT_REST) for w in ws[:4]]
        draw = partial(draw_reference, G, weights, plane, ws)
        put(f"{size}, base {base}: reference", timed(draw, is_short=is_short), None)
    full = G.prepare_fast(weights)
    half = torch.float16 if device.type == "cuda" else torch.bfloat16
    for way, fast in (("float32", full), (str(half).removeprefix("torch."), full.in_precision(half))):
        render = live_render(fast.draw, device)
        shown = partial(draw_live, render, plane, ws)
        times = timed(shown, is_short=is_short, before=warm_up(setup.device))
        drawn = [fast.draw(w, *plane, AT_REST) for w in ws[:4]]
        apart = most_apart(shown(0), drawn[0])
        note = "" if apart <= 1 else f"as a show draws it: up to {apart} levels from kernels alone"
        put(f"{size}, base {base}: {way}", times, error_of(drawn, wanted), note)


def draw_reference(G, weights, plane, ws, k):
    """Draw a picture by the plain reference, and wait for it."""
    return G.draw_reference(weights, (ws[k % len(ws), None], *plane), AT_REST).cpu()


def draw_live(render, plane, ws, k):
    """Draw a picture as a show does."""
    return render((ws[k % len(ws)], *plane), AT_REST)


def error_of(drawn, wanted):
    """Return the mean difference of pictures in grey levels, scaled to the usual spread."""
    spread = torch.stack([img.float().std() for img in wanted]).mean()
    apart = torch.stack([(a.float() - b.float()).abs().mean() for a, b in zip(drawn, wanted, strict=True)]).mean()
    return float(127.5 * SPREAD * apart / spread)


def most_apart(rgb, img):
    """Return the largest difference of a picture's bytes from a drawn one, grey levels."""
    return int(abs(rgb.astype(int) - to_levels(img).cpu().numpy()).max())
