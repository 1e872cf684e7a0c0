"""The measure of flashes: against a count of its own, and against what the rule says of borders."""

import numpy as np
import pytest
from flash_oracle import BLOCKS, luminance, most_changes

from bandwalk.output.flash_cells import CELLS, to_cells, to_cells_reference, to_light, to_linear
from bandwalk.output.flashes import WCAG, FlashMeter, Rule

FPS = 30


def grey(level, size=64):
    return np.full((size, size, 3), level, np.uint8)


def half(level, part=0.5, size=64):
    """A black picture with one part of it at a level."""
    rgb = grey(0, size)
    rgb[:, : round(part * size)] = level
    return rgb


def flicker(on, off, hz, seconds=2.0, fps=FPS):
    return [on if int(k / fps * 2 * hz) % 2 else off for k in range(round(seconds * fps))]


def worst(pictures, fps=FPS, rule=WCAG):
    meter, most = FlashMeter(rule), (0.0, 0.0)
    for k, rgb in enumerate(pictures):
        meter.step(to_light(to_cells(rgb)), k / fps)
        most = tuple(np.maximum(most, meter.flashes()))
    return most


def test_linear_light_is_that_of_srgb():
    x = np.linspace(0, 1, 256)
    exact = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    assert np.abs(to_linear(x) - exact).max() < 0.003


@pytest.mark.parametrize("shape", [(64, 64, 3), (128, 512, 3), (160, 224, 3), (96, 128, 4)])
def test_cells_are_the_mean_light_of_their_part(shape):
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (8, 8, shape[2]), np.uint8)
    rows, columns = (np.arange(n) * 8 // n for n in shape[:2])
    rgb = coarse[rows][:, columns]
    value = to_light(to_cells(rgb)).value[0, 0].reshape(CELLS, CELLS)
    blocks = value.reshape(8, CELLS // 8, 8, CELLS // 8).mean(axis=(1, 3))
    expected = luminance(rgb).reshape(8, BLOCKS // 8, 8, BLOCKS // 8).mean(axis=(1, 3))
    assert np.abs(blocks - expected).max() < 0.01


@pytest.mark.parametrize("shape", [(64, 64, 3), (90, 142, 3), (16, 3, 3), (128, 256, 4)])
def test_cells_are_those_of_the_reference(shape):
    rgb = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert np.abs(to_cells(rgb) - to_cells_reference(rgb)).max() < 1e-5
    assert np.array_equal(to_cells(rgb[:, ::-1][:, ::-1]), to_cells(rgb))


def test_stripes_and_grain_are_no_flash():
    rng = np.random.default_rng(2)
    fine = [np.broadcast_to(((np.arange(512) + k) % 2 * 255).astype(np.uint8), (512, 512)) for k in range(30)]
    across = [np.dstack([x] * 3) for x in fine]
    along = [x.swapaxes(0, 1) for x in across]
    grain = [np.clip(128 + rng.normal(0, 12, (128, 128, 3)), 0, 255).astype(np.uint8) for _ in range(30)]
    assert worst(across)[0] == worst(along)[0] == worst(grain)[0] == 0


@pytest.mark.parametrize("hz", [1, 2, 2.9, 3.4, 5, 7.5, 10, 15])
def test_a_flicker_is_counted_as_the_oracle_counts_it(hz):
    pictures = flicker(grey(255), grey(0), hz)
    assert worst(pictures)[0] * 2 == most_changes(pictures, np.arange(len(pictures)) / FPS)


def test_noise_and_slow_swells_are_counted_as_the_oracle_counts_them():
    rng = np.random.default_rng(5)
    walk = np.clip(np.cumsum(rng.normal(0, 40, 120)) + 100, 0, 255)
    for levels in (walk, 127 + 120 * np.sin(np.arange(120) / 6), rng.integers(0, 256, 120)):
        pictures = [grey(int(level)) for level in levels]
        assert worst(pictures)[0] * 2 == most_changes(pictures, np.arange(len(pictures)) / FPS)


@pytest.mark.parametrize(
    ("on", "off", "flashes"),
    [
        (90, 0, True),  # luminance 0.102
        (86, 0, False),  # 0.093
        (255, 235, False),  # 0.83: the darker side is bright
        (255, 225, True),  # 0.75
    ],
)
def test_a_flash_is_a_tenth_of_white_and_its_darker_side_below_four_fifths(on, off, flashes):
    assert (worst(flicker(grey(on), grey(off), 5))[0] > 3) == flashes


@pytest.mark.parametrize(("part", "flashes"), [(0.2, False), (0.3, True)])
def test_a_quarter_of_the_picture_may_flash(part, flashes):
    assert (worst(flicker(half(255, part), grey(0), 5))[0] > 3) == flashes


def test_a_bar_that_sweeps_is_no_flash_and_two_halves_in_turn_are():
    def bar(k):
        rgb = grey(0)
        rgb[:, (8 * k) % 64 : (8 * k) % 64 + 8] = 255
        return rgb

    assert worst([bar(k) for k in range(60)])[0] == 0
    left = half(255)
    assert worst(flicker(left, 255 - left, 5))[0] > 3


def test_red_counts_by_itself():
    red, dark = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)
    red[:, :, 0], dark[:, :, 0] = 200, 120  # luminance differs by 0.08: no general flash
    general, found = worst(flicker(red, dark, 5))
    assert general <= 3 < found
    pale = red.copy()
    pale[:, :, 1:] = 110
    assert worst(flicker(pale, np.full_like(pale, 110), 5))[1] == 0  # not saturated


def test_the_frame_rate_does_not_matter():
    assert {worst(flicker(grey(255), grey(0), 4, fps=fps), fps)[0] for fps in (24, 30, 60, 120)} == {4.0}


def test_whole_again_and_from_a_state_are_the_same():
    rng = np.random.default_rng(6)
    pictures = [rng.integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1) for _ in range(60)]
    rule = Rule(share=0.1)
    whole, half_way = FlashMeter(rule), FlashMeter(rule)
    counts = []
    for k, rgb in enumerate(pictures):
        light = to_light(to_cells(rgb))
        whole.forget(k / FPS)
        _, counted = whole.look(light, k / FPS)
        expected = whole.changes + sum(cells.astype(int) for _, cells in counted)
        whole.step(light, k / FPS)
        assert np.array_equal(whole.changes, expected)
        counts.append(whole.changes.copy())
        if k == 25:
            half_way.restore(whole.state())
        elif k > 25:
            half_way.step(light, k / FPS)
            assert np.array_equal(half_way.changes, counts[-1])
    assert max(count.max() for count in counts) > 6
