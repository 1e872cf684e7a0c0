import gc
import struct
import subprocess
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandwalk.audio import SourceOptions
from bandwalk.audio.sound_file import FileSource
from bandwalk.audio.source import to_mono
from bandwalk.errors import AudioError, ParameterError

REAL_SONG = Path("/usr/share/games/frozen-bubble/snd/introzik.ogg")
CHIRP = "aevalsrc=0.5*sin(2*PI*(200*t+150*t*t)):s=44100:d=4"  # tells where in the file one is


def _read_all(source, n=480):
    pieces = []
    while len(x := source.read(n)):
        pieces.append(x)
    return np.concatenate(pieces) if pieces else np.zeros((0, 1), np.float32)


def _open(path, **options):
    return FileSource(path, SourceOptions(**options))


def _peak_hz(y):
    return np.argmax(np.abs(np.fft.rfft(y * np.hanning(len(y))))) * 48000 / len(y)


def _lag(y, reference):
    """Samples by which y comes later than reference."""
    n = len(y) + len(reference)
    correlation = np.fft.irfft(np.fft.rfft(y, n) * np.conj(np.fft.rfft(reference, n)), n)
    lag = int(np.argmax(correlation))
    return lag if lag < n // 2 else lag - n


@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
def test_any_rate_becomes_48_khz(tmp_path, sample_rate):
    t = np.arange(2 * sample_rate) / sample_rate
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 1000 * t), sample_rate, subtype="FLOAT")
    y = _read_all(_open(tmp_path / "a.wav"))[:, 0]
    assert abs(len(y) - 96000) <= 1
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(len(y)) / 48000)
    assert np.abs(y - expected)[2000:-2000].max() < 2e-3


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
        ("a.opus", ()),
        ("a.flac", ()),
        ("a.wav", ()),
        ("u8.wav", ("-c:a", "pcm_u8")),
        ("a.aiff", ()),
        ("a.m4a", ()),
        ("a.mp4", ()),
        ("a.aac", ()),
        ("a.webm", ()),
        ("a.mka", ()),
        ("a.wma", ()),
        ("alac.m4a", ("-c:a", "alac")),
    ],
)
def test_every_common_kind_of_file_plays_to_its_end(make_sound, name, options):
    path = make_sound(name, "sine=frequency=997:sample_rate=44100:duration=3", "-ac", "2", *options)
    source = _open(path)
    x = _read_all(source)
    assert x.shape[1] == 2
    assert abs(len(x) / 48000 - 3) < 0.1
    assert _peak_hz(to_mono(x)[24000:72000]) == pytest.approx(997, abs=1)
    assert source.counters.counts == {}
    if name != "a.aac":  # raw AAC does not say
        assert source.length / 48000 == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("name", ["s.wav", "s.flac", "s.ogg", "s.mp3", "s.m4a", "s.webm", "s.opus"])
@pytest.mark.parametrize("t_s", [0.0, 1.0, 2.5])
def test_a_seek_goes_to_the_second(make_sound, name, t_s):
    path = make_sound(name, CHIRP)
    whole = _read_all(_open(path))[:, 0]
    source = _open(path)
    source.read(4800)
    source.seek(t_s)
    there = source.read(24000)[:, 0]
    at = round(48000 * t_s)
    assert abs(_lag(there, whole[at : at + 24000])) <= 48  # 1 ms


def test_a_seek_past_the_end_is_the_end_and_one_before_the_start_is_the_start(make_sound):
    source = _open(make_sound("seek.flac", CHIRP))
    first = source.read(480)
    source.seek(1e6)
    assert len(source.read(480)) == 0
    source.seek(-5)
    assert np.array_equal(source.read(480), first)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_all_channels_are_mixed_to_their_mean(tmp_path, channels, rng):
    x = rng.uniform(-0.5, 0.5, (4800, channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", x, 48000, subtype="FLOAT")
    assert np.allclose(to_mono(_read_all(_open(tmp_path / "a.wav"))), x.mean(axis=1), atol=1e-7)


def test_channels_are_chosen_before_they_are_mixed(tmp_path, rng):
    x = rng.uniform(-0.5, 0.5, (4800, 6)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", x, 48000, subtype="FLOAT")
    assert np.array_equal(_read_all(_open(tmp_path / "a.wav", channels="3-4")), x[:, 2:4])
    assert np.array_equal(_read_all(_open(tmp_path / "a.wav", channels="6")), x[:, 5:])


def test_channels_that_the_file_does_not_have_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((100, 2)), 48000)
    with pytest.raises(ParameterError, match=r"channels = 3-4: expected channels from 1 to 2, all that a.wav has"):
        _open(tmp_path / "a.wav", channels="3-4")


def test_a_loop_has_no_seam(tmp_path):
    """441 Hz in 1 s of 44.1 kHz: whole periods, so the looped file is one endless sine, also resampled."""
    t = np.arange(44100) / 44100
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 441 * t), 44100, subtype="FLOAT")
    y = _open(tmp_path / "a.wav", loop=True).read(3 * 48000)[:, 0]
    expected = 0.5 * np.sin(2 * np.pi * 441 * np.arange(len(y)) / 48000)
    assert np.abs(y - expected)[2000:].max() < 1e-3


def test_a_loop_goes_on_after_a_seek_to_the_end(make_sound):
    source = _open(make_sound("loop.flac", CHIRP), loop=True)
    first = source.read(4800)
    source.seek(1e6)
    assert np.allclose(source.read(4800), first, atol=1e-3)


def test_nan_and_infinity_and_absurd_samples_become_silence_and_are_counted(tmp_path):
    x = np.full(9600, 0.25, np.float32)
    x[[100, 5000]] = np.nan
    x[200], x[300], x[301] = np.inf, -np.inf, 1e30
    soundfile.write(tmp_path / "a.wav", x, 48000, subtype="FLOAT")
    source = _open(tmp_path / "a.wav")
    y = _read_all(source)[:, 0]
    assert np.flatnonzero(y == 0).tolist() == [100, 200, 300, 301, 5000]
    assert source.counters.counts == {"audio_nonfinite": 5}


@pytest.mark.parametrize(
    "name", ["cut.wav", "cut.flac", "cut.mp3", "cut.ogg", "cut.opus", "cut.m4a", "cut.webm", "cut.aiff"]
)
def test_a_file_that_breaks_off_plays_to_there_and_is_reported(make_sound, name, caplog):
    options = ("-movflags", "faststart") if name == "cut.m4a" else ()
    path = make_sound(name, "anoisesrc=a=0.5:r=44100:d=20:seed=1", "-ac", "2", *options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = _open(path)
    x = _read_all(source)
    assert 7 < len(x) / 48000 < 13
    assert np.abs(x).max() > 0.1
    assert len(source.read(480)) == 0
    assert source.counters.counts == {"audio_broken": 1}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert name in caplog.text


def test_a_broken_file_that_loops_is_reported_once(make_sound, caplog):
    path = make_sound("loopcut.flac", CHIRP)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = _open(path, loop=True)
    assert len(source.read(10 * 48000)) == 10 * 48000
    assert source.counters.counts == {"audio_broken": 1}
    assert len(caplog.records) == 1


def test_a_wav_that_was_streamed_is_not_called_broken(tmp_path):
    """Its header was written before its length was known."""
    command = "ffmpeg -loglevel error -f lavfi -i sine=duration=2:sample_rate=48000 -f wav pipe:1"
    wav = subprocess.run(command, shell=True, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    (tmp_path / "a.wav").write_bytes(wav)
    source = _open(tmp_path / "a.wav")
    assert len(_read_all(source)) == 96000
    assert source.counters.counts == {}


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"


def _wav(sample_rate, data):
    """16 bits, mono."""
    fmt = (16, 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", *fmt, b"data", len(data)) + data


BAD = {
    "empty.wav": b"",
    "text.wav": b"This is no sound, but a letter.\n" * 100,
    "header.wav": _wav(48000, b""),
    "1hz.wav": _wav(1, bytes(100)),
    "noise.mp3": np.random.default_rng(0).bytes(50_000),
    "noise.bin": np.random.default_rng(1).bytes(50_000),
    "list.m3u8": PLAYLIST,
    "list.mp3": PLAYLIST,
    "list.ffconcat": b"ffconcat version 1.0\nfile a.wav\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_without_sound_is_refused_in_one_line(tmp_path, name):
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 48000)
    (tmp_path / name).write_bytes(BAD[name])
    with pytest.raises(AudioError) as e:
        _open(tmp_path / name)
    message = str(e.value)
    assert message.startswith(f"opening {tmp_path / name}: ")
    assert "expected" in message
    assert "\n" not in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        _open(tmp_path / "nothing.wav")
    with pytest.raises(AudioError, match="not a file"):
        _open(tmp_path)


def test_a_picture_is_refused(make_sound):
    path = make_sound("picture.png", "testsrc=size=64x64:duration=1", "-frames:v", "1")
    with pytest.raises(AudioError, match="no sound that can be read"):
        _open(path)


def test_memory_does_not_grow_with_the_song():
    source = _open(REAL_SONG, loop=True)
    source.read(48000)
    tracemalloc.start()
    for _ in range(120):
        source.read(48000)  # two minutes, 46 MB decoded
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6


def test_a_closed_file_leaves_no_decoder_with_its_threads(tmp_path):
    """Not even until Python looks for cycles: a show of a night opens hundreds of songs."""
    soundfile.write(tmp_path / "song.flac", np.zeros(48_000, np.float32), 48_000)
    source = _open(tmp_path / "song.flac")
    held = weakref.ref(source._decoder)
    source.read(480)
    gc.disable()
    try:
        source.close()
        del source
        assert held() is None
    finally:
        gc.enable()


def test_what_is_read_after_closing_is_empty(make_sound):
    source = _open(make_sound("closed.flac", CHIRP), loop=True)
    source.close()
    source.close()
    source.seek(1.0)
    assert len(source.read(480)) == 0


@pytest.mark.parametrize("name", ["b.ogg", "b.m4a"])
def test_blocks_of_any_size_are_the_same_sound(make_sound, name):
    path = make_sound(name, CHIRP)
    whole = _open(path).read(10**7)
    for n in (1000, 4097):
        assert np.array_equal(whole, _read_all(_open(path), n))
