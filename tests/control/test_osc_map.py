"""What goes along the routes, step by step."""

import pytest
from pythonosc.osc_message import OscMessage

from bandwalk.control.osc_map import OscMap
from bandwalk.control.route import NAMES, parse_route


def run(osc_map, steps, **numbers):
    """What is sent in each of some steps of 10 ms: [(step, address, number)]; numbers are lists, one a step."""
    sent = []
    for step in range(steps):
        heard = dict.fromkeys(NAMES, 0.0) | {name.replace("_", "/"): row[step] for name, row in numbers.items()}
        for route, packet in osc_map.packets(heard, (step + 1) / 100):
            message = OscMessage(packet)
            assert route.address == message.address
            sent.append((step, message.address, *message.params))
    return sent


def one(text, **kwargs):
    return OscMap([parse_route(text)], **kwargs)


def test_a_value_goes_out_each_step():
    sent = run(one("low/level=/a:0..4"), 3, low_level=[0.0, 0.5, 1.0])
    assert sent == [(0, "/a", 0.0), (1, "/a", 2.0), (2, "/a", 4.0)]


@pytest.mark.parametrize(("rate", "expected"), [(50, 50), (30, 30), (100, 100), (400, 100), (1, 1)])
def test_the_rate_bounds_the_values_of_a_second(rate, expected):
    sent = run(one("rms=/a", rate=rate), 400, rms=[0.5] * 400)
    assert len([step for step, *_ in sent if 100 <= step < 300]) == 2 * expected


def test_a_hit_is_pressed_and_let_go_and_never_delayed_by_the_rate():
    hits = [0, 1, 0, 0, 1, 1, 0, 0]
    sent = run(one("low/onset=/hit", rate=1), 8, low_onset=hits)
    assert sent == [(1, "/hit", 1), (2, "/hit", 0), (4, "/hit", 1), (5, "/hit", 1), (6, "/hit", 0)]


def test_routes_are_sent_in_order_and_one_feature_may_go_along_several():
    routes = [parse_route(text) for text in ("low/onset=/a", "rms=/b", "low/onset=/c:0..9", "rms=/d:0..2")]
    assert run(OscMap(routes), 1, low_onset=[1], rms=[0.5]) == [
        (0, "/a", 1),
        (0, "/b", 0.5),
        (0, "/c", 9),
        (0, "/d", 1.0),
    ]


def test_an_audio_time_that_begins_again_does_not_stop_the_values():
    osc_map = one("rms=/a", rate=10)
    numbers = dict.fromkeys(NAMES, 0.0)
    assert [bool(list(osc_map.packets(numbers, t_s))) for t_s in (5.0, 5.01, 0.01, 0.02)] == [True, False, True, False]
