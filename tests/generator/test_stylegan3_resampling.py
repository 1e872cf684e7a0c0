"""The filters of StyleGAN3, in both their forms, against the plain ones."""

import pytest
import torch
from scipy.signal import firwin

from bandwalk.generator.stylegan3.phases import PhasedUp
from bandwalk.generator.stylegan3.reference import _sample_down, _sample_up
from bandwalk.generator.stylegan3.resampling import Down, Up, round_taps
from bandwalk.generator.stylegan3.weights import Resampling

CHANNELS, SIZE = 3, 9
PADDINGS = [(4, 3, 4, 3), (0, 0, 0, 0), (11, 10, 11, 10), (-3, -2, 5, 1), (6, -4, -1, 8)]


def draw(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


def filters(factor, count):
    """Return the same kind of filter for each axis in turn, and for both at once."""
    return [Resampling(factor, draw(count) / count), Resampling(factor, draw(count, count) / count**2)]


def interleave(phases, height, width):
    """Put rows in turn, and leave out those beyond."""
    rows = torch.stack(phases, dim=3).flatten(2, 3)
    return rows[:, :, :height, :width]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize(("factor", "count"), [(1, 1), (1, 4), (2, 1), (2, 5), (2, 6), (3, 7), (4, 3), (4, 12)])
def test_both_ways_up_draw_what_the_plain_one_does(factor, count, padding):
    x, gain = draw(1, CHANNELS, SIZE, SIZE), torch.tensor([1.0, -2.0, 0.5])
    for up in filters(factor, count):
        expected = _sample_up(x * gain[:, None, None], up, padding)
        transposed = Up(up, padding, size=(SIZE, SIZE), channels=CHANNELS)
        phased = PhasedUp(up, padding, size=(SIZE, SIZE), channels=CHANNELS, dtype=torch.float32)
        for way in (transposed, phased):
            assert (way.height, way.width) == expected.shape[2:]
            drawn = interleave(way(channels_last(x), gain), way.height, way.width)
            torch.testing.assert_close(drawn, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("factor", "count"), [(1, 1), (2, 6), (2, 7), (3, 4), (4, 1)])
def test_the_way_down_draws_what_the_plain_one_does(factor, count):
    x, gain = draw(1, CHANNELS, 17, 14), torch.tensor([1.0, -2.0, 0.5])
    for down in filters(factor, count):
        drawn = Down(down, channels=CHANNELS, dtype=torch.float32)(channels_last(x), gain)
        torch.testing.assert_close(drawn, _sample_down(x, down) * gain[:, None, None], rtol=0, atol=1e-5)


def test_no_sample_is_drawn_beyond_the_reach():
    x, gain = torch.ones(1, 1, SIZE, SIZE).sub_(2.0 * (torch.arange(SIZE) % 2)), torch.ones(1)
    for up in filters(2, 6):
        for way in (
            Up(up, PADDINGS[0], size=(SIZE, SIZE), channels=1),
            PhasedUp(up, PADDINGS[0], size=(SIZE, SIZE), channels=1, dtype=torch.float32),
        ):
            assert max(float(y.abs().max()) for y in way(channels_last(x), gain)) <= way.reach * (1.0 + 1e-6)


def test_rounded_taps_keep_their_sum():
    gains = torch.linspace(0.5, 3.0, 200)[:, None, None, None]
    taps = gains * torch.from_numpy(firwin(12, 0.4, window=("kaiser", 4.0))).float()[:, None]
    kept, rounded = (
        (short.float() - taps).sum(dim=2).abs() for short in (round_taps(taps, torch.bfloat16), taps.to(torch.bfloat16))
    )
    assert kept.mean() < 0.1 * rounded.mean()
