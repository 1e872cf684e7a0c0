"""Bytes through mido's own parser become events: 7 and 14 bit, NRPN, keys and pitch bend, in any mixture."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mido.parser import Parser

from bandwalk.control.midi.messages import KINDS, MAX_RAW, Control, Decoder, Event, to_position, to_raw
from bandwalk.errors import ParameterError

DEVICE = "Pult"


def decode(data):
    """[(name, raw)] of the events of some bytes."""
    decoder = Decoder(DEVICE)
    events = [event for message in Parser(bytes(data)) for event in decoder.hear(message)]
    assert all(event.control.device == DEVICE for event in events)
    return [(event.control.name, event.raw) for event in events]


@pytest.mark.parametrize(
    ("data", "events"),
    [
        ([0xB0, 21, 64], [("1/cc/21", 64)]),  # a knob
        ([0xBF, 127, 127], [("16/cc/127", 127)]),  # the last controller of the last channel
        ([0x99, 36, 100], [("10/note/36", 100)]),  # a pad
        ([0x99, 36, 0], [("10/note/36", 0)]),  # let go, as note on without velocity
        ([0x89, 36, 64], [("10/note/36", 0)]),  # let go
        ([0xE0, 0, 64], [("1/bend", 8192)]),  # the wheel in its middle
        ([0xE0, 127, 127], [("1/bend", 16383)]),
        ([0xB0, 7, 100, 0xB0, 39, 5], [("1/cc/7", 100), ("1/cc/39", 5), ("1/cc14/7", 100 << 7 | 5)]),  # upper, lower
        ([0xB0, 99, 9, 0xB0, 98, 82, 0xB0, 6, 3, 0xB0, 38, 4], [("1/nrpn/1234", 3 << 7 | 4)]),  # parameter, data
        ([0xB0, 101, 0, 0xB0, 100, 0, 0xB0, 6, 3], [("1/cc/6", 3)]),  # a registered parameter is none of ours
        ([0xD0, 5, 0xC0, 3, 0xF8, 0xFE], []),  # pressure, program, clock, sensing
    ],
)
def test_known_bytes(data, events):
    assert decode(data) == events


def test_a_device_that_sends_the_upper_half_alone_reaches_both_ends_and_the_middle():
    data = [byte for upper in (5, 0, 64, 127) for byte in (0xB0, 99, 0, 0xB0, 98, 1, 0xB0, 6, upper)]
    assert decode(data) == [("1/nrpn/1", 0), ("1/nrpn/1", 8192), ("1/nrpn/1", 16383)]


def test_a_device_that_sends_only_the_half_that_changes():
    data = [0xB0, 1, 10, 0xB0, 33, 20, 0xB0, 33, 21, 0xB0, 33, 22, 0xB0, 1, 11, 0xB0, 33, 0]
    fine = [raw for name, raw in decode(data) if name == "1/cc14/1"]
    assert fine == [10 << 7 | 20, 10 << 7 | 21, 10 << 7 | 22, 11 << 7]


PAIRS = st.tuples(st.integers(1, 4), st.integers(0, 31), st.booleans(), st.lists(st.integers(0, 16383), max_size=8))
"""(channel, controller, lower half first, the numbers that it sends)."""


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(PAIRS, max_size=5, unique_by=lambda pair: pair[:2]), data=st.data())
def test_pairs_in_either_order_in_any_mixture_give_each_number_once_and_no_other(pairs, data):
    streams = []
    for channel, number, is_lower_first, numbers in pairs:
        halves = []
        for raw in numbers:
            both = [[0xAF + channel, number, raw >> 7], [0xAF + channel, number + 32, raw & 127]]
            halves += reversed(both) if is_lower_first else both
        streams.append(halves)
    keys = data.draw(st.lists(st.tuples(st.integers(0, 127), st.integers(1, 127)), max_size=5))
    streams.append([[0x90, *key] for key in keys])
    streams.append([[0xF8]] * data.draw(st.integers(0, 5)))  # clock
    sent = []
    while any(streams):
        stream = data.draw(st.sampled_from([stream for stream in streams if stream]))
        sent += stream.pop(0)
    events = decode(sent)
    for channel, number, _, numbers in pairs:
        assert [raw for name, raw in events if name == f"{channel}/cc14/{number}"] == numbers
    assert [(name, raw) for name, raw in events if "note" in name] == [(f"1/note/{n}", v) for n, v in keys]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_only_events_within_their_range(data):
    decoder = Decoder(DEVICE)
    for message in Parser(data):
        for event in decoder.hear(message):
            assert 0 <= event.raw <= MAX_RAW[event.control.kind]
            assert 0.0 <= event.position <= 1.0
            assert event.control.number < KINDS[event.control.kind]
            assert Control.parse(DEVICE, event.control.name) == event.control


@pytest.mark.parametrize("most", [127, 16383])
def test_a_position_comes_back_as_its_number_and_the_notch_is_the_exact_middle(most):
    assert [to_raw(to_position(raw, most), most) for raw in range(most + 1)] == list(range(most + 1))
    assert (to_position(0, most), to_position((most + 1) // 2, most), to_position(most, most)) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    "name", ["0/cc/1", "17/cc/1", "1/cc/128", "1/cc14/32", "1/knob/1", "1/bend/0", "1/cc", "", "1"]
)
def test_a_name_that_is_no_control_is_refused(name):
    with pytest.raises(ParameterError, match="expected CHANNEL/KIND/NUMBER"):
        Control.parse(DEVICE, name)


def test_an_event_knows_whether_it_is_down():
    knob, key = Control(DEVICE, 1, "cc", 1), Control(DEVICE, 1, "note", 1)
    assert [Event(knob, raw).is_down for raw in (0, 63, 64, 127)] == [False, False, True, True]
    assert [Event(key, raw).is_down for raw in (0, 1, 127)] == [False, True, True]
