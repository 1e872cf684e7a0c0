"""A recalled look glides in on audio time, while the store holds the final values."""

import numpy as np
import pytest

from bandwalk.control import Store
from bandwalk.params import rows_of
from bandwalk.pipeline.glide import Glider, Length, recall
from bandwalk.walk.blend import Blend
from bandwalk.walk.sphere import slerp

GAIN, PSI, KIND, SEED, ON = "/walk/low/gain", "/style/psi", "/walk/low/kind", "/style/seed", "/walk/low/enabled"
BAND, INVERT = "/style/noise_drive", "/color/invert"
SMILE, AGE = "/direction/smile/alpha", "/direction/age/alpha"


class Desk:
    """A store and its glider; steps of a quarter of a second, half a beat each."""

    def __init__(self):
        self.store, self.glider = Store({}), Glider()

    def recall(self, values, seconds=4.0):
        return recall(self.store, self.glider, values, since=self.store.mark, seconds=seconds)

    def step(self, seconds):
        for _ in range(round(seconds / 0.25)):
            self.glider.step(0.25, 0.5)

    @property
    def seen(self):
        return self.glider.at(self.store.values)


@pytest.fixture
def desk():
    return Desk()


def test_numbers_glide_and_all_else_switches_on_the_landing_but_for_the_walks(desk):
    desk.recall({GAIN: 3.0, BAND: "low", INVERT: True, SEED: 10, KIND: "orbit", ON: False})
    assert [desk.seen[a] for a in (GAIN, BAND, INVERT)] == [1.0, "none", False]
    assert [desk.seen[a] for a in (SEED, KIND, ON)] == [10, "orbit", False]  # the walks go over by themselves
    desk.step(1.0)
    assert desk.seen[GAIN] == pytest.approx(1.5)
    desk.step(2.75)
    assert [desk.seen[a] for a in (BAND, INVERT)] == ["none", False]
    desk.step(0.25)
    assert [desk.seen[a] for a in (GAIN, BAND, INVERT)] == [3.0, "low", True]
    assert desk.seen is desk.store.values


def test_controllers_are_told_where_a_glide_goes_once(desk):
    heard = []
    desk.store.listen(lambda *change: heard.append(change))
    desk.recall({GAIN: 3.0})
    desk.step(2.0)
    assert heard == [(GAIN, 3.0, None)]
    assert desk.store.values[GAIN] == 3.0


def test_a_value_set_meanwhile_ends_the_glide_of_its_address_alone(desk):
    desk.recall({GAIN: 3.0, PSI: 0.0})
    desk.step(2.0)
    desk.store.set(GAIN, 7.0, clamp=True)
    assert (desk.seen[GAIN], desk.seen[PSI]) == (7.0, 0.5)


def test_a_controller_that_writes_the_end_of_a_glide_back_does_not_cut_it_short(desk):
    desk.recall({GAIN: 3.0})
    desk.step(2.0)
    desk.store.set(GAIN, 3.0, clamp=True)
    assert desk.seen[GAIN] == 2.0


def test_a_second_recall_starts_from_where_the_first_has_come(desk):
    desk.recall({GAIN: 3.0})
    desk.step(2.0)
    desk.recall({GAIN: 6.0})
    assert desk.seen[GAIN] == pytest.approx(2.0)
    desk.step(2.0)
    assert desk.seen[GAIN] == pytest.approx(4.0)
    desk.step(2.0)
    assert desk.seen[GAIN] == 6.0


def test_a_recall_in_no_time_ends_a_glide_to_the_same_value(desk):
    desk.recall({GAIN: 3.0})
    desk.step(2.0)
    desk.recall({GAIN: 3.0}, 0.0)
    assert desk.seen[GAIN] == 3.0


def test_a_glide_goes_on_over_an_exchange_of_the_model_and_ends_with_its_row(desk):
    desk.store.bring(rows_of(["smile", "age"]))
    desk.recall({SMILE: 2.0, AGE: 4.0})
    desk.step(2.0)
    desk.store.bring(rows_of(["age"]))
    assert desk.seen[AGE] == 2.0
    assert SMILE not in desk.seen
    desk.store.bring(rows_of(["age", "smile"]))
    assert desk.seen[SMILE] == 0.0


def test_a_glide_in_beats_goes_as_fast_as_the_music(desk):
    change = lambda: desk.store.set(GAIN, 3.0, clamp=False)  # noqa: E731
    desk.glider.begin(desk.store.values, {GAIN: 3.0}, change, Length(4.0, is_in_beats=True))
    for beats in (1.0, 0.5, 2.0):
        desk.glider.step(0.01, beats)
    assert desk.seen[GAIN] == pytest.approx(1.0 + 2.0 * 3.5 / 4.0)
    desk.glider.step(0.01, 0.5)
    assert desk.seen[GAIN] == 3.0


def test_the_picture_of_an_earlier_moment_shows_what_was_then(desk):
    desk.recall({GAIN: 3.0})
    desk.step(1.0)
    desk.recall({GAIN: 7.0})
    assert desk.glider.at(desk.store.values, desk.glider.place - 0.1)[GAIN] == pytest.approx(1.5)


def _on_axes(*axes):
    return np.sqrt(8) * np.eye(8)[list(axes)]


def test_a_walk_that_becomes_another_one_goes_over_and_the_others_do_not():
    blend, z = Blend(), _on_axes(0, 1)
    shown = blend.step(0.25, [True, False], z, _on_axes(2, 3))
    assert np.allclose(shown[1], _on_axes(3))  # not another one: where it is
    assert np.allclose(shown[0], slerp(z[0], _on_axes(2)[0], 0.25))
    shown = blend.step(0.5, [False, False], shown, _on_axes(4, 3))  # it goes on meanwhile
    assert np.allclose(shown[0], slerp(z[0], _on_axes(4)[0], 0.5))
    assert np.linalg.norm(shown[0]) == pytest.approx(np.sqrt(8))
    landed = blend.step(1.0, [False, False], shown, _on_axes(4, 3))
    assert np.array_equal(landed, _on_axes(4, 3))


def test_without_a_glide_a_walk_jumps_as_its_seed_does():
    blend = Blend(3.0)
    assert np.array_equal(blend.step(3.0, [True], _on_axes(0), _on_axes(1)), _on_axes(1))


def test_a_walk_that_changes_twice_goes_over_from_where_it_was_shown():
    blend = Blend()
    shown = blend.step(0.5, [True], _on_axes(0), _on_axes(1))
    again = blend.step(0.75, [True], shown, _on_axes(2))
    assert np.allclose(again, slerp(shown[0], _on_axes(2)[0], 0.5))


def test_the_arc_is_walked_evenly():
    a, b = _on_axes(0, 1)
    assert slerp(a, b, 0.0) is a
    assert slerp(a, b, 1.0) is b
    for share in (0.25, 0.5):
        angle = share * np.pi / 2
        assert np.allclose(slerp(a, b, share), np.cos(angle) * a + np.sin(angle) * b)
    assert np.isfinite(slerp(a, -a, 0.5)).all()
    assert np.allclose(slerp(a, a, 0.5), a)
