"""Clips: times from sample counts, colours, sound copied or encoded, and growth that can be played at every moment."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.errors import ParameterError
from bandwalk.output.containers import CONTAINERS, Encoding, container_of
from bandwalk.output.growing import GrowingFile, find_fragment
from bandwalk.output.movie import Movie
from bandwalk.output.resume_point import ResumePoint
from bandwalk.output.soundtrack import CopiedSound, EncodedSound

SIDE = 32


def _encoding(fps=24):
    return Encoding(SIDE, SIDE, Fraction(fps), 18, "ultrafast", 1)


def _blocks(seconds, channels=2):
    t = np.arange(round(seconds * 48_000)) / 48_000
    y = np.repeat((0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None], channels, axis=1)
    for start in range(0, len(y), 1000):
        yield y[start : start + 1000]


def _write(path, n, encoding=None, sound="encoded", colour=(0, 0, 0)):
    encoding = encoding or _encoding()
    container = container_of(path, encoding)
    track = EncodedSound(_blocks(n / encoding.fps), 2, container) if sound == "encoded" else sound
    movie = Movie(path, encoding, container=container, sound=track)
    picture = np.empty((SIDE, SIDE, 3), np.uint8)
    picture[:] = colour
    for _ in range(n):
        movie.write(picture)
    movie.finish()


def test_times_are_counted_in_samples_where_a_step_is_551_of_them(tmp_path):
    encoding = _encoding(Fraction(22_050, 551))
    n = 2 * encoding.chapter + 1  # the last chapter has one frame
    _write(tmp_path / "a.mp4", n, encoding)
    with av.open(str(tmp_path / "a.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    assert packets[0].time_base == Fraction(1, 22_050)
    assert [packet.pts for packet in packets] == [551 * k for k in range(n)]
    assert packets[-1].duration == 551


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30_000, 1001), Fraction(120)])
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_frames_are_exactly_where_their_rate_says(tmp_path, fps, suffix):
    _write(tmp_path / f"a{suffix}", 30, _encoding(fps))
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [k / fps for k in range(30)]


@pytest.mark.parametrize("suffix", sorted(CONTAINERS))
@pytest.mark.parametrize("colour", [(200, 30, 40), (30, 200, 40), (40, 30, 200), (255, 255, 255), (0, 0, 0)])
def test_colours_arrive(tmp_path, suffix, colour):
    path = tmp_path / f"a{suffix}"
    _write(path, 2, colour=colour)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    rgb = frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - colour).max() < 4


def test_sound_begins_with_the_picture_and_is_not_shifted(tmp_path):
    _write(tmp_path / "a.mp4", 200)
    with av.open(str(tmp_path / "a.mp4")) as container:
        y = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    t = np.arange(9600, 360_000)
    expected = 0.3 * np.sin(2 * np.pi * 440 * t / 48_000)
    assert np.abs(y[9600:360_000] - expected).max() < 0.02


CLICK_S = 1.0


def _clicked():
    """Two seconds of silence with a burst from CLICK_S on, [n, 2] float32."""
    y = np.zeros((2 * 48_000, 2), np.float32)
    t = np.arange(4800) / 48_000
    y[48_000:52_800] = (0.5 * np.sin(2 * np.pi * 2000 * t))[:, None]
    return y


def _click_s(path):
    """When the burst is heard in a file."""
    with av.open(str(path)) as container:
        to_float = av.AudioResampler(format="fltp", rate=48_000)
        pieces = [frame for got in container.decode(audio=0) for frame in to_float.resample(got)]
    y = np.concatenate([frame.to_ndarray()[0] for frame in pieces])
    return np.argmax(np.abs(y) > 0.15) / 48_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """The same sound in several files, by the name of its codec."""
    folder = tmp_path_factory.mktemp("songs")
    y = _clicked()
    paths = {"mp3": folder / "a.mp3", "vorbis": folder / "a.ogg", "pcm_s16le": folder / "a.wav"}
    for path in paths.values():
        soundfile.write(path, y, 48_000)
    movie = folder / "a.mp4"
    _write(movie, 48, sound=EncodedSound(iter([y]), 2, CONTAINERS[".mp4"]))
    return paths | {"aac": movie}


@pytest.mark.parametrize(
    ("codec", "suffix"), [("aac", ".mp4"), ("aac", ".mov"), ("pcm_s16le", ".mov"), ("vorbis", ".webm")]
)
def test_sound_that_the_container_takes_is_copied_byte_for_byte(songs, tmp_path, codec, suffix):
    assert codec in CONTAINERS[suffix].copied
    path = tmp_path / f"a{suffix}"
    source = av.open(str(songs[codec]))
    _write(path, 60, sound=CopiedSound(source, source.streams.audio[0]))
    packets = []
    for file in (songs[codec], path):
        with av.open(str(file)) as container:
            packets.append(b"".join(bytes(packet) for packet in container.demux(audio=0)))
    assert packets[0] == packets[1]
    assert _click_s(path) == pytest.approx(CLICK_S, abs=0.005)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_clip_plays_at_every_chapter_before_it_is_finished(tmp_path, suffix):
    path, encoding = tmp_path / f"a{suffix}", _encoding()
    container = container_of(path, encoding)
    movie = Movie(path, encoding, container=container, sound=EncodedSound(_blocks(20.0), 2, container))
    for n in range(1, 3 * encoding.chapter + 1):
        movie.write(np.full((SIDE, SIDE, 3), n % 256, np.uint8))
        if n % encoding.chapter == 0:
            assert movie.mark == ResumePoint(n, path.stat().st_size)
            (tmp_path / "copy").write_bytes(path.read_bytes())
            with av.open(str(tmp_path / "copy")) as container:
                assert len(list(container.decode(video=0))) == n
    movie.abandon()


def test_chapters_follow_each_other_without_a_gap_in_the_sound(tmp_path):
    path, encoding = tmp_path / "a.mp4", _encoding()
    container = container_of(path, encoding)
    movie = Movie(path, encoding, container=container, sound=EncodedSound(_blocks(10.0), 2, container))
    for _ in range(3 * encoding.chapter):
        movie.write(np.zeros((SIDE, SIDE, 3), np.uint8))
    movie.stop()
    with av.open(str(path)) as container:
        pts = [packet.pts for packet in container.demux(audio=0) if packet.pts is not None]
    assert set(np.diff(pts)) == {1024}
    assert pts[0] == -1024


def test_an_abandoned_clip_keeps_its_whole_chapters(tmp_path):
    path, encoding = tmp_path / "a.mp4", _encoding()
    movie = Movie(path, encoding, container=container_of(path, encoding), sound=None)
    for _ in range(encoding.chapter + 5):
        movie.write(np.zeros((SIDE, SIDE, 3), np.uint8))
    movie.abandon()
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) == encoding.chapter


def test_a_file_that_is_shorter_than_its_mark_is_not_gone_on_with(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"short")
    with pytest.raises(OSError, match="shorter than 100"):
        GrowingFile(tmp_path / "a.mp4", 100)
    assert (tmp_path / "a.mp4").read_bytes() == b"short"


@pytest.mark.parametrize(("name", "size"), [("a.avi", 32), ("a", 32), ("a.mp4", 33)])
def test_what_no_container_takes_is_refused(tmp_path, name, size):
    with pytest.raises(ParameterError, match="expected"):
        container_of(tmp_path / name, Encoding(size, 32, Fraction(24), 18, "fast", 1))


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_the_header_is_told_from_the_fragments(tmp_path, suffix):
    encoding = _encoding()
    path = tmp_path / f"a{suffix}"
    movie = Movie(path, encoding, container=container_of(path, encoding), sound=None)
    for _ in range(encoding.chapter):
        movie.write(np.zeros((SIDE, SIDE, 3), np.uint8))
    movie.stop()
    data = path.read_bytes()
    start = find_fragment(data)
    name = data[start + 4 : start + 8] if suffix == ".mp4" else data[start : start + 4]
    assert name == (b"moof" if suffix == ".mp4" else bytes.fromhex("1f43b675"))
    assert all(find_fragment(data[:n]) in (None, start) for n in range(start + 20))


@given(st.binary(max_size=200))
def test_no_header_whatever_it_holds_takes_the_search_out_of_its_bytes(data):
    for head in (b"", bytes.fromhex("1a45dfa3")):
        found = find_fragment(head + data)
        assert found is None or 0 <= found < len(head + data)


def test_pixels_of_a_strided_picture_are_its_own(tmp_path):
    wide = np.zeros((SIDE, 2 * SIDE, 3), np.uint8)
    wide[:, ::2] = (200, 30, 40)
    encoding, path = _encoding(), tmp_path / "a.mp4"
    movie = Movie(path, encoding, container=container_of(path, encoding), sound=None)
    movie.write(wide[:, ::2])
    movie.finish()
    with av.open(io.BytesIO(path.read_bytes())) as container:
        rgb = next(container.decode(video=0)).reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
    assert np.abs(rgb.reshape(-1, 3).mean(axis=0) - (200, 30, 40)).max() < 4
