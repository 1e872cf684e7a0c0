"""Model files whose picture goes on beyond the trained one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from generator.shaped import stylegan2, write_persistence

from bandwalk.generator import Screen, load
from bandwalk.generator.wider import mirrored, samples_beside
from bandwalk.records import Bend

DATA = Path(__file__).parents[1] / "data"
WIDE, TALL = Screen(1280, 720, "native"), Screen(720, 1280, "native")
TURNED = np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.05], [0.0, 0.0, 1.0]])


def _ws(G, draw_z_of=2):
    z = np.random.default_rng(4).standard_normal((draw_z_of, G.z_dim)).astype(np.float32)
    return G.map(z, psi=0.7)


@pytest.mark.parametrize("transform", [None, TURNED], ids=["straight", "turned"])
@pytest.mark.parametrize("screen", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("name", ["c1_sg3t", "c2_sg3r"])
def test_a_stylegan3_goes_on_and_its_middle_is_the_trained_picture(name, screen, transform):
    """It differs where the trained picture's filters reach beyond its edges, and within a quarter it is the same."""
    own, far = (load(DATA / f"{name}.pkl", exact=True, screen=each) for each in (None, screen))
    own.transform = far.transform = transform
    ws = _ws(own)
    left, top = (far.width - own.width) // 2, (far.height - own.height) // 2
    inside = far.synthesize(ws)[:, :, top : top + own.height, left : left + own.width]
    apart = (inside - own.synthesize(ws)).abs() * 127.5
    assert max(far.width, far.height) == 114
    assert float(apart[:, :, 16:-16, 16:-16].max()) < 0.2
    assert float(apart.mean()) < 0.5


@pytest.mark.parametrize("screen", [WIDE, TALL], ids=["wide", "tall"])
@pytest.mark.parametrize("name", ["c1_sg3t", "c2_sg3r", "a0_sg2ada_64_tiny", "b2_sg3sg2_resnet", "d0_sg1_64_tiny"])
def test_the_fast_path_draws_the_same_beyond_the_trained_picture(name, screen):
    fast, plain = (load(DATA / f"{name}.pkl", exact=exact, screen=screen) for exact in (False, True))
    for G in (fast, plain):
        G.noise, G.drift = 1.3, 0.8
        G.bends = (Bend("rotate", (1,), 0.3),)
    ws = _ws(fast)
    a, b = fast.synthesize(ws), plain.synthesize(ws)
    assert a.shape[2:] == (fast.height, fast.width)
    assert float((a - b).abs().max()) * 127.5 < 1.0
    rgb = fast.render(ws[:1])
    assert rgb.shape == (fast.height, fast.width, 3)


@pytest.mark.parametrize("name", ["a0_sg2ada_64_tiny", "d0_sg1_64_tiny"])
def test_faces_are_cut_unless_somebody_asks_for_more(name):
    """StyleGAN1 and 2 repeat beyond their picture: auto leaves them as they are."""
    own, auto = (load(DATA / f"{name}.pkl", screen=screen) for screen in (None, Screen(1280, 720, "auto")))
    assert (auto.width, auto.height) == (own.width, own.height)
    assert np.array_equal(auto.render(_ws(auto)[:1]), own.render(_ws(own)[:1]))


@pytest.mark.parametrize("name", ["a0_sg2ada_64_tiny", "d0_sg1_64_tiny"])
def test_no_end_is_dead(name):
    """Both ends of a picture that is four times as long have as much in them as its middle."""
    G = load(DATA / f"{name}.pkl", screen=Screen(1280, 320, "native"))
    rgb = G.render(_ws(G)[:1]).astype(float)
    assert rgb.shape[:2] == (G.trained_size[1], 4 * G.trained_size[0])
    middle = rgb[:, 96:160].std((0, 1)).mean()
    for end in (rgb[:, :32], rgb[:, -32:]):
        assert end.std((0, 1)).mean() > 0.3 * middle


def test_a_picture_that_was_trained_wide_keeps_its_shape_and_goes_on_from_it(tmp_path):
    path = write_persistence(stylegan2(4, 8), tmp_path / "wide.pkl")
    own, taller = (load(path, screen=screen) for screen in (None, Screen(512, 512, "native")))
    assert (own.width, own.height) == (64, 32)
    assert (taller.width, taller.height) == (64, 64)
    assert taller.trained_size == (64, 32)
    assert taller.size_for(Screen(1024, 512, "native")) == (64, 32)


@pytest.mark.parametrize("beside", [(0, 0), (1, 0), (3, 2), (9, 5)])
def test_maps_go_on_as_between_mirrors(beside):
    maps = torch.arange(24.0).view(2, 3, 4)
    across, down = beside
    expected = np.pad(maps.numpy(), ((0, 0), (down, down), (across, across)), mode="symmetric")
    assert np.array_equal(mirrored(maps, beside).numpy(), expected)


def test_a_grid_grows_by_whole_samples_on_both_sides():
    assert samples_beside((256, 256), (456, 256), 64) == (2, 0)
    assert samples_beside((64, 64), (64, 66), 2) == (0, 1)
    assert samples_beside((64, 64), (64, 64), 16) == (0, 0)
