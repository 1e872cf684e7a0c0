"""Every row of the table over real sockets: set, clamped, refused, asked for."""

import math

import numpy as np
import pytest
from rows import EACH

from bandwalk.params import defaults

from .conftest import Server

NUMBERS = [row for row in EACH if row.type in "if"]


@pytest.fixture(scope="module")
def shared_server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(shared_server):
    """The module's server, its values at their defaults and nobody subscribed."""
    shared_server.clock.advance(60.0)  # longer than a subscription lasts
    shared_server.store.set_many(defaults())
    shared_server.counters.counts.clear()
    return shared_server


def other_value(row):
    """Return a good value that is not the default."""
    if row.type == "b":
        return not row.default
    if row.choices:
        return next(choice for choice in row.choices if choice != row.default)
    if row.type in "if":
        return row.lo if row.default != row.lo else row.hi
    texts = {"source": "live", "size": "640x360", "from": "lfo/saw/2", "to": "/walk/low/bump",
             "seeds": "3 17 42", "keyframes": "set/one", "direction": "red"}  # fmt: skip
    return texts.get(row.address.rpartition("/")[2], "0,2,4-6")


def test_a_row_is_set_and_told_in_its_own_type(server, open_peer):
    one, two = open_peer(), open_peer()
    two.ask("/subscribe", two.port)
    for row in EACH:
        value = row.parse(other_value(row))
        tag = {"b": "i"}.get(row.type, row.type)
        sent = {"i": int, "f": float, "s": str}[tag](value)
        assert one.ask(row.address, sent, tags=tag) == []
        assert server.store.values[row.address] == value
        assert type(server.store.values[row.address]) is type(value)
        wire = pytest.approx(sent) if tag == "f" else sent
        assert two.settle() == [(row.address, [wire])]
        ((address, (told,)),) = two.ask(row.address)
        assert (address, told) == (row.address, wire)
        assert type(told) is type(sent)


def test_a_number_at_an_end_of_its_range_is_taken_as_it_is(server, peer):
    for row in NUMBERS:
        for end in (row.lo, row.hi):
            assert peer.ask(row.address, row.parse(end), tags=row.type) == []
            assert server.store.values[row.address] == end


def test_a_number_beyond_its_range_is_clamped_and_its_sender_told(server, peer):
    for row in NUMBERS:
        for end, beyond in ((row.lo, row.lo - 10), (row.hi, row.hi + 1000)):
            server.clock.advance(1.0)
            told, (address, (about, reason)) = peer.ask(row.address, float(beyond), tags="d")
            assert told == (row.address, [pytest.approx(end)])
            assert (address, about) == ("/error", row.address)
            assert "clamped" in reason
            assert server.store.values[row.address] == end


def test_a_value_of_another_type_is_refused_and_reported(server, peer):
    before = server.store.snapshot()
    for row in EACH:
        for value, tag in [(math.nan, "f"), (b"blob", "b"), (None, "N"), ("no such thing!", "s")]:
            if row.address in ("/audio/source", "/style/name") and tag == "s":
                continue  # any text may be the name of a file
            server.clock.advance(1.0)
            ((address, (about, reason)),) = peer.ask(row.address, value, tags=tag)
            assert (address, about) == ("/error", row.address)
            assert row.address in reason
        assert server.store.snapshot() is before


def test_a_switch_takes_numbers_and_true_and_false(server, peer):
    for row in (row for row in EACH if row.type == "b"):
        for value, tag in [(1, "i"), (0, "i"), (1.0, "f"), (0.0, "f"), (True, "T"), (False, "F")]:
            assert peer.ask(row.address, value, tags=tag) == []
            assert server.store.values[row.address] is bool(value)
        server.clock.advance(1.0)
        ((address, _),) = peer.ask(row.address, 2, tags="i")
        assert address == "/error"


def test_a_number_is_taken_as_any_number_that_fits(server, peer):
    for row in NUMBERS:
        whole = math.ceil(row.lo)
        for value, tag in [(whole, "i"), (whole, "h"), (float(whole), "f"), (float(whole), "d")]:
            assert peer.ask(row.address, value, tags=tag) == []
            assert server.store.values[row.address] == whole


def test_the_present_value_sent_back_is_not_a_change(server, peer):
    for row in (row for row in EACH if row.type == "f"):
        ((_, (told,)),) = peer.ask(row.address)
        before = server.store.snapshot()
        assert peer.ask(row.address, float(np.float32(told)), tags="f") == []
        assert server.store.snapshot() is before
