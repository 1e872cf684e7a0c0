"""A file as one channel, as librosa loads it."""

import threading

import numpy as np
import pytest
import soundfile
import soxr

from bandwalk.audio import mono
from bandwalk.audio.mono import mono_at
from bandwalk.errors import AudioError, ParameterError

SECONDS = 3.0


@pytest.fixture(scope="module")
def y():
    rng = np.random.default_rng(0)
    return (0.1 * np.cumsum(rng.standard_normal((int(SECONDS * 44_100), 2)), axis=0) % 1 - 0.5).astype(np.float32)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_it_hears_what_libsndfile_hears(y, tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, y, 44_100)
    x, _ = soundfile.read(path, dtype="float32")
    heard = np.concatenate(list(mono_at(path, 44_100)))
    assert len(heard) == len(x)
    assert np.abs(heard - x.mean(axis=1)).max() < 1e-5


@pytest.fixture
def threads(monkeypatch):
    """The threads that decode pieces."""
    found = []
    piece = mono._piece
    monkeypatch.setattr(mono, "_piece", lambda *args: found.append(threading.get_ident()) or piece(*args))
    return found


@pytest.fixture(scope="module")
def long_files(tmp_path_factory):
    """Half a minute of sound by the suffix of its file: (path, samples)."""
    folder, rng = tmp_path_factory.mktemp("long"), np.random.default_rng(1)
    made, y = {}, np.tanh(np.cumsum(0.05 * rng.standard_normal((30 * 44_100, 2)), axis=0))

    def get(suffix):
        if suffix not in made:
            path = folder / f"long.{suffix}"
            soundfile.write(path, y, 44_100)
            made[suffix] = path, soundfile.read(path, dtype="float32")[0]
        return made[suffix]

    return get


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_a_long_file_decoded_by_several_threads_has_the_bits_of_one(long_files, suffix, threads):
    path, x = long_files(suffix)
    heard = np.concatenate(list(mono_at(path, 44_100)))
    assert len(threads) > 2
    assert (len(set(threads)) > 1) == (mono.cores() > 1)
    assert np.array_equal(heard, (x[:, 0] + x[:, 1]) / np.float32(2))
    some = mono_at(path, 44_100)
    assert len(next(some))
    some.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]


@pytest.mark.parametrize("damage", ["hole", "no beginning", "noise"])
def test_a_damaged_file_keeps_its_time(long_files, tmp_path, damage, caplog):
    (whole, x), path = long_files("ogg"), tmp_path / "damaged.ogg"
    pages = whole.read_bytes().split(b"OggS")[1:]
    middle = len(pages) // 2
    if damage == "hole":
        pages[middle : middle + 4] = []
    elif damage == "no beginning":
        pages[3 : 3 + len(pages) // 5] = []
    else:
        pages[middle] = pages[middle][:100] + bytes(1000) + pages[middle][1100:]
    path.write_bytes(b"".join(b"OggS" + page for page in pages))
    expected = (x[:, 0] + x[:, 1]) / np.float32(2)
    heard = np.concatenate(list(mono_at(path, 44_100)))
    assert abs(len(heard) - len(expected)) < 4410
    n = min(len(heard), len(expected))
    is_right, is_silent = np.abs(heard[:n] - expected[:n]) < 1e-4, heard[:n] == 0
    assert np.mean(is_right | is_silent) > 0.999
    assert 0.002 < np.mean(is_silent) < 0.4
    assert sum("this part is silent" in record.message for record in caplog.records) == 1


def test_it_is_mixed_and_resampled_as_librosa_does(y, tmp_path):
    soundfile.write(tmp_path / "a.wav", y, 44_100, subtype="FLOAT")
    expected = soxr.resample(y.mean(axis=1), 44_100, 22_050, quality="HQ")
    heard = np.concatenate(list(mono_at(tmp_path / "a.wav", 22_050)))
    assert len(heard) == len(expected)
    assert np.abs(heard - expected).max() < 1e-6


def test_channels_are_chosen(y, tmp_path):
    soundfile.write(tmp_path / "a.wav", y, 22_050, subtype="FLOAT")
    assert np.array_equal(np.concatenate(list(mono_at(tmp_path / "a.wav", 22_050, channels="2"))), y[:, 1])
    with pytest.raises(ParameterError, match="channels = 3"):
        list(mono_at(tmp_path / "a.wav", 22_050, channels="3"))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(AudioError):
        list(mono_at(tmp_path / "none.wav", 22_050))
