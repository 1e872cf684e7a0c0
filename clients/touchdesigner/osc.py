"""OSC 1.0 messages of numbers, texts and booleans, and bundles of them: bytes to values and back. A module DAT."""

import struct

BUNDLE = b"#bundle\0"
FORMS = {"f": ">f", "i": ">i"}


def encode(address, tag="", value=None):
    """Return a message; tag is f, i or s, or empty for a message without an argument."""
    body = b"" if not tag else _text(str(value)) if tag == "s" else struct.pack(FORMS[tag], value)
    return _text(address) + _text("," + tag) + body


def decode(packet):
    """Return the messages of a packet, also of a bundle, as [(address, values)]; other forms are left out."""
    packet = bytes(packet)
    if not packet.startswith(BUNDLE):
        return _decode_message(packet)
    found, at = [], len(BUNDLE) + 8  # skip the time tag
    while at + 4 <= len(packet):
        (size,) = struct.unpack_from(">i", packet, at)
        if size <= 0:
            break
        found += _decode_message(packet[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _decode_message(packet):
    values = []
    try:
        address, at = _read(packet, 0)
        tags, at = _read(packet, at)
        if not tags.startswith(","):
            return []
        for tag in tags[1:]:
            if tag == "s":
                value, at = _read(packet, at)
            elif tag in "TF":
                value = tag == "T"
            else:
                (value,) = struct.unpack_from(FORMS[tag], packet, at)
                at += 4
            values.append(value)
    except (ValueError, KeyError, struct.error):
        return []
    return [(address, values)]


def _text(text):
    data = text.encode()
    return data + bytes(4 - len(data) % 4)


def _read(packet, at):
    end = packet.index(b"\0", at)
    return packet[at:end].decode(), (end + 4) & ~3
