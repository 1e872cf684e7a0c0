"""Style mixing and the gains of the groups."""

import numpy as np
import pytest

from bandwalk.walk import NO_BAND, band_gains, layer_owners, mix_by_drivers


def test_each_style_belongs_to_its_band():
    owners = layer_owners(["coarse", "fine", "middle"], 14)
    assert owners.tolist() == [0, 0, 0, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1]


def test_a_later_band_wins_and_an_unclaimed_style_keeps_the_start():
    assert layer_owners(["0-5", "2-3", "none"], 8).tolist() == [0, 0, 1, 1, 0, 0, 3, 3]


@pytest.mark.parametrize("num_ws", [4, 10, 14, 16, 18])
def test_any_number_of_styles_works(num_ws):
    owners = layer_owners(["coarse", "fine", "middle"], num_ws)
    assert len(owners) == num_ws
    assert set(owners) <= {0, 1, 2}


def test_a_band_on_one_group_has_the_groups_gain():
    owners = layer_owners(["coarse", "fine", "middle"], 14)
    assert band_gains(owners, (0.4, 0.7, 2.0), 3) == pytest.approx((0.4, 2.0, 0.7))


def test_a_band_on_all_groups_moves_by_all_of_them_and_a_band_on_none_has_gain_one():
    owners = layer_owners(["0-", "none", "none"], 14)
    expected = 1 / np.sqrt(1 / 0.4**2 + 1 / 0.7**2 + 1 / 2.0**2)
    assert band_gains(owners, (0.4, 0.7, 2.0), 3) == pytest.approx((expected, 1.0, 1.0))


def test_a_model_without_fine_styles_has_gains_all_the_same():
    owners = layer_owners(["coarse", "fine", "middle"], 4)
    assert band_gains(owners, (0.5, 1.0, 1.0), 3) == pytest.approx((0.5, 1.0, np.sqrt(1.0)))


LAYERS = ["coarse", "fine", "middle"]


@pytest.mark.parametrize(
    ("num_ws", "channels"),
    [
        (4, [0, 1, 2, 3]),
        (10, list(range(10))),
        (14, list(range(14))),
        (16, list(range(16))),
        (18, [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 14, 15]),
    ],
)
def test_channels_are_given_out_in_their_order_and_the_least_moving_are_dropped(num_ws, channels):
    mix = mix_by_drivers(LAYERS, num_ws, (1.0, 1.0, 1.0))
    assert list(mix.drivers) == channels
    assert mix.owners.tolist() == list(range(num_ws))  # a walk for each


def test_a_style_follows_its_band_s_values_with_its_gain_and_rests_without_one():
    gains = (0.4, 0.7, 2.0)
    mix = mix_by_drivers(["0-2", "none", "2-3"], 6, gains)
    assert mix.bands == (0, 0, 2, 2, NO_BAND, NO_BAND)
    assert mix.owners.tolist() == [0, 1, 2, 3, 6, 6]  # the start comes last
    by_band = band_gains(layer_owners(["0-2", "none", "2-3"], 6), gains, 3)
    assert mix.gains == pytest.approx((by_band[0],) * 2 + (by_band[2],) * 2 + (1.0,) * 2)
