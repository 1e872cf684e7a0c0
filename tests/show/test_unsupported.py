"""What a model cannot do is reported once, to the controller that asked."""

from pathlib import Path

import pytest

from bandwalk.generator import load
from bandwalk.params import defaults
from bandwalk.show.unsupported import UnsupportedValues

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def told():
    return []


@pytest.fixture
def unsupported(told):
    return UnsupportedValues(lambda *message: told.append(message))


def test_styles_past_the_last_are_told_of_walks_and_of_bends_that_are_on(unsupported, told):
    G = load("builtin", size=64)
    values = defaults() | {"/mix/low/layers": "0-2,12-20", "/bend/a/layers": "30", "/bend/b/layers": "40"}
    unsupported.report(G, values | {"/bend/b/kind": "scale"}, "me")
    assert [(origin, address) for origin, address, _ in told] == [("me", "/mix/low/layers"), ("me", "/bend/b/layers")]
    assert told[0][2] == "/mix/low/layers = 0-2,12-20: builtin has styles 0-13; 14 and up are ignored"


def test_a_model_without_noise_says_that_none_drifts(unsupported, told):
    values = defaults() | {"/style/noise_drive": "low"}
    unsupported.report(load("builtin", size=64), values, None)
    assert not told
    unsupported.report(load(DATA / "c1_sg3t.pkl"), values, None)
    assert [reason for _, _, reason in told] == [
        "/style/noise_drive = low: c1_sg3t has no synthesis noise that could drift"
    ]


def test_each_misfit_is_told_once_until_it_is_gone(unsupported, told):
    G = load("builtin", size=64)
    wrong = defaults() | {"/mix/low/layers": "20"}
    for values in (wrong, wrong, defaults(), wrong):
        unsupported.report(G, values, None)
    assert len(told) == 2
    assert UnsupportedValues.concerns("/mix/low/layers")
    assert not UnsupportedValues.concerns("/out/size")


def test_a_class_that_a_model_lacks_is_said(unsupported, told):
    G = load(DATA / "a2_sg2ada_cond5.pkl")
    unsupported.report(G, defaults() | {"/style/class": 4, "/style/class_b": 9}, None)
    assert not told
    unsupported.report(G, defaults() | {"/style/class": 5, "/style/class_b": 9, "/style/class_mix": 0.5}, None)
    unsupported.report(load("builtin", size=64), defaults() | {"/style/class": 1}, None)
    assert [reason for _, _, reason in told] == [
        "/style/class = 5: a2_sg2ada_cond5 has classes 0-4; the last is drawn",
        "/style/class_b = 9: a2_sg2ada_cond5 has classes 0-4; the last is drawn",
        "/style/class = 1: builtin has no classes",
    ]


def test_a_route_to_a_direction_that_a_model_lacks_is_said(unsupported, told):
    G, values = load("builtin", size=64), defaults() | {"/route/2/to": "/direction/smile/alpha"}
    unsupported.report(G, values | {"/direction/smile/alpha": 0.0}, None)
    assert not told
    unsupported.report(G, values, "me")
    reason = "/route/2/to = /direction/smile/alpha: builtin has no such direction; nothing is moved"
    assert told == [("me", "/route/2/to", reason)]
    assert UnsupportedValues.concerns("/route/2/to")
