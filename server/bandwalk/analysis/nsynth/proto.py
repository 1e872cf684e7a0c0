"""Just enough of protocol buffers' wire format for TensorFlow's checkpoints.

Source: "Encoding", the format's description: a message is a run of (number << 3 | wire type) and values.
"""

from collections.abc import Iterator

from bandwalk.errors import CheckpointError

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_VARINT_BYTES = 10


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return (the number at a place, the place after it): seven bits a byte, the low ones first.

    Raises:
        CheckpointError: the data ends in it, or it has over 64 bits.
    """
    number = 0
    for i, byte in enumerate(data[at : at + _VARINT_BYTES]):
        number |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            if number >= 2**64:
                break
            return number, at + i + 1
    raise CheckpointError(f"broken number at byte {at}")


def read_fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give each field of a message as (number, value): whole numbers as int, nested messages and texts as bytes.

    Raises:
        CheckpointError: it is no message.
    """
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = read_varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = read_varint(data, at)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise CheckpointError(f"field {number} of wire type {wire}")
        if size > len(data) - at:
            raise CheckpointError(f"field {number} claims {size} bytes, {len(data) - at} are there")
        part = data[at : at + size]
        yield number, part if wire == _BYTES else int.from_bytes(part, "little")
        at += size


def to_int(value: int | bytes) -> int:
    """Return a field's whole number.

    Raises:
        CheckpointError: the field is a text or a message.
    """
    if isinstance(value, bytes):
        raise CheckpointError("a text where a number is expected")
    return value


def to_bytes(value: int | bytes) -> bytes:
    """Return a field's nested message.

    Raises:
        CheckpointError: the field is a number.
    """
    if isinstance(value, int):
        raise CheckpointError("a number where a message is expected")
    return value
