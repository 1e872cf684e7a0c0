"""Where packets end in a stream: known bytes, and any cut of the stream gives the same packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.control.framing import MAX_PACKET, Sized, Slip, framing_of
from bandwalk.errors import WireError

PACKET = b"/a\0\0,s\0\0\xc0\xdb\xdc\0"


def test_slip_is_rfc_1055s():
    wrapped = b"\xc0/a\0\0,s\0\0\xdb\xdc\xdb\xdd\xdc\0\xc0"
    assert Slip().wrap(PACKET) == wrapped
    assert list(Slip().feed(wrapped)) == [PACKET]


def test_a_size_stands_before_each_packet():
    assert Sized().wrap(PACKET) == b"\0\0\0\x0c" + PACKET
    assert list(Sized().feed(b"\0\0\0\x0c" + PACKET + b"\0\0\0\0\0\0\0\4/b\0\0")) == [PACKET, b"/b\0\0"]


@pytest.mark.parametrize(("first", "kind"), [(0xC0, Slip), (0x2F, Slip), (0x23, Slip), (0x00, Sized)])
def test_the_first_byte_tells_which(first, kind):
    assert isinstance(framing_of(first), kind)


@pytest.mark.parametrize("first", [0x47, 0x16, 0xFF, 0x01])  # GET, TLS
def test_something_else_is_refused(first):
    with pytest.raises(WireError, match="expected SLIP"):
        framing_of(first)


@pytest.mark.parametrize("kind", [Sized, Slip])
@given(packets=st.lists(st.binary(min_size=1, max_size=40), max_size=6), cuts=st.lists(st.integers(0, 300), max_size=8))
def test_any_cut_of_a_stream_gives_the_same_packets(kind, packets, cuts):
    stream = b"".join(map(kind().wrap, packets))
    framing, at, read = kind(), 0, []
    for cut in [*sorted(cuts), len(stream)]:
        read += framing.feed(stream[at:cut])
        at = max(at, cut)
    assert read == packets


@pytest.mark.parametrize(("kind", "data"), [(Sized, b"\0\1\0\1"), (Slip, b"/" * (2 * MAX_PACKET + 1))])
def test_a_packet_that_is_too_long_is_refused_before_it_is_kept(kind, data):
    with pytest.raises(WireError, match=f"expected at most {MAX_PACKET}"):
        list(kind().feed(data))
