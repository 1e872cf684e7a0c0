"""The wire's bytes, written out; and python-osc, which knows nothing of bandwalk, on the other side."""

import contextlib
import math
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bandwalk.errors import WireError
from bandwalk.osc import MAX_DEPTH, Message, NumberBundle, Unusable, decode, encode, encode_bundle

# fmt: off
GAIN = bytes.fromhex(
    "2f67 6169 6e00 0000"  # /gain, padded to 8
    "2c66 0000"            # ,f
    "3f40 0000"            # 0.75
)
MIXED = bytes.fromhex(
    "2f61 0000"            # /a
    "2c69 6673 0000 0000"  # ,ifs
    "ffff fffe"            # -2
    "3fc0 0000"            # 1.5
    "6869 6a6b 0000 0000"  # hijk: a full word still gets its NUL
)
BUNDLE = bytes.fromhex(
    "2362 756e 646c 6500"  # #bundle
    "0000 0000 0000 0001"  # immediately
    "0000 0010"            # 16 bytes follow
) + GAIN
# fmt: on
NEXT_YEAR = ((126 * 365 + 400) * 86400).to_bytes(4, "big") + bytes(4)


def dated(*elements: bytes, date: bytes = NEXT_YEAR) -> bytes:
    return b"#bundle\0" + date + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def tagged(tags: str, body: bytes = b"") -> bytes:
    text = ("," + tags).encode()
    return b"/x\0\0" + text + bytes(4 - len(text) % 4) + body


def test_the_bytes_of_messages_are_these():
    assert encode("/gain", 0.75) == GAIN
    assert encode("/a", -2, 1.5, "hijk") == MIXED
    assert decode(GAIN) == [("/gain", (0.75,))]
    assert decode(MIXED) == [("/a", (-2, 1.5, "hijk"))]


def test_the_bytes_of_a_bundle_are_these_and_its_date_is_immediately():
    assert encode_bundle([GAIN]) == BUNDLE
    assert decode(BUNDLE) == [("/gain", (0.75,))]


def test_booleans_are_sent_as_numbers():
    assert encode("/a", True, False) == encode("/a", 1, 0)


def test_a_message_without_type_tags_has_no_arguments():
    assert decode(b"/abc\0\0\0\0") == decode(b"/abc\0\0\0\0,\0\0\0") == [("/abc", ())]


def test_nested_bundles_are_flattened_in_order_whatever_their_date():
    packet = dated(encode("/a", 1), dated(encode("/b", 2), dated()), encode("/c", 3), date=b"\xff" * 8)
    assert decode(packet) == [("/a", (1,)), ("/b", (2,)), ("/c", (3,))]


@pytest.mark.parametrize(
    ("tag", "data", "value"),
    [
        ("i", "80000000", -(2**31)),
        ("h", "7fffffffffffffff", 2**63 - 1),
        ("f", "c0200000", -2.5),
        ("d", "3fb999999999999a", 0.1),
        ("s", "c3a9 0000", "é"),
        ("T", "", True),
        ("F", "", False),
    ],
)
def test_each_usable_type_is_read_and_the_argument_after_it_is_right(tag, data, value):
    assert decode(tagged(tag + "i", bytes.fromhex(data) + b"\0\0\0\7")) == [("/x", (value, 7))]


@pytest.mark.parametrize(
    ("tag", "data"),
    [
        ("N", ""),
        ("I", ""),
        ("c", "00000041"),
        ("r", "ff00ff00"),
        ("m", "00903c40"),
        ("t", "0000000000000001"),
        ("S", "73796d00"),
        ("b", "00000005 68656c6c 6f000000"),
        ("b", "00000000"),
    ],
)
def test_each_unusable_type_keeps_its_place_so_that_the_next_argument_is_right(tag, data):
    assert decode(tagged(tag + "i", bytes.fromhex(data) + b"\0\0\0\7")) == [("/x", (Unusable(tag), 7))]


def test_an_array_is_unusable_and_what_stands_in_it_is_read():
    assert decode(tagged("[i]i", bytes(8))) == [("/x", (Unusable("["), 0, Unusable("]"), 0))]


def test_after_a_tag_that_nobody_knows_no_argument_is_believed():
    assert decode(tagged("iqi", b"\0\0\0\7" + bytes(12))) == [("/x", (7, Unusable("q")))]


def test_an_unusable_argument_says_what_it_is():
    assert [str(Unusable(tag)) for tag in "bq"] == ["a blob (b)", "an unknown type (q)"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"/",
        b"abcd",
        b"/abc",
        b"/ab\0,f\0\0",
        b"/ab\0,i\0\0\0\0",
        b"/ab\0,i\0\0" + bytes(8),
        b"/ab\0if\0\0" + bytes(8),
        b"/a\0b,f\0\0" + bytes(4),
        b"/\xff\0\0",
        b"/\n\0\0",
        tagged("s", b"abcd"),
        tagged("s", b"\xff\xfe\xfd\0"),
        tagged("b", struct.pack(">i", -4)),
        tagged("b", struct.pack(">i", 2**31 - 1)),
        tagged("h", bytes(4)),
        b"#bundle\0",
        b"#bundle\0" + bytes(4),
        b"#bundlX\0" + bytes(8),
        b"#bundle\0" + bytes(8) + struct.pack(">i", 0),
        b"#bundle\0" + bytes(8) + struct.pack(">i", -4),
        b"#bundle\0" + bytes(8) + struct.pack(">i", 8) + b"/ab\0",
        b"#bundle\0" + bytes(8) + struct.pack(">i", 2**30) + b"/ab\0",
        b"#bundle\0" + bytes(8) + struct.pack(">i", 3) + b"/a\0",
        dated(encode("/good", 1), b"junk"),
    ],
)
def test_a_packet_that_contradicts_itself_is_refused_whole(packet):
    with pytest.raises(WireError, match="reading"):
        decode(packet)


def test_bundles_may_be_nested_only_so_deep():
    packet = GAIN
    for _ in range(MAX_DEPTH):
        packet = dated(packet)
    assert decode(packet) == [("/gain", (0.75,))]
    with pytest.raises(WireError, match="nested"):
        decode(dated(packet))


def test_a_64_kb_packet_of_nothing_but_bundle_headers_is_refused():
    packet = b""
    while len(packet) + 20 <= 65504:
        packet = dated(packet) if packet else dated()
    with pytest.raises(WireError, match="nested"):
        decode(packet)


def test_a_64_kb_message_is_read():
    text = "x" * 65000
    assert decode(encode("/a", text)) == [("/a", (text,))]


@given(st.binary(max_size=200))
@example(b"#bundle\0" + bytes(8))
@example(b"/x\0\0,f\0\0\x7f\xc0\0\0")
def test_random_bytes_are_read_or_refused_and_nothing_else(packet):
    try:
        messages = decode(packet)
    except WireError:
        return
    assert all(isinstance(message, Message) for message in messages)


@given(st.data())
def test_a_good_packet_with_any_bytes_changed_or_cut_is_read_or_refused(data):
    packet = bytearray(dated(MIXED, dated(GAIN), tagged("bTd", struct.pack(">i4sd", 3, b"abc", 0.5))))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(packet)))
    for damaged in (bytes(packet), bytes(packet[:cut]), bytes(packet[cut:])):
        with contextlib.suppress(WireError):
            decode(damaged)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
float32s = st.floats(width=32, allow_nan=False)
arguments = st.lists(st.one_of(st.integers(-(2**31), 2**31 - 1), float32s, texts), max_size=6)
addresses = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30).map(lambda a: "/" + a)


@given(addresses, arguments)
def test_python_osc_reads_what_we_write(address, args):
    message = OscMessage(encode(address, *args))
    assert (message.address, message.params) == (address, args)


@given(addresses, arguments, st.booleans())
def test_we_read_what_python_osc_writes(address, args, yes):
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg, {int: "i", float: "f", str: "s"}[type(arg)])
    builder.add_arg(yes)
    ((got_address, got),) = decode(builder.build().dgram)
    assert got_address == address
    assert got[-1] is yes
    assert [np.float32(a) if isinstance(a, float) else a for a in got[:-1]] == args


@given(float32s)
def test_a_float_is_read_as_the_same_float32(x):
    ((_, (read,)),) = decode(tagged("f", struct.pack(">f", x)))
    assert struct.pack(">f", read) == struct.pack(">f", x)


def test_a_fader_at_0_7_is_read_as_0_7():
    assert decode(encode("/a", 0.7, 0.15, 1 / 3, 123456.7)) == [("/a", (0.7, 0.15, 0.33333334, 123456.7))]


def test_nan_and_infinity_are_read_as_what_they_are():
    ((_, (nan, inf)),) = decode(tagged("ff", struct.pack(">ff", math.nan, -math.inf)))
    assert math.isnan(nan)
    assert inf == -math.inf


@pytest.mark.parametrize("arg", [2**31, 1e39, None, b"bytes", [1], "a\0b", np.float32(1)])
def test_what_the_wire_cannot_carry_is_refused(arg):
    with pytest.raises(WireError, match="writing"):
        encode("/a", arg)


def test_a_number_bundle_has_the_bytes_of_a_bundle_written_one_by_one():
    bundle = NumberBundle([("/feature/low/level", "f"), ("/abc", "i"), ("/x", "f")])
    expected = encode_bundle([encode("/feature/low/level", 0.5), encode("/abc", -7), encode("/x", 2.0)])
    assert bundle.pack([0.25, 1, -1.0]) != [expected]
    assert bundle.pack([0.5, -7, 2]) == [expected]
    assert [content.params for content in OscBundle(expected)] == [[0.5], [-7], [2.0]]


def test_a_number_bundle_that_would_be_too_large_becomes_several_with_one_message_in_each():
    layout = [(f"/number/{i}", "f") for i in range(50)] + [("/time", "f")]
    numbers = [float(i) for i in range(50)] + [0.5]
    packets = NumberBundle(layout, max_bytes=300, repeated="/time").pack(numbers)
    told = [[(content.address, content.params) for content in OscBundle(packet)] for packet in packets]
    assert max(map(len, packets)) <= 300
    assert all(bundle[-1] == ("/time", [0.5]) for bundle in told)
    assert [pair for bundle in told for pair in bundle[:-1]] == [(f"/number/{i}", [float(i)]) for i in range(50)]
