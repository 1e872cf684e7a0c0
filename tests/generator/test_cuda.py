"""Live pictures on a GPU: what is captured, when, and what is read back; on a GPU itself where there is one."""

import gc
import weakref

import numpy as np
import pytest
import torch
from generator.elsewhere import META, Apart
from generator.model_files import DATA
from torch.fx.experimental.proxy_tensor import make_fx

from bandwalk.generator import cuda, load
from bandwalk.generator.bends import KINDS
from bandwalk.generator.cuda import ReplayedGraph
from bandwalk.generator.effects import Effects
from bandwalk.records import Bend

FILES = ["d0_sg1_64_tiny.pkl", "a4_sg2ada_256.pkl", "b2_sg3sg2_resnet.pkl", "c2_sg3r.pkl", "c1_sg3t.pkl"]

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")


@pytest.fixture
def captures():
    return []


@pytest.fixture
def replayed(captures, monkeypatch):
    """A drawing by two tensors and a number, captured as a graph is: the number stays what it was."""
    monkeypatch.setattr(cuda, "_RESTED", 2)

    def draw(a, b, factor):
        return (a * factor + b).view(1, 3, 2, 2)

    def capture(drawing):
        captures.append(drawing)
        out = drawing()
        return (lambda: out.copy_(drawing())), out

    return ReplayedGraph(draw, capture)


def _levels(value):
    return torch.full((2, 2, 3), int(value * 127.5 + 128), dtype=torch.uint8)


def _inputs(a, b):
    return torch.full((12,), a), torch.full((12,), b)


def test_a_graph_is_captured_when_what_it_cannot_follow_has_rested(replayed, captures):
    for _ in range(2):
        replayed(_inputs(0.1, 0.2), 1.0)
    assert not captures
    for a in (0.1, 0.2, -0.3):  # what changes from frame to frame is followed
        assert torch.equal(replayed(_inputs(a, 0.2), 1.0), _levels(a + 0.2))
    assert len(captures) == 1


def test_what_a_graph_cannot_follow_is_drawn_without_until_it_rests_again(replayed, captures):
    for _ in range(4):
        replayed(_inputs(0.1, 0.2), 1.0)
    for factor in (2.0, 3.0, 4.0, 5.0):  # a slider moves
        assert torch.equal(replayed(_inputs(0.1, 0.2), factor), _levels(0.1 * factor + 0.2))
    assert len(captures) == 1
    for _ in range(3):
        assert torch.equal(replayed(_inputs(0.1, 0.0), 5.0), _levels(0.5))
    assert len(captures) == 2


def test_a_capture_that_fails_is_told_once_and_pictures_are_drawn_without(monkeypatch, caplog):
    monkeypatch.setattr(cuda, "_RESTED", 1)

    def capture(drawing):
        raise RuntimeError("operation not permitted when stream is capturing\nmore of it")

    replayed = ReplayedGraph(lambda a, fixed: a.view(1, 3, 2, 2), capture)
    for _ in range(5):
        assert torch.equal(replayed((torch.zeros(12),), None), _levels(0.0))
    assert [record.getMessage() for record in caplog.records] == [
        "no CUDA graph: operation not permitted when stream is capturing; draws without"
    ]


PLAYED = Effects(drift=1.0, bends=tuple(Bend(kind, (k, k + 9), 0.3, 0.6, k) for k, kind in enumerate(KINDS)))


@pytest.mark.parametrize("effects", [Effects(), PLAYED], ids=["at rest", "played"])
@pytest.mark.parametrize("name", FILES[::2])
def test_a_drawing_is_nothing_but_operations_on_tensors(name, effects, monkeypatch):
    # What a graph needs: nothing is read back on the way, and another picture is the same operations on other numbers.
    G, rng = load(DATA / name), np.random.default_rng(0)
    is_moved = name.startswith("c")
    monkeypatch.setattr(torch.jit, "is_tracing", lambda: True)  # StyleGAN3 looks at its maps where no graph is made
    ws = G.map(rng.standard_normal((2, G.z_dim)))
    planes = [torch.eye(3), torch.tensor([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])]

    def draw(w, plane):
        return G._live.draw(w, *((plane,) if is_moved else ()), effects)

    with torch.no_grad():
        draw(ws[0], planes[0])  # what is prepared once is prepared
        recorded = make_fx(draw)(ws[0], planes[0])
        assert torch.equal(recorded(ws[1], planes[1]), draw(ws[1], planes[1]))


@pytest.mark.parametrize("effects", [Effects(), PLAYED], ids=["at rest", "played"])
@pytest.mark.parametrize("name", FILES)
def test_what_a_drawing_makes_is_made_beside_its_maps(name, effects):
    G = load(DATA / name)
    ws = G.map(np.zeros((1, G.z_dim), np.float32))
    for fast in (G._fast, G._fast.in_precision(torch.bfloat16)):
        with torch.no_grad():
            fast.draw(*G._inputs(ws[0]), effects)  # what is prepared once is prepared
            with META, Apart():  # a tensor made without saying where is on that device
                assert fast.draw(*G._inputs(ws[0]), effects).device == ws.device


@pytest.mark.parametrize("name", FILES)
def test_a_model_that_is_no_longer_used_gives_its_memory_back_at_once(name):
    G = load(DATA / name)
    G.render(G.map(np.zeros((1, G.z_dim), np.float32)))
    gone = weakref.ref(G)
    gc.disable()
    try:
        del G
        assert gone() is None
    finally:
        gc.enable()


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("name", FILES)
def test_a_gpu_draws_what_the_plain_reference_does(name):
    plain, G = load(DATA / name, exact=True), load(DATA / name, device="cuda")
    z = np.random.default_rng(0).standard_normal((40, G.z_dim)).astype(np.float32)
    ws = plain.map(z, psi=0.7)
    assert float((G.map(z, psi=0.7).cpu() - ws).abs().max()) < 1e-4
    assert float((G.synthesize(ws[:2].cuda()).cpu() - plain.synthesize(ws[:2])).abs().max()) < 1e-3
    for k in range(40):  # by kernels, then by a graph
        drawn = G.render(ws[k : k + 1].cuda())
        if k in (0, 29, 31, 39):
            difference = drawn.astype(float) - plain.render(ws[k : k + 1])
            assert np.sqrt((difference**2).mean()) < 4.0


@needs_gpu
@pytest.mark.gpu
def test_a_picture_read_from_a_gpu_stays_when_the_next_one_is_read():
    reader = cuda.PinnedReader()
    first = reader.read(torch.full((4, 4, 3), 7, dtype=torch.uint8, device="cuda"))
    second = reader.read(torch.full((4, 4, 3), 9, dtype=torch.uint8, device="cuda"))
    assert (first.min(), first.max(), second.min(), second.max()) == (7, 7, 9, 9)


@needs_gpu
@pytest.mark.gpu
@pytest.mark.parametrize("size", [(512, 512), (330, 271), (1920, 1080)])
def test_a_gpu_draws_the_embedded_model_as_the_cpu_does(size):
    host, G = load("builtin", size=size), load("builtin", device="cuda", size=size)
    ws = host.map(np.random.default_rng(0).standard_normal((40, G.z_dim)))
    for k in range(40):  # by kernels, then by a graph; then bent
        for each in (host, G):
            each.noise, each.bends = 1.0 + 0.01 * k, (Bend("rotate", (4, 10), 0.3),) if k == 39 else ()
        drawn = G.render(ws[k : k + 1].cuda())
        if k in (0, 29, 31, 38, 39):
            apart = np.abs(drawn.astype(int) - host.render(ws[k : k + 1]))
            assert apart.mean() < 0.2
            assert np.percentile(apart, 99) <= 1
