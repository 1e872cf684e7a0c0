"""TensorFlow's checkpoints are read as they are, and broken ones are refused in one line, soon and small."""

import struct
import time
import tracemalloc

import numpy as np
import pytest
from analysis.nsynth.conftest import CHECKPOINT
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwalk.analysis.nsynth.bundle import Bundle
from bandwalk.analysis.nsynth.crc32c import crc32c, unmask
from bandwalk.analysis.nsynth.files import read_weights
from bandwalk.analysis.nsynth.sorted_table import read_table
from bandwalk.errors import CheckpointError

INDEX = CHECKPOINT.with_name(f"{CHECKPOINT.name}.index").read_bytes()
DATA = CHECKPOINT.with_name(f"{CHECKPOINT.name}.data-00000-of-00001").read_bytes()


def slow_crc(data):
    """The definition, a bit at a time."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def masked(data):
    crc = slow_crc(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def block(entries, kind=0):
    """A block with its trailer; entries are (key, value), no key shortened."""
    body = b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in entries)
    body += struct.pack("<II", 0, 1)
    return body + bytes([kind]) + struct.pack("<I", masked(body + bytes([kind])))


def table(entries, kind=0):
    """A table of one block."""
    data, meta = block(entries, kind), block([])
    handle = varint(0) + varint(len(data) - 5)
    index = block([(b"\xff", handle)])
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(len(data) + len(meta)) + varint(len(index) - 5)
    return data + meta + index + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def put(folder, index=INDEX, data=DATA):
    (folder / "m.index").write_bytes(index)
    (folder / "m.data-00000-of-00001").write_bytes(data)
    return folder / "m"


@pytest.mark.parametrize(
    ("data", "crc"),
    [(b"", 0), (b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)],  # RFC 3720, B.4
)
def test_the_checksum_is_the_standard_s(data, crc):
    assert crc32c(data) == crc


@given(st.binary(max_size=700))
@settings(max_examples=60, deadline=None)
def test_the_quick_checksum_is_the_slow_one(data):
    assert crc32c(data) == slow_crc(data)
    assert unmask(masked(data)) == crc32c(data)


def test_the_checksum_of_megabytes_takes_no_second():
    data = np.random.default_rng(0).integers(0, 256, 8_000_000, np.uint8).tobytes()
    begun = time.process_time()
    assert crc32c(data[:4096] * 2) == slow_crc(data[:4096] * 2)
    crc32c(data)
    assert time.process_time() - begun < 1.0


def test_a_real_checkpoint_holds_the_variables_and_more():
    bundle = Bundle(CHECKPOINT)
    assert len(bundle.names) > 240
    assert "ae_bottleneck/W/ExponentialMovingAverage" in bundle.names
    assert bundle.read("ae_bottleneck/W").shape == (1, 1, 12, 16)
    shadow = bundle.read("ae_bottleneck/W/ExponentialMovingAverage")
    assert np.allclose(shadow, 0.5 * bundle.read("ae_bottleneck/W") + 0.01)
    with pytest.raises(CheckpointError, match="global_step: expected float32"):
        bundle.read("global_step")


def test_a_table_written_here_reads_back():
    entries = {b"": b"\x08\x01", b"a": b"1", b"ab": b""}
    assert read_table(table(list(entries.items()))) == entries


HEADER = (b"", b"\x08\x01")
SHAPE_4 = b"\x12\x04\x12\x02\x08\x04"
NAMED = b"ae_startconv/W"
HOSTILE = {
    "compressed": (table([HEADER], kind=1), "compressed"),
    "no header": (table([(b"a", b"")]), "without a header"),
    "many shards": (table([(b"", b"\x08\xff\xff\xff\xff\x0f")]), "4294967295 data files"),
    "big-endian": (table([(b"", b"\x08\x01\x10\x01")]), "byte order 1"),
    "keys out of order": (table([HEADER, (b"b", b""), (b"a", b"")]), "out of order"),
    "twice the same key": (table([HEADER, (b"a", b""), (b"a", b"")]), "out of order"),
    "a long key": (table([HEADER, (b"a" * 2000, b"")]), "claims 0, 2000"),
    "too many": (None, "too many"),
    "nothing of use": (table([HEADER]), "no variable ae_startconv/W"),
    "a number for a message": (table([HEADER, (NAMED, b"\x08\x01\x10\x05")]), "a number where a message"),
    "a message for a number": (table([HEADER, (NAMED, b"\x0a\x00")]), "a text where a number"),
    "wire type 3": (table([HEADER, (NAMED, b"\x0b")]), "wire type 3"),
    "sliced": (table([HEADER, (NAMED, b"\x08\x01" + SHAPE_4 + b"\x28\x10\x3a\x00")]), "in one piece"),
    "many axes": (table([HEADER, (NAMED, b"\x08\x01\x12\x24" + b"\x12\x02\x08\x04" * 9)]), "9 axes"),
    "sizes differ": (table([HEADER, (NAMED, b"\x08\x01" + SHAPE_4 + b"\x28\x11")]), "claims 17 bytes"),
    "another shard": (table([HEADER, (NAMED, b"\x08\x01" + SHAPE_4 + b"\x18\x01\x28\x10")]), "of file 1"),
    "another shape": (table([HEADER, (NAMED, b"\x08\x01" + SHAPE_4 + b"\x28\x10")]), r"expected \[1, 3, 1, 4\]"),
    "huge": (
        table([HEADER, (NAMED, b"\x08\x01\x12\x09\x12\x07\x08" + varint(2**40) + b"\x28" + varint(2**42))]),
        r"of shape \[1099511627776\], expected",
    ),
    "empty": (b"", "not a table's"),
    "one block a thousand times": (None, "inside the one before it"),
}


def repeated():
    """A table whose index names one block again and again."""
    data, meta = block([HEADER]), block([])
    index = block([(struct.pack(">I", i), varint(0) + varint(len(data) - 5)) for i in range(1000)])
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(len(data) + len(meta)) + varint(len(index) - 5)
    return data + meta + index + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


LATER = {
    "too many": lambda: table([HEADER, *((struct.pack(">I", i), b"") for i in range(20_001))]),
    "one block a thousand times": repeated,
}
"""What takes long to make."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_index_is_refused_by_what_is_wrong_with_it(name, tmp_path):
    index, expected = HOSTILE[name]
    path = put(tmp_path, index=LATER[name]() if index is None else index)
    with pytest.raises(CheckpointError, match=rf"^[^\n]*{expected}[^\n]*$"):
        read_weights(path)


def outcome(folder, index, data):
    """Read a checkpoint within the bounds: None, or why it was refused."""
    path = put(folder, index, data)
    tracemalloc.start()
    begun = time.process_time()
    try:
        read_weights(path)
        reason = None
    except CheckpointError as e:
        reason = str(e)
    seconds, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2.0, reason  # a fifth of it without tracemalloc
    assert peak < 20e6, reason
    assert reason is None or ("\n" not in reason and len(reason) < 500)
    return reason


@given(at=st.integers(0, len(INDEX) - 1), new=st.binary(min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_a_changed_index_is_refused(tmp_path_factory, at, new):
    changed = INDEX[:at] + new + INDEX[at + len(new) :]
    reason = outcome(tmp_path_factory.mktemp("index"), changed, DATA)
    # the footer's padding and the index of filters mean nothing
    assert reason is not None or changed == INDEX or at >= len(INDEX) - 100


@given(key=st.integers(0, 300), at=st.integers(0, 30), new=st.binary(min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_a_changed_entry_is_refused_or_is_none_that_counts(tmp_path_factory, key, at, new):
    entries = list(read_table(INDEX).items())
    name, value = entries[key % len(entries)]
    entries[key % len(entries)] = (name, value[:at] + new + value[at + len(new) :])
    outcome(tmp_path_factory.mktemp("entry"), quick_table(entries), DATA)


def quick_table(entries):
    """A table as above, its checksums by the quick way that was held equal to the slow one."""

    def sealed(body):
        crc = crc32c(body + b"\0")
        return body + b"\0" + struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    data = sealed(block(entries)[:-5])
    meta = block([])
    index = block([(b"\xff", varint(0) + varint(len(data) - 5))])
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(len(data) + len(meta)) + varint(len(index) - 5)
    return data + meta + index + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


@pytest.mark.parametrize("keep", [0, 1, 47, 48, 500, len(INDEX) - 1])
def test_an_index_cut_short_is_refused(keep, tmp_path):
    assert outcome(tmp_path, INDEX[:keep], DATA)


@pytest.mark.parametrize("keep", [0, 1000, len(DATA) // 2])
def test_data_cut_short_is_refused(keep, tmp_path):
    assert "are there" in outcome(tmp_path, INDEX, DATA[:keep])


def test_a_flipped_bit_of_a_weight_is_told(tmp_path):
    entry = Bundle(CHECKPOINT)._entry("ae_res_7/W")
    flipped = bytearray(DATA)
    flipped[entry.start + 17] ^= 1
    assert "ae_res_7/W is damaged" in outcome(tmp_path, INDEX, bytes(flipped))
