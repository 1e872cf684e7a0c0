"""Each kind of bend against scipy or numpy on small maps; none breaks a picture, whatever its strength."""

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from bandwalk.generator.bends import KINDS, MAX_STRENGTH, bend
from bandwalk.params.strips import BEND_KINDS
from bandwalk.records import Bend

VALUES = (-1.3, -0.25, 0.4, 1.0, 2.7)


def maps(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def bent(kind, x, value, **more):
    return bend(x, Bend(kind, (0,), value, **more))


def moved(x, to_source):
    """Draw at each place the map [H, W] at ``to_source(right, up)`` of it, in widths and heights from the middle."""
    height, width = x.shape
    row, column = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    right, up = (column + 0.5) / width - 0.5, 0.5 - (row + 0.5) / height
    right, up = to_source(right, up)
    places = [(0.5 - up) * height - 0.5, (right + 0.5) * width - 0.5]
    return ndimage.map_coordinates(x, places, order=1, mode="reflect")


def turned(angle):
    cos, sin = np.cos(angle), np.sin(angle)
    return lambda right, up: (cos * right + sin * up, cos * up - sin * right)


MOVES = {
    "scale": lambda v: lambda right, up: (right / 2**v, up / 2**v),
    "rotate": lambda v: turned(v * np.pi / 2),
    "translate_x": lambda v: lambda right, up: (right - v, up),
    "translate_y": lambda v: lambda right, up: (right, up - v),
}


def test_the_kinds_are_those_of_the_table():
    assert ("none", *KINDS) == BEND_KINDS


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("kind", MOVES)
def test_moves_are_those_of_scipy_mirrored_at_the_edges(kind, value):
    x = maps(2, 3, 16, 16)
    expected = [[moved(one.numpy(), MOVES[kind](value)) for one in frame] for frame in x]
    np.testing.assert_allclose(bent(kind, x, value), expected, atol=2e-4)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(("kind", "axis"), [("flip_x", -1), ("flip_y", -2)])
def test_flips_fade_to_the_mirror_image(kind, axis, value):
    x = maps(1, 2, 8, 8).numpy()
    share = min(abs(value), 1.0)
    expected = (1 - share) * x + share * np.flip(x, axis)
    np.testing.assert_allclose(bent(kind, torch.from_numpy(x), value), expected, atol=1e-6)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("kind", ["dilate", "erode"])
@pytest.mark.parametrize("side", [4, 32])
def test_maps_grow_and_thin_as_in_scipy_by_sixteenths_of_the_width(kind, value, side):
    x = maps(1, 2, side, side).numpy()
    extreme = ndimage.maximum_filter if (kind == "dilate") == (value > 0) else ndimage.minimum_filter
    radius = abs(value) * side / 16
    whole = int(radius)
    inner, outer = (extreme(x, (1, 1, 2 * r + 1, 2 * r + 1), mode="nearest") for r in (whole, whole + 1))
    expected = inner + (outer - inner) * (radius - whole)
    np.testing.assert_allclose(bent(kind, torch.from_numpy(x), value), expected, atol=1e-5)


@pytest.mark.parametrize("value", VALUES)
def test_a_threshold_fades_to_the_means_of_the_two_sides(value):
    x = np.exp(maps(1, 3, 16, 16).numpy())  # lopsided, as activations are
    expected = np.empty_like(x)
    for k, one in enumerate(x[0]):
        w = np.clip(0.5 + 2 * (one - one.mean()) / one.std(), 0, 1)
        bright, dark = np.average(one, weights=w), np.average(one, weights=1 - w)
        levels = w * bright + (1 - w) * dark if value > 0 else w * dark + (1 - w) * bright
        share = min(abs(value), 1.0)
        expected[0, k] = (1 - share) * one + share * levels
    np.testing.assert_allclose(bent("threshold", torch.from_numpy(x), value), expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_changes_at_zero_and_little_just_beside_it(kind):
    x = torch.from_numpy(ndimage.gaussian_filter(maps(16, 16).numpy(), 2)[None, None])
    assert bent(kind, x, 0.0) is x
    for value in (-1e-4, 1e-4):
        step = float((bent(kind, x, value) - x).abs().max())
        assert step < 1e-3


@given(
    kind=st.sampled_from(sorted(KINDS)),
    value=st.floats(-1e30, 1e30),
    share=st.floats(-1, 2),
    shape=st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)),
    flat=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_no_strength_leaves_the_range_of_a_map(kind, value, share, shape, flat):
    x = torch.ones(shape) if flat else maps(*shape) * 100.0
    y = bent(kind, x, value, share=share)
    assert y.shape == x.shape
    assert bool((y <= x.amax((2, 3), keepdim=True) + 1e-3).all())
    assert bool((y >= x.amin((2, 3), keepdim=True) - 1e-3).all())


@pytest.mark.parametrize("kind", KINDS)
def test_the_strongest_bend_of_a_large_map_is_as_bounded_as_any(kind):
    x = maps(1, 16, 256, 256)
    start = time.perf_counter()
    y = bent(kind, x, 1e9)
    assert time.perf_counter() - start < 30.0  # hundredths on a quiet machine
    assert torch.equal(y, bent(kind, x, MAX_STRENGTH))


def test_a_share_bends_channels_of_its_own_and_the_last_of_them_in_part():
    x = maps(1, 8, 8, 8)
    whole = bent("flip_x", x, 1.0)

    def part(share, seed=0):
        change = (bent("flip_x", x, 1.0, share=share, seed=seed) - x).flatten(2).norm(dim=2)[0]
        return (change / (whole - x).flatten(2).norm(dim=2)[0]).numpy()

    half = part(0.5)
    assert sorted(half.tolist()) == pytest.approx([0, 0, 0, 0, 1, 1, 1, 1], abs=1e-5)
    more = part(0.5 + 0.25 / 8)
    assert np.allclose(more[half == 1], 1.0, atol=1e-5)
    assert sorted(more.tolist())[3] == pytest.approx(0.25, abs=1e-5)
    assert not np.array_equal(half > 0, part(0.5, seed=1) > 0)
    assert bent("flip_x", x, 1.0, share=0.0) is x


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("order", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_maps_keep_their_type_and_order_in_memory_and_their_owner(dtype, order, share):
    x = maps(1, 8, 16, 16).to(dtype).contiguous(memory_format=order)
    kept = x.clone()
    for kind in KINDS:
        y = bent(kind, x, 0.7, share=share)
        assert y.dtype == dtype
        assert y.is_contiguous(memory_format=order)
        assert y.data_ptr() != x.data_ptr()
        assert torch.equal(x, kept)
        expected = bent(kind, x.float().contiguous(), 0.7, share=share)
        torch.testing.assert_close(y.float(), expected, atol=0.03, rtol=0.03)
