"""Sound files as people have them: joined, cut, hurt, with gaps and with lengths that are not true.

The sound is a chirp: each moment of it sounds like no other, so that what is heard tells where it lies.
"""

import struct
import subprocess
from pathlib import Path

import av
import numpy as np

SECONDS = 10.0
GAP_S = (4.0, 6.0)
CUT_AT = 0.6
HURT_BYTES = 60

CODECS = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "128k"),
    "m4a": ("-c:a", "aac"),
    "aac": ("-c:a", "aac"),
    "flac": (),
    "ac3": (),
    "ogg": ("-c:a", "libvorbis"),
    "oga": ("-c:a", "flac"),
    "opus": ("-c:a", "libopus"),
    "webm": ("-c:a", "libopus"),
    "mka": ("-c:a", "aac"),
    "ts": ("-c:a", "aac"),
    "wma": (),
    "wav": (),
    "aiff": (),
}
"""What FFmpeg is told for a file of each kind."""


def write_whole(path, *, rate=44_100, channels=2, options=()):
    """Write a chirp as FFmpeg does by the name's suffix."""
    chirp = f"aevalsrc=0.5*sin(2*PI*(200*t+150*t*t)):s={rate}:d={SECONDS:g}"
    command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", chirp]
    given = [*options, "-ac", str(channels), *CODECS.get(path.suffix[1:], ())]
    if "-c:a" in options:
        given = [*options, "-ac", str(channels)]
    subprocess.run([*command, *given, str(path)], check=True, stdin=subprocess.DEVNULL)
    return path


def joined(whole, other=None):
    """One file behind the other."""
    return whole.read_bytes() + (other or whole).read_bytes()


def cut(whole):
    """The file without its end."""
    data = whole.read_bytes()
    return data[: int(len(data) * CUT_AT)]


def hurt(whole, share, seed=0):
    """Some bytes at this share of the file are not what they were."""
    data = bytearray(whole.read_bytes())
    at = int(len(data) * share)
    data[at : at + HURT_BYTES] = np.random.default_rng(seed).bytes(HURT_BYTES)
    return bytes(data)


def with_gap(whole, path):
    """Write the file's packets but for those of two seconds, at their times; return the new file."""
    with av.open(str(whole)) as source, av.open(str(path), "w") as sink:
        stream = source.streams.audio[0]
        copy = sink.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is None or GAP_S[0] <= packet.pts * packet.time_base < GAP_S[1]:
                continue
            packet.stream = copy
            sink.mux(packet)
    return path


def with_length(whole, factor):
    """The file, its header saying so many times its length."""
    data = bytearray(whole.read_bytes())
    {"wav": _wav, "mp3": _xing, "m4a": _mp4, "mka": _matroska, "webm": _matroska, "flac": _flac}[whole.suffix[1:]](
        data, factor
    )
    return bytes(data)


def _wav(data, factor):
    at = data.index(b"data") + 4
    (size,) = struct.unpack_from("<I", data, at)
    struct.pack_into("<I", data, at, int(size * factor) // 4 * 4)


def _xing(data, factor):
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8  # 4 bytes of flags, then frames
    (frames,) = struct.unpack_from(">I", data, at)
    struct.pack_into(">I", data, at, int(frames * factor))


def _mp4(data, factor):
    for name, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):  # version 0: flags, two times, (scale,) duration
        at = data.index(name) + offset
        (length,) = struct.unpack_from(">I", data, at)
        struct.pack_into(">I", data, at, int(length * factor))


def _matroska(data, factor):
    at = data.index(bytes.fromhex("4489 88")) + 3  # Duration, 8 bytes, float
    (length,) = struct.unpack_from(">d", data, at)
    struct.pack_into(">d", data, at, length * factor)


def _flac(data, factor):
    at = 4 + 4 + 13  # fLaC, block header; 36 bits of samples end STREAMINFO's first 18 bytes
    high, low = data[at], struct.unpack_from(">I", data, at + 1)[0]
    samples = int((((high & 15) << 32) | low) * factor)
    data[at] = (high & 0xF0) | (samples >> 32)
    struct.pack_into(">I", data, at + 1, samples & 0xFFFF_FFFF)


def id3_inside(whole):
    """The file with a tag where sound should go on."""
    data = whole.read_bytes()
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, 1, 0]) + b"TIT2\x00\x00\x00\x06\x00\x00\x00title".ljust(128, b"\0")
    half = len(data) // 2
    return data[:half] + tag + data[half:]


def lag_s(y, reference, at_s, *, sample_rate=48_000, seconds=0.4):
    """Seconds by which y is late at this second of a reference [n] at the same rate; None where y is silent there."""
    first, n = round(at_s * sample_rate), round(seconds * sample_rate)
    piece = y[first : first + n]
    if len(piece) < n or np.abs(piece).max() < 0.05:
        return None
    around = reference[max(0, first - n) : first + 2 * n]
    size = 1 << int(np.ceil(np.log2(len(around) + n)))
    correlation = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(piece, size)), size)
    best = int(np.argmax(correlation[: len(around)]))
    return (first - max(0, first - n) - best) / sample_rate


def ffmpeg_s(path):
    """Seconds of sound that FFmpeg's own program gives for a file."""
    command = [
        "ffmpeg",
        "-v",
        "quiet",
        "-i",
        str(path),
        "-map",
        "0:a:0",
        "-ar",
        "48000",
        "-ac",
        "1",
        "-f",
        "f32le",
        "-",
    ]
    done = subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    return len(done.stdout) / 4 / 48_000


def kinds(folder):
    """Yield (kind of file, damage, path, seconds that it has, in truth) of all of them, written into a folder."""
    folder = Path(folder)
    for suffix in CODECS:
        whole = write_whole(folder / f"whole.{suffix}")
        yield suffix, "whole", whole, SECONDS
        for share in (0.3, 0.5, 0.8):
            if suffix not in ("wav", "aiff"):  # numbers: each is one
                yield suffix, f"hurt at {share:.0%}", _write(folder, f"hurt{share}", whole, hurt(whole, share)), SECONDS
        options = ("-movflags", "faststart") if suffix == "m4a" else ()
        fast = write_whole(folder / f"fast.{suffix}", options=options)
        yield suffix, "cut off", _write(folder, "cut", whole, cut(fast)), None
        if suffix in ("mp3", "aac", "ac3", "ogg", "oga", "opus", "ts"):
            yield suffix, "joined", _write(folder, "joined", whole, joined(whole)), 2 * SECONDS
            other = write_whole(folder / f"other.{suffix}", rate=24_000 if suffix == "opus" else 22_050, channels=1)
            yield suffix, "joined to 22.05 kHz mono", _write(folder, "mixed", whole, joined(whole, other)), 2 * SECONDS
        if suffix in ("mka", "m4a", "ts", "webm", "ogg"):
            yield suffix, "a gap of 2 s", with_gap(whole, folder / f"gap.{suffix}"), SECONDS
        if suffix in ("wav", "mp3", "m4a", "mka", "webm", "flac"):
            for factor in (0.5, 2.0):
                name = f"length x{factor:g}"
                true_s = SECONDS * min(factor, 1) if suffix == "wav" else SECONDS
                yield suffix, name, _write(folder, name.replace(" ", ""), whole, with_length(whole, factor)), true_s
    whole = folder / "whole.mp3"
    yield "mp3", "a tag inside", _write(folder, "tag", whole, id3_inside(whole)), SECONDS
    plain = ("-write_xing", "0", "-q:a", "5", "-b:a", "0")
    yield "mp3", "variable rate, no Xing", write_whole(folder / "vbr.mp3", options=plain), SECONDS


def _write(folder, name, whole, data):
    path = folder / f"{name}{whole.suffix}"
    path.write_bytes(data)
    return path
