"""The APP9 segment, byte by byte: the packer, the parser and the client's receiver agree on the same golden bytes."""

import json
import socket
import time

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.errors import WireError
from bandwalk.wire import MAX_JSON, first_address, insert_segment, pack_segment, parse_segment, port_is_taken
from bandwalk_client import Receiver

META = {"seq": 1, "t_audio": 0.5}

# The smallest file with the markers that matter: 8 x 8 grey pixels.
PLAIN = bytes.fromhex(
    "ff d8"  # SOI
    "ff e0 00 10 4a 46 49 46 00 01 01 00 00 01 00 01 00 00"  # APP0, JFIF
    "ff db 00 43 00"
    + "01 "
    * 64  # DQT: one table of ones
    + "ff c0 00 0b 08 00 08 00 08 01 01 11 00"  # SOF0: baseline, 8 bits, 8 x 8, one component
    "ff c4 00 14 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"  # DHT: DC, one code of one bit
    "ff c4 00 14 10 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"  # DHT: AC, the same
    "ff da 00 08 01 01 00 00 3f 00"  # SOS
    "3f"  # 0: no difference, 0: end of block, ones to the end of the byte
    "ff d9"  # EOI
)

SEGMENT = bytes.fromhex(
    "ff e9"  # APP9
    "00 23"  # length 35: these two bytes, name 9, version 1, JSON 23
    "62 61 6e 64 77 61 6c 6b 00"  # "bandwalk\0"
    "01"  # version
    "7b 22 73 65 71 22 3a 31 2c"  # {"seq":1,
    "22 74 5f 61 75 64 69 6f 22 3a 30 2e 35 7d"  # "t_audio":0.5}
)

FRAME = PLAIN[:2] + SEGMENT + PLAIN[2:]


def with_body(body):
    return b"\xff\xd8\xff\xe9" + (len(body) + 2).to_bytes(2, "big") + body + PLAIN[2:]


def test_the_packer_writes_the_golden_bytes():
    assert pack_segment(META) == SEGMENT
    assert insert_segment(PLAIN, META) == FRAME


def test_the_parser_reads_the_golden_bytes():
    assert parse_segment(FRAME) == META
    assert parse_segment(memoryview(FRAME)) == META


def test_the_receiver_hands_out_the_golden_bytes():
    with zmq.Context() as context, context.socket(zmq.XPUB) as server:
        server.linger = 0
        port = server.bind_to_random_port("tcp://127.0.0.1")
        with Receiver(f"127.0.0.1:{port}") as receiver:
            assert server.poll(5000), "no subscription came"
            server.send(FRAME)
            received = receiver.receive(5.0)
    assert received is not None
    assert (received.jpeg, received.meta, received.age_ms) == (FRAME, META, None)
    assert received.rgb().tolist() == [[[128] * 3] * 8] * 8


def test_a_plain_jpeg_file_has_no_description():
    assert parse_segment(PLAIN) is None


def test_the_segment_is_found_wherever_it_stands_before_the_picture():
    after_app0 = PLAIN[:20] + SEGMENT + PLAIN[20:]
    assert parse_segment(after_app0) == META
    filled = PLAIN[:2] + b"\xff\xff\xff" + SEGMENT + PLAIN[2:]  # fill bytes are allowed before a marker
    assert parse_segment(filled) == META


def test_an_app9_segment_of_another_program_is_passed_over():
    other = bytes.fromhex("ff e9 00 08 6f 74 68 65 72 00")  # "other\0"
    assert parse_segment(PLAIN[:2] + other + PLAIN[2:]) is None
    assert parse_segment(PLAIN[:2] + other + SEGMENT + PLAIN[2:]) == META


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "began with , expected a JPEG file"),
        (b"\x89PNG\r\n\x1a\n", "began with 8950, expected a JPEG file"),
        (FRAME[:20], "segment e9 of 35 bytes leaves the file"),
        (b"\xff\xd8\xff\xe9\x00\x01" + bytes(9), "segment e9 of 1 bytes leaves the file"),
        (b"\xff\xd8\x00\xe9\x00\x04\x00\x00", "byte 00 at 2, expected a marker"),
        (with_body(b"bandwalk\0"), "version none, expected 01"),
        (with_body(b"bandwalk\0\x02{}"), "version 02, expected 01"),
        (with_body(b"bandwalk\0\x01{"), "expected JSON"),
        (with_body(b"bandwalk\0\x01\xff\xfe"), "expected JSON"),
        (with_body(b"bandwalk\0\x01[1]"), "list, expected a JSON object"),
        (with_body(b"bandwalk\0\x01" + b"[" * 60_000), "expected JSON"),
    ],
)
def test_a_wrong_frame_is_refused_in_words(message, complaint):
    with pytest.raises(WireError, match=complaint):
        parse_segment(message)


def test_a_description_that_is_too_long_or_not_finite_is_not_packed():
    with pytest.raises(WireError, match="expected at most 65000"):
        pack_segment({"model": "x" * MAX_JSON})
    assert len(pack_segment({"m": "x" * (MAX_JSON - 8)})) == 4 + 10 + MAX_JSON
    with pytest.raises(WireError, match="expected finite numbers"):
        pack_segment({"t": float("nan")})
    with pytest.raises(WireError, match="expected a JPEG file"):
        insert_segment(b"GIF89a", {})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=12), json_values, max_size=8))
def test_any_description_survives_the_way_there_and_back(meta):
    frame = insert_segment(PLAIN, meta)
    assert parse_segment(frame) == json.loads(json.dumps(meta))
    length = int.from_bytes(frame[4:6], "big")
    assert frame[:2] + frame[4 + length :] == PLAIN


def parses_or_complains(message):
    try:
        meta = parse_segment(message)
    except WireError:
        return
    assert meta is None or isinstance(meta, dict)


@given(st.binary(max_size=200))
def test_random_bytes_are_parsed_or_refused(tail):
    parses_or_complains(tail)
    parses_or_complains(b"\xff\xd8" + tail)
    parses_or_complains(with_body(b"bandwalk\0\x01" + tail))


@given(st.integers(0, len(FRAME)), st.integers(0, len(FRAME) - 1), st.integers(0, 255))
def test_truncated_and_mutated_frames_are_parsed_or_refused(length, at, value):
    parses_or_complains(FRAME[:length])
    mutated = bytearray(FRAME)
    mutated[at] = value
    parses_or_complains(bytes(mutated))


def test_a_message_made_of_markers_only_is_read_in_linear_time():
    began = time.process_time()
    parses_or_complains(b"\xff\xd8" + b"\xff\xd0" * 500_000)
    parses_or_complains(b"\xff\xd8" + b"\xff" * 1_000_000)
    assert time.process_time() - began < 5.0


def test_of_the_addresses_of_a_name_the_ipv4_one_is_served():
    found = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 9000, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9000)),
    ]
    assert first_address(found) == (socket.AF_INET, ("127.0.0.1", 9000))
    assert first_address(found[:1]) == (socket.AF_INET6, ("::1", 9000, 0, 0))


def test_a_taken_port_is_named_with_the_first_port_of_its_block():
    text = str(port_is_taken("frames", 9002, "127.0.0.1"))
    assert text == "--port-base = 9000: port 9002/tcp on 127.0.0.1 is taken; expected a free one"
