"""Recognise files that are not models by their first bytes: a failed download, a picture, an archive."""

from __future__ import annotations

import re

HEAD_BYTES = 64

_AGAIN = "download the file itself again"
_UNPACK = "unpack it first"

# Pattern of the first bytes, the kind of file, what to do.
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (
        rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|title|\?xml|!--)",
        "an HTML page, as a browser gets it in place of a large file",
        _AGAIN,
    ),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the file that it stands for", "run `git lfs pull`"),
    (rb"\x89PNG", "a PNG picture", ""),
    (rb"\xff\xd8\xff", "a JPEG picture", ""),
    (rb"GIF8", "a GIF picture", ""),
    (rb"BM.{4}\0\0\0\0", "a BMP picture", ""),
    (rb"(II\*\0|MM\0\*)", "a TIFF picture", ""),
    (rb"RIFF.{4}WEBP", "a WebP picture", ""),
    (rb"RIFF.{4}WAVE", "a WAV sound", ""),
    (rb"(fLaC|OggS|ID3)", "a sound file", ""),
    (rb".{4}ftyp", "a video or a picture in an MP4 container", ""),
    (rb"\x1aE\xdf\xa3", "a video in a Matroska container", ""),
    (rb"%PDF", "a PDF document", ""),
    (rb"7z\xbc\xaf", "a 7z archive", _UNPACK),
    (rb"Rar!", "a RAR archive", _UNPACK),
    (rb"BZh\d", "a bzip2 file", _UNPACK),
    (rb"\xfd7zXZ", "an xz file", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "a zstd file", _UNPACK),
    (rb"\x89HDF", "an HDF5 file, of Keras or another program", ""),
    (rb"\x93NUMPY", "one array of numpy's", ""),
    (rb"GGUF", "a GGUF file, of a language model", ""),
    (rb"\s*\{\s*[\"}]", "a JSON text", ""),
)
_PATTERNS = tuple((re.compile(start, re.IGNORECASE | re.DOTALL), kind, cure) for start, kind, cure in _KINDS)


def foreign_kind(head: bytes) -> str | None:
    """Return the kind of a file with these first bytes, and what to do about it; None if it is unknown."""
    for pattern, kind, cure in _PATTERNS:
        if pattern.match(head):
            return f"{kind}, not a model" + (f": {cure}" if cure else "")
    return None
