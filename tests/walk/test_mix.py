"""Style mixing and the gains of the groups."""

import numpy as np
import pytest

from bandwalk.walk import band_gains, layer_owners


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
