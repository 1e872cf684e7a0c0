"""Sorted tables of keys and values, as LevelDB lays them out: the index file of a TensorFlow checkpoint is one.

Source: LevelDB, ``doc/table_format.md``. A table is a run of blocks, an index block that says where they lie, and
a footer of 48 bytes. A block is a run of entries, each key without what it shares with the key before, then the
places where keys are whole; after it stand one byte of compression and the masked CRC-32C of both.
"""

from collections.abc import Iterator

from bandwalk.analysis.nsynth.crc32c import crc32c, unmask
from bandwalk.analysis.nsynth.proto import read_varint
from bandwalk.errors import CheckpointError

_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
_TRAILER = 5
_MAX_ENTRIES = 20_000
_MAX_KEY_BYTES = 1024


def read_table(data: bytes) -> dict[bytes, bytes]:
    """Return what a table holds.

    Raises:
        CheckpointError: it is not a table, or is broken, or has compressed blocks.
    """
    if not is_table(data):
        raise CheckpointError("no checkpoint index: its last 8 bytes are not a table's")
    footer = data[-_FOOTER:]
    body = data[:-_FOOTER]
    _, at = _read_handle(footer, 0)  # of the index of filters, which checkpoints have none of
    index, _ = _read_handle(footer, at)
    found: dict[bytes, bytes] = {}
    end = 0
    for _, value in _read_entries(_read_block(body, *index)):
        (start, size), _ = _read_handle(value, 0)
        if start < end:  # else a small file could name one block a thousand times
            raise CheckpointError(f"a block at byte {start}, inside the one before it")
        end = start + size
        for key, entry in _read_entries(_read_block(body, start, size)):
            if len(found) >= _MAX_ENTRIES or (found and key <= next(reversed(found))):
                raise CheckpointError(f"entry {len(found)} is out of order, or one of too many")
            found[key] = entry
    return found


def is_table(data: bytes) -> bool:
    """Tell a table by its end."""
    return len(data) >= _FOOTER and data.endswith(_MAGIC)


def _read_handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return ((start, size) of a block, the place after)."""
    start, at = read_varint(data, at)
    size, at = read_varint(data, at)
    return (start, size), at


def _read_block(data: bytes, start: int, size: int) -> bytes:
    """Return a block without its trailer, after its CRC was checked."""
    if size < 4 or start + size + _TRAILER > len(data):
        raise CheckpointError(f"a block of {size} bytes at {start}, {len(data)} bytes are there")
    block = data[start : start + size]
    trailer = data[start + size : start + size + _TRAILER]
    if crc32c(block + trailer[:1]) != unmask(int.from_bytes(trailer[1:], "little")):
        raise CheckpointError(f"the block at byte {start} is damaged (its checksum differs)")
    if trailer[0]:
        raise CheckpointError("a compressed index, expected one that TensorFlow's Saver wrote")
    return block


def _read_entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give a block's keys and values, in order."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise CheckpointError(f"{restarts} restarts in a block of {len(block)} bytes")
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        own, at = read_varint(block, at)
        size, at = read_varint(block, at)
        if shared > len(key) or shared + own > _MAX_KEY_BYTES or own + size > end - at:
            raise CheckpointError(f"an entry at byte {at} claims {shared}, {own} and {size} bytes")
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + size]
        at += own + size
