"""Routes: their notation, the files of them, and what becomes of a number on the way."""

import contextlib
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.control.route import CURVES, MAX_FILE, NAMES, Route, open_routes, parse_route, read_routes
from bandwalk.errors import ParameterError
from bandwalk.params.signals import FEATURES

RESOLUME = Path(__file__).parents[2] / "clients" / "resolume"
HERE = ("127.0.0.1", 7000)


def test_every_feature_that_is_sent_can_be_routed_and_no_other():
    assert {f"/feature/{name}" for name in NAMES} == {row.address for row in FEATURES}


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("low/level=/a", Route("low/level", "/a", 0, 1)),
        ("low/change=/a", Route("low/change", "/a", -1, 1)),
        ("/feature/mid/rms=/a/b:0..4", Route("mid/rms", "/a/b", 0, 4)),
        ("high/onset=/a-b/c_1.x:root", Route("high/onset", "/a-b/c_1.x", 0, 1, "root")),
        ("rms=/a:1..-.5:log@127.0.0.1:7000", Route("rms", "/a", 1, -0.5, "log", HERE)),
        ("time=/a@[::1]:7000", Route("time", "/a", 0, 0, "linear", ("::1", 7000))),
        (" low/level = /a : 1e2 .. +3 : exp @ :7000", Route("low/level", "/a", 100, 3, "exp", HERE)),
    ],
)
def test_a_route_is_read_as_written(text, route):
    assert parse_route(text) == route


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected FEATURE=ADDRESS"),
        ("low/level", "expected FEATURE=ADDRESS"),
        ("bass=/a", "expected a feature: low/level, "),
        ("low/level=a", "expected an OSC address"),
        ("low/level=/", "expected an OSC address"),
        ("low/level=/a//b", "expected an OSC address"),
        ("low/level=/a*", "expected an OSC address"),
        ("low/level=/a b", "expected an OSC address"),
        ("low/level=/ä", "expected an OSC address"),
        ("low/level=/a\0", "expected an OSC address"),
        ("low/level=/a:cube", "expected after the address a range LO..HI, a curve (linear, "),
        ("low/level=/a:square:0..1", "expected after the address a range"),
        ("low/level=/a:0..1:square:root", "expected after the address a range"),
        ("low/level=/a:0..nan", "expected after the address a range"),
        ("low/level=/a:0..1e999", "expected a range within"),
        ("low/level=/a@7000x", "expected HOST:PORT after @"),
        ("low/level=/a@here:0", "expected HOST:PORT after @"),
        ("time=/a:0..1", "expected no range and no curve for the time"),
        ("low/level=/" + "a" * 1000, "expected FEATURE=ADDRESS"),
    ],
)
def test_what_is_no_route_is_refused_in_words(text, complaint):
    with pytest.raises(ParameterError, match=rf"^--osc-map = .*: .*{re.escape(complaint)}"):
        parse_route(text)


@given(st.text(max_size=60))
def test_any_text_is_a_route_or_refused(text):
    for whole in (text, f"low/level={text}", f"low/level=/a:{text}", f"low/level=/a@{text}"):
        with contextlib.suppress(ParameterError):
            assert parse_route(whole).feature in NAMES


@pytest.mark.parametrize("curve", CURVES)
def test_every_curve_rises_from_0_to_1(curve):
    bend = CURVES[curve]
    points = [bend(x / 100) for x in range(101)]
    assert (points[0], points[-1]) == (0, pytest.approx(1))
    assert points == sorted(points)


@pytest.mark.parametrize(
    ("text", "number", "sent"),
    [
        ("low/level=/a:0..8", 0.25, 2.0),
        ("low/level=/a:1..0", 0.25, 0.75),
        ("low/level=/a:0..8:square", 0.5, 2.0),
        ("low/level=/a:0..8:root", 0.25, 4.0),
        ("low/level=/a:0..1:log", 0.5, math.log10(5.5)),
        ("low/level=/a:0..1:exp", 0.5, (math.sqrt(10) - 1) / 9),
        ("low/change=/a", -0.5, -0.5),
        ("low/change=/a:0..1", -1.0, 0.0),
        ("low/rms=/a:0..2", 1.5, 2.0),  # louder than full scale: kept in the range
        ("time=/a", 123.5, 123.5),
    ],
)
def test_a_value_lands_where_range_and_curve_say(text, number, sent):
    value = parse_route(text).value_of(number)
    assert (type(value), value) == (float, pytest.approx(sent))


@pytest.mark.parametrize(("ends", "pressed"), [("", 1), (":0..7", 7), (":1..0", 0), (":0..0.5", 0.5)])
def test_a_button_sends_whole_numbers_unless_its_range_has_fractions(ends, pressed):
    value = parse_route(f"low/onset=/a{ends}").value_of(1)
    assert (type(value), value) == (type(pressed), pressed)


def test_a_file_has_one_route_a_line_and_says_where_they_go(tmp_path):
    path = tmp_path / "a.map"
    path.write_text("# first\nrms=/a\n\n@127.0.0.1:7000  # then\n rms = /b\nrms=/c@127.0.0.1:7001\n")
    assert [(route.address, route.target) for route in read_routes(path)] == [
        ("/a", None),
        ("/b", HERE),
        ("/c", ("127.0.0.1", 7001)),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"rms=/a\nbass=/b\n", r"line 2: bass=/b: expected a feature"),
        (b"@nowhere\n", r"line 1: @nowhere: expected HOST:PORT"),
        (b"\xff\xfe", "expected a text file of routes"),
        (b"#" * (MAX_FILE + 1), "more than 65536 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(content, complaint, tmp_path):
    path = tmp_path / "a.map"
    path.write_bytes(content)
    with pytest.raises(ParameterError, match=complaint):
        read_routes(path)


def test_a_missing_file_and_too_many_routes_are_refused():
    with pytest.raises(ParameterError, match=r"--osc-map-file = no/such\.map: No such file"):
        open_routes((), "no/such.map")
    with pytest.raises(ParameterError, match="129 routes; expected at most 128"):
        open_routes(("rms=/a",) * 129, "")


def test_the_file_for_resolume_is_one_that_we_read():
    routes = open_routes((), str(RESOLUME / "resolume.map"))
    assert len(routes) >= 5
    assert {route.target for route in routes} == {HERE}
    assert all(route.address.startswith("/composition/") for route in routes)


def test_every_route_of_the_page_is_one_that_we_read():
    page = (RESOLUME / "README.md").read_text()
    routes = re.findall(r"--osc-map (\S+)", page)
    assert len(routes) == 3
    for text in routes:
        parse_route(text)
    assert all(f"`{curve}`" in page for curve in CURVES)
