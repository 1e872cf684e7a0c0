"""The pickle machine makes of plain data what Python's own unpickler makes, and of nothing else anything."""

import contextlib
import io
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwalk.errors import CheckpointError
from bandwalk.generator.reading.bounded_file import BoundedFile, ByteRange
from bandwalk.generator.reading.pickle_machine import Budget
from bandwalk.generator.reading.plain import to_list
from bandwalk.generator.reading.unpickle import unpickle

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**500), 2**500),
    st.floats(allow_nan=False),
    st.text(max_size=40),
    st.binary(min_size=1, max_size=200),
)
KEYS = st.one_of(st.text(max_size=20), st.integers(-(2**59), 2**59))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=6), st.lists(inner, max_size=6).map(tuple), st.dictionaries(KEYS, inner, max_size=6)
    ),
    max_leaves=40,
)


def load(data, names=None, steps=100_000):
    view = BoundedFile(io.BytesIO(data), 0, len(data))
    return unpickle(view, names or {}, budget=Budget(len(data), steps))


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from([0, 1, 3, 4, 5]))
def test_plain_data_come_out_as_they_went_in(value, protocol):
    names = {"_codecs.encode": lambda text, encoding: text.encode(encoding)}  # how 0 and 1 write bytes
    assert load(pickle.dumps(value, protocol), names) == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_data_or_refused(data):
    with contextlib.suppress(CheckpointError):  # nothing else comes out
        load(b"\x80\x04" + data)


def test_values_that_hold_themselves_are_read():
    items = []
    items.append(items)
    found = load(pickle.dumps(items))
    assert found[0] is found
    held = ([],)
    held[0].append(held)
    found = load(pickle.dumps(held))
    assert found[0][0] is found


def test_long_texts_and_bytes_stay_in_the_file():
    data = pickle.dumps(["x" * 1000, b"y" * 1000], 4)
    text, raw = load(data)
    assert isinstance(text, ByteRange)
    assert isinstance(raw, ByteRange)
    assert data[text.start : text.start + text.size] == b"x" * 1000
    assert data[raw.start : raw.start + raw.size] == b"y" * 1000


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_sets_are_read_as_lists(protocol):
    budget = Budget(0)
    names = {f"{module}.set": lambda items: to_list(budget, items) for module in ("builtins", "__builtin__")}
    assert sorted(load(pickle.dumps({1, 2, 3}, protocol), names)) == [1, 2, 3]


def test_texts_of_python_2_are_read_from_lines():
    assert load(rb"(S'a\x00\'\n'" b"\n" rb'S"b"' b"\nI01\nI7\nL12345678901234567890L\nF0.5\nt.") == (
        "a\x00'\n",
        "b",
        True,
        7,
        12345678901234567890,
        0.5,
    )


@pytest.mark.parametrize("line", [b"Sabc\n", b"S'abc\n", b"S'\n", b"S'a\\x'\n", b"Ix\n", b"Fx\n", b"gx\n", b"Vabc"])
def test_broken_lines_are_refused(line):
    with pytest.raises(CheckpointError):
        load(line + b".")


def test_long_lines_are_decoded_whole_and_counted():
    text = "\\\n\0" + "x" * 50_000
    assert load(pickle.dumps(text, 0)) == text
    again = pickle.dumps(text, 0)[:-1] * 4 + b"."
    assert load(again) == text
    with pytest.raises(CheckpointError, match="over and over"):
        unpickle(BoundedFile(io.BytesIO(again), 0, len(again)), {}, budget=Budget(len(text)))


def test_work_is_bounded():
    data = pickle.dumps(list(range(1000)))
    assert load(data, steps=1200) == list(range(1000))
    with pytest.raises(CheckpointError, match="more steps"):
        load(data, steps=900)


def test_a_source_never_reads_beyond_its_end():
    view = BoundedFile(io.BytesIO(bytes(100)), 10, 20)
    assert len(view.read(4)) == 4
    with pytest.raises(CheckpointError, match="byte 14: claims 7 bytes, 6 are there"):
        view.read(7)
    with pytest.raises(CheckpointError, match="claims -1 bytes"):
        view.skip(-1)
    assert view.skip(6) == ByteRange(14, 6)


def test_a_file_that_has_become_shorter_is_refused():
    view = BoundedFile(io.BytesIO(bytes(10)), 0, 20)
    with pytest.raises(CheckpointError, match="20 bytes expected, 10 are there"):
        view.read(15)
