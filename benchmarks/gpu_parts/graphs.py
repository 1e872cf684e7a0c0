"""What a graph cannot follow: the rule of 30 frames; bends, noise and a change of model while one is used."""

import threading
import time

import numpy as np
import random_networks
import torch

from bandwalk.generator import cuda
from bandwalk.generator.effects import Effects
from bandwalk.generator.stylegan2 import StyleGAN2
from bandwalk.generator.tensors import over_black, to_levels
from bandwalk.records import Bend
from gpu_parts.timing import RESTED, timed

AT_REST = Effects()
BENT = Effects(bends=(Bend("rotate", (2, 3), 0.3), Bend("dilate", (4,), 0.2, 0.5, 3)))
MAX_APART = 2
"""Grey levels between a graph's picture and one by kernels alone."""


class Drawing:
    """A network and what a show draws it by."""

    def __init__(self, setup):
        self.device = torch.device(setup.device)
        size, base = (32, 256) if setup.is_short else (512, 32768)
        self._G = StyleGAN2(random_networks.stylegan2(size, base), device=self.device)
        self.ws = self._G.map(np.random.default_rng(0).standard_normal((64, self._G.z_dim)))
        self._replayed = cuda.ReplayedGraph(self._G._live.draw, cuda.capture_graph if is_cuda(setup) else stand_in)

    @property
    def has_graph(self):
        """Return whether the last picture came from a graph."""
        return self._replayed._graph is not None

    def draw(self, k, effects=AT_REST):
        """Return the levels of picture k as a show draws it, on the host."""
        return self._replayed((self.ws[k % len(self.ws)],), effects).cpu()

    def by_kernels(self, k, effects=AT_REST):
        """Return the same without a graph."""
        return to_levels(over_black(self._G._live.draw(self.ws[k % len(self.ws)], effects))).cpu()

    def apart(self, k, effects=AT_REST):
        """Return the largest difference of the two, grey levels."""
        return int((self.draw(k, effects).int() - self.by_kernels(k, effects).int()).abs().max())


def is_cuda(setup):
    """Return whether the device has graphs."""
    return setup.device.startswith("cuda")


def stand_in(draw):
    """Capture on a device without graphs: the drawing, repeated into the same tensor."""
    out = draw()
    return (lambda: out.copy_(draw())), out


@torch.inference_mode()
def measure(setup, put):
    """Put a row for each thing that a graph meets."""
    drawing, is_short = Drawing(setup), setup.is_short
    rest(put, drawing)
    put("no graph", *timed(drawing.by_kernels, is_short=is_short))
    times, off = timed(drawing.draw, is_short=is_short), drawing.apart(3)
    put("a graph", *times, off, is_ok=off <= MAX_APART)
    off = drawing.apart(4, BENT)
    put("bends begin while one is used", error=off, is_ok=off <= MAX_APART and not drawing.has_graph)
    put("bends and noise that move", *timed(lambda k: drawing.draw(k, moved(k)), is_short=is_short))
    for k in range(RESTED):
        drawing.draw(k, BENT)
    times, off = timed(lambda k: drawing.draw(k, BENT), is_short=is_short), drawing.apart(5, BENT)
    put("bends at rest", *times, off, is_ok=off <= MAX_APART and drawing.has_graph)
    change_model(setup, put, drawing)


def rest(put, drawing):
    """Put in which frame a graph is captured, and how long that takes."""
    for k in range(RESTED):
        begun = time.perf_counter()
        drawing.draw(k)
        if drawing.has_graph:
            break
    ms = 1e3 * (time.perf_counter() - begun)
    put("captured, once", ms, note=f"in frame {k}, expected {cuda._RESTED}", is_ok=k == cuda._RESTED)


def moved(k):
    """Return effects that change with each picture."""
    return Effects(drift=0.1 * k, bends=(Bend("rotate", (2, 3), 0.01 * (k + 1)),))


def change_model(setup, put, drawing):
    """Load a second model in another thread, draw with both: pictures stay the same, and no gap is long."""
    size, base = (32, 256) if setup.is_short else (512, 16384)
    snapshot, loaded = random_networks.stylegan2(size, base), []
    before = drawing.draw(1, BENT)

    @torch.inference_mode()
    def load():
        G = StyleGAN2(snapshot, device=drawing.device)
        ws = G.map(np.zeros((1, G.z_dim), np.float32))
        for _ in range(RESTED):
            G.render(ws)
        loaded.append(G)

    thread = threading.Thread(target=load)
    thread.start()
    gaps, same, has_ended = [], True, False
    while not has_ended:
        has_ended = not thread.is_alive()
        begun = time.perf_counter()
        same &= torch.equal(drawing.draw(1, BENT), before)
        gaps.append(1e3 * (time.perf_counter() - begun))
    note = f"longest {max(gaps):.0f} ms; {'the same' if same else 'a different'} picture"
    note += "" if loaded else "; the model was not loaded"
    put("another model comes", *np.percentile(gaps, (50, 99)), note=note, is_ok=same and bool(loaded))
