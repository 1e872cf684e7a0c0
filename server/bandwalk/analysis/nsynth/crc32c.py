"""CRC-32C (Castagnoli), which TensorFlow's files carry, quick enough for megabytes without a library of its own.

The polynomial is 0x1EDC6F41 (RFC 3720, section 12.1), used with its bits reversed.

A CRC is linear, so pieces of the data can be taken side by side and joined: crc(AB) = crc(A0...0) ^ crc(B), where
going over a zero is a linear map of the 32 bits.
"""

from functools import lru_cache

import numpy as np

_POLYNOMIAL = np.uint32(0x82F63B78)
_ONES = np.uint32(0xFFFFFFFF)
_MASK_DELTA = 0xA282EAD8
_LANES = 2048
"""Pieces that are taken side by side, at most: a power of two."""


def crc32c(data: bytes | np.ndarray) -> int:
    """Return the CRC-32C of bytes, or of the bytes of a contiguous array."""
    octets = np.frombuffer(data, np.uint8)
    lanes = 1
    while lanes < _LANES and lanes * lanes < len(octets):
        lanes *= 2
    length = -(-len(octets) // lanes)
    pieces = np.zeros(lanes * length, np.uint8)
    pieces[pieces.size - len(octets) :] = octets  # zeros in front change nothing: the register starts at 0
    columns = np.ascontiguousarray(pieces.reshape(lanes, length).T)  # [length, lanes]
    table = _byte_table()
    register: np.ndarray = np.zeros(lanes, np.uint32)
    for column in columns:
        register = table[(register & 0xFF) ^ column] ^ (register >> 8)
    while len(register) > 1:
        register = _apply(_over_zeros(length), register[0::2]) ^ register[1::2]
        length *= 2
    # The register really starts with all ones; they go over all of the data.
    return int(register[0] ^ _apply(_over_zeros(len(octets)), np.array([_ONES]))[0] ^ _ONES)


def unmask(masked: int) -> int:
    """Return the CRC that a file stores masked: rotated by 15 bits, a constant added (LevelDB's log format)."""
    rotated = (masked - _MASK_DELTA) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF


@lru_cache(maxsize=1)
def _byte_table() -> np.ndarray:
    """Return what each byte leaves in the register: [256] uint32."""
    register: np.ndarray = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        register = (register >> 1) ^ np.where(register & 1, _POLYNOMIAL, np.uint32(0))
    return register


@lru_cache(maxsize=256)
def _over_zeros(count: int) -> np.ndarray:
    """Return the map of the register over count zero bytes: [32] uint32, what each of its bits becomes."""
    if count == 0:
        return np.asarray(np.uint32(1) << np.arange(32, dtype=np.uint32))
    if count == 1:
        bits = _over_zeros(0)
        return np.asarray(_byte_table()[bits & 0xFF] ^ (bits >> 8))
    half = _over_zeros(count // 2)
    twice = _apply(half, half)
    return _apply(_over_zeros(1), twice) if count % 2 else twice


def _apply(linear: np.ndarray, registers: np.ndarray) -> np.ndarray:
    """Map registers [n] uint32: the exclusive or of what their bits become."""
    bits = registers[:, None] >> np.arange(32, dtype=np.uint32) & 1  # [n, 32]
    return np.asarray(np.bitwise_xor.reduce(bits * linear, axis=1))
