"""Address patterns as OSC 1.0 describes them, against regular expressions written here."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.control.patterns import MAX_PATTERN, expand, is_pattern
from bandwalk.errors import ParameterError

ADDRESSES = ("/walk/low/gain", "/walk/mid/gain", "/walk/high/gain", "/walk/low/reset", "/out/fps", "/out/fit", "/x")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/walk/*/gain", ADDRESSES[:3]),
        ("/walk/{low,high}/gain", ("/walk/low/gain", "/walk/high/gain")),
        ("/walk/???/gain", ("/walk/low/gain", "/walk/mid/gain")),
        ("/walk/[lm]*/gain", ("/walk/low/gain", "/walk/mid/gain")),
        ("/walk/[a-l]*/gain", ("/walk/low/gain", "/walk/high/gain")),
        ("/walk/[!h]*/gain", ("/walk/low/gain", "/walk/mid/gain")),
        ("/walk/[!a-l]*/gain", ("/walk/mid/gain",)),
        ("/out/f[-pi]*", ("/out/fps", "/out/fit")),
        ("/*/f*", ("/out/fps", "/out/fit")),
        ("/out/{f,fi}{t,ps}", ("/out/fps", "/out/fit")),
        ("/out/{,f}{,p}*s", ("/out/fps",)),
        ("/*", ("/x",)),
        ("/**", ("/x",)),
        ("/*/*/*", ADDRESSES[:4]),
        ("/walk*gain", ()),
        ("/walk?low?gain", ()),
        ("/walk[!a]low/gain", ()),
        ("/walk/*", ()),
        ("/*/", ()),
        ("/out/fps*", ("/out/fps",)),
        ("/out/fps?", ()),
    ],
)
def test_a_pattern_matches_what_the_specification_says(pattern, found):
    assert is_pattern(pattern)
    assert expand(pattern, ADDRESSES) == found


def test_a_plain_address_is_no_pattern():
    assert not any(map(is_pattern, ADDRESSES))


@pytest.mark.parametrize(
    "pattern", ["/[a", "/a]", "/{a", "/a}", "/{a{b}}", "/[a*]", "/{[a]}", "/*" + "a" * MAX_PATTERN]
)
def test_a_pattern_without_sense_is_refused(pattern):
    with pytest.raises(ParameterError, match="pattern"):
        expand(pattern, ADDRESSES)


PIECES = {"*": "[^/]*", "?": "[^/]", "[ab]": "[ab]", "[!a]": "[^/a]", "{a,b/}": "(a|b/)", "a": "a", "b": "b", "/": "/"}


@given(st.lists(st.sampled_from(sorted(PIECES)), max_size=8), st.text("ab/", max_size=8))
def test_any_pattern_matches_as_the_regular_expression_of_the_same_meaning(pieces, address):
    pattern = "".join(pieces)
    expected = re.fullmatch("".join(PIECES[piece] for piece in pieces), address)
    assert bool(expand(pattern, (address,))) == bool(expected)


@pytest.mark.parametrize("piece", ["*a", "*?", "*{,a}", "*[!b]", "{a,aa,aaa}", "{,a}{,a}"])
def test_a_hostile_pattern_costs_milliseconds(piece):
    pattern = (piece * MAX_PATTERN)[: MAX_PATTERN - MAX_PATTERN % len(piece)]
    began = time.process_time()
    expand(pattern, tuple("a" * 40 + "b" for _ in range(60)) + ADDRESSES)
    assert time.process_time() - began < 5.0  # a backtracking matcher takes years
