"""What routes say: movers over their ranges, curves, lags, rises that are counted, and oscillators in beats."""

from dataclasses import replace

import pytest

from bandwalk.params.movers import SHAPES, parse_mover
from bandwalk.params.routes import N_ROUTES, ROUTE_CURVES
from bandwalk.params.signals import RANGES
from bandwalk.records import Beat
from bandwalk.walk import Routes, RouteValues
from bandwalk.walk.routes import CURVES, Inputs, oscillate
from bandwalk.walk.track import silence

PLAIN = RouteValues(parse_mover("osc/x"), "linear", 0.0, 0.0, is_trigger=False, target="/style/psi")


def follow(xs, values=PLAIN, dt_s=0.01, routes=None):
    """Return what a route says while its control goes through xs."""
    routes = routes or Routes(dt_s)
    wanted = (None, values, *[None] * (N_ROUTES - 2))
    return [routes.step(wanted, silence(), {"osc/x": x}, 1.0)[1] for x in xs]


@pytest.mark.parametrize("name", RANGES)
def test_every_signal_is_read_over_its_range(name):
    lo, hi = RANGES[name]
    least = -1.0 if lo == -hi else 0.0
    for number, expected in ((lo, least), (hi, 1.0), ((lo + hi) / 2, (least + 1) / 2), (hi + 9, 1.0), (lo - 9, least)):
        heard = Inputs({name: number}, 0.0, {}, 1.0)
        assert heard.read(parse_mover(name), 0) == pytest.approx(expected)
    assert Inputs({name: hi}, 0.0, {}, 0.25).read(parse_mover(name), 0) == pytest.approx(0.25)  # intensity
    assert Inputs({name: hi}, 0.0, {}, 0.0).read(parse_mover(name), 0) == 0.0


def test_only_what_is_heard_follows_the_intensity():
    for name, beats in (("osc/x", 0.0), ("lfo/saw", 0.75)):
        assert Inputs({}, beats, {"osc/x": 0.75}, 0.0).read(parse_mover(name), 0) == 0.75
    assert Inputs({}, 0.0, {}, 1.0).read(parse_mover("midi/1/cc/21"), 0) == 0.0


@pytest.mark.parametrize("curve", ROUTE_CURVES)
def test_every_curve_keeps_0_and_both_ends(curve):
    assert CURVES.keys() == set(ROUTE_CURVES)
    assert [CURVES[curve](x) for x in (-1.0, 0.0, 1.0)] == [-1.0, 0.0, 1.0]
    expected = {"linear": (0.3, -0.6), "square": (0.09, -0.36), "root": (0.3**0.5, -(0.6**0.5)), "steps": (0.25, -0.5)}
    assert follow([0.3], replace(PLAIN, curve=curve)) == pytest.approx([expected[curve][0]])
    assert CURVES[curve](-0.6) == pytest.approx(expected[curve][1])


@pytest.mark.parametrize("dt_s", [0.0025, 0.01, 0.04])
def test_attack_and_release_are_time_constants_at_any_step_rate(dt_s):
    values = replace(PLAIN, attack_s=0.2, release_s=0.4)
    routes, n = Routes(dt_s), round(0.2 / dt_s)
    up = follow([1.0] * n, values, routes=routes)
    assert up[-1] == pytest.approx(0.6321, abs=1e-3)
    assert follow([0.0] * 2 * n, values, routes=routes)[-1] == pytest.approx(0.6321 * 0.3679, abs=1e-3)
    assert follow([0.0, 0.7, 0.2]) == [0.0, 0.7, 0.2]  # without them: at once


def test_a_trigger_counts_each_rise_past_a_half_once():
    values = replace(PLAIN, is_trigger=True)
    assert follow([0.0, 0.49, 0.5, 0.9, 0.51, 0.2, 0.6, 0.0], values) == [0, 0, 1, 1, 1, 1, 2, 2]
    routes = Routes(0.01)
    risen = [(follow([x], replace(PLAIN), routes=routes), routes.risen)[1] for x in (0.2, 0.7, 0.8, 0.1, 0.9)]
    assert risen == [(), (1,), (), (), (1,)]


@pytest.mark.parametrize(
    "change", [{"target": "/style/noise"}, {"mover": parse_mover("osc/y")}, {"is_trigger": False}], ids=str
)
def test_a_route_to_something_else_begins_anew_and_other_changes_go_on(change):
    values, routes = replace(PLAIN, is_trigger=True, release_s=9.0), Routes(0.01)
    follow([1.0, 0.0], values, routes=routes)
    assert follow([0.0], replace(values, curve="root"), routes=routes) == [1.0]
    assert follow([0.0], replace(values, **change), routes=routes) == [0.0]


def test_an_unused_slot_says_0_and_forgets():
    routes = Routes(0.01)
    follow([1.0], replace(PLAIN, release_s=9.0), routes=routes)
    assert routes.step((None,) * N_ROUTES, silence(), {}, 1.0) == (0.0,) * N_ROUTES
    assert follow([0.0], replace(PLAIN, release_s=9.0), routes=routes) == [0.0]


def test_oscillators_turn_with_the_beat():
    table = {"sine": (0.0, 0.5, 1.0, 0.5), "saw": (0.0, 0.25, 0.5, 0.75), "square": (1.0, 1.0, 0.0, 0.0)}
    for shape, expected in table.items():
        mover = parse_mover(f"lfo/{shape}/4")
        assert [oscillate(mover, beats, 0) for beats in (0, 1, 2, 3)] == pytest.approx(expected)
        assert [oscillate(mover, beats, 0) for beats in (40, 41, 42, 43)] == pytest.approx(expected)
    assert {*table, "random"} == set(SHAPES)
    routes, wanted = Routes(0.01), (replace(PLAIN, mover=parse_mover("lfo/saw")), *[None] * (N_ROUTES - 1))
    told = [routes.step(wanted, replace(silence(), beat=Beat(beats=b)), {}, 1.0)[0] for b in (7.25, 7.5)]
    assert told == [0.25, 0.5]


def test_chance_is_even_holds_for_a_turn_and_is_the_same_again():
    mover = parse_mover("lfo/random/2")
    turns = [oscillate(mover, 2.0 * k, 3) for k in range(4000)]
    assert turns == [oscillate(mover, 2.0 * k + 1.9, 3) for k in range(4000)]
    assert 0.0 <= min(turns) < 0.01 < 0.99 < max(turns) < 1.0
    assert sum(turns) / 4000 == pytest.approx(0.5, abs=0.02)
    assert len(set(turns)) == 4000
    assert turns[:9] != [oscillate(mover, 2.0 * k, 4) for k in range(9)]  # another slot
