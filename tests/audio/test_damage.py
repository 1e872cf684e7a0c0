"""Files as people have them are heard to their real end, in the time that they keep; what is wrong is said once."""

import logging
import subprocess

import numpy as np
import pytest
from damaged import CODECS, SECONDS, cut, ffmpeg_s, hurt, id3_inside, joined, lag_s, with_gap, with_length, write_whole

from bandwalk.audio import SourceOptions
from bandwalk.audio.sound_file import FileSource, missing_end
from bandwalk.audio.timeline import Timeline

PACKED = [suffix for suffix in CODECS if suffix not in ("wav", "aiff")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the whole file of a kind, made once."""
    folder, made = tmp_path_factory.mktemp("whole"), {}

    def get(suffix):
        if suffix not in made:
            made[suffix] = write_whole(folder / f"whole.{suffix}")
        return made[suffix]

    return get


def _hear(source):
    """All sound of a source's first channel, [n]."""
    pieces = []
    while len(x := source.read(4800)):
        pieces.append(x[:, 0])
    return np.concatenate(pieces)


def _heard(path, **options):
    source = FileSource(path, SourceOptions(**options))
    return _hear(source), source


def _write(folder, whole, data):
    path = folder / f"damaged{whole.suffix}"
    path.write_bytes(data)
    return path


def _said(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("suffix", PACKED)
def test_a_damaged_packet_is_passed_by_in_time(whole, tmp_path, suffix, caplog):
    expected, _ = _heard(whole(suffix))
    path = _write(tmp_path, whole(suffix), hurt(whole(suffix), 0.5))
    y, source = _heard(path)
    assert abs(len(y) - len(expected)) < 4800
    lags = [lag_s(y, expected, at) for at in (1.0, 8.0, 9.0)]
    assert max(abs(lag) for lag in lags) < 0.05
    said = _said(caplog)
    assert len(said) == len(source.counters.counts) <= 1
    assert all("silen" in line and "rrno" not in line for line in said)


def test_a_damaged_file_that_loops_plays_on_and_is_told_of_once(whole, tmp_path, caplog):
    path = _write(tmp_path, whole("m4a"), hurt(whole("m4a"), 0.5))
    once, _ = _heard(path)
    caplog.clear()
    source = FileSource(path, SourceOptions(loop=True))
    y = source.read(len(once) * 2 - 4800)[:, 0]
    assert np.array_equal(y[: len(once) - 4800], once[:-4800])
    assert all(lag_s(y[len(once) :], once, at) == pytest.approx(0, abs=0.002) for at in (1.0, 8.0))
    assert source.counters.counts == {"audio_damaged": 2}
    assert len(_said(caplog)) == 1


@pytest.mark.parametrize("suffix", ["mka", "m4a", "webm", "ts", "ogg"])
def test_a_gap_in_the_timestamps_is_silence_of_its_length(whole, tmp_path, suffix, caplog):
    expected, _ = _heard(whole(suffix))
    y, source = _heard(with_gap(whole(suffix), tmp_path / f"gap.{suffix}"))
    assert abs(len(y) - len(expected)) < 480
    assert np.mean(y[:-480] == 0) == pytest.approx(2.0 / SECONDS, abs=0.02)
    assert lag_s(y, expected, 8.0) == pytest.approx(0, abs=0.002)
    assert source.counters.counts == {"audio_gap": 1}
    (said,) = _said(caplog)
    assert said.endswith(" s it has no sound for 2.0 s; this part is silent")


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "opus", "aac", "ts"])
@pytest.mark.parametrize("channels", [2, 1])
def test_joined_files_are_heard_to_the_end_of_the_last(whole, tmp_path, suffix, channels):
    other = whole(suffix)
    if channels == 1:
        other = write_whole(tmp_path / f"other.{suffix}", rate=24_000 if suffix == "opus" else 22_050, channels=1)
    path = _write(tmp_path, other, joined(whole(suffix), other))
    y, _ = _heard(path)
    assert len(y) / 48_000 == pytest.approx(ffmpeg_s(path), abs=0.1)
    assert len(y) / 48_000 == pytest.approx(2 * SECONDS, abs=0.15)
    second = y[len(y) - round((SECONDS - 1.0) * 48_000) :]
    expected, _ = _heard(whole(suffix))
    assert lag_s(second, expected[48_000:], 4.0) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "mka", "webm", "flac"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_wrong_length_in_the_header_is_only_a_guess(whole, tmp_path, suffix, factor, caplog):
    path = _write(tmp_path, whole(suffix), with_length(whole(suffix), factor))
    y, source = _heard(path)
    assert len(y) / 48_000 == pytest.approx(SECONDS, abs=0.1)
    assert source.length == pytest.approx(len(y), abs=2)
    assert source.counters.counts == {}
    assert "missing" not in caplog.text
    assert missing_end(path) == ""


def test_an_mp3_of_variable_rate_without_a_header_is_heard_to_its_end(tmp_path, caplog):
    path = write_whole(tmp_path / "vbr.mp3", options=("-write_xing", "0", "-q:a", "5", "-b:a", "0"))
    y, source = _heard(path)
    assert len(y) / 48_000 == pytest.approx(SECONDS, abs=0.1)
    assert _said(caplog) == []
    assert FileSource(path, SourceOptions()).length is None  # a guess from the first packets is no length
    source.seek(7.0)
    assert np.abs(source.read(4800)[:, 0] - y[7 * 48_000 :][:4800]).max() < 0.02


def test_a_tag_inside_an_mp3_costs_less_than_a_tenth_of_a_second(whole, tmp_path):
    y, _ = _heard(_write(tmp_path, whole("mp3"), id3_inside(whole("mp3"))))
    assert len(y) / 48_000 == pytest.approx(SECONDS, abs=0.1)


def test_a_picture_beside_the_sound_is_passed_by(tmp_path, whole, make_sound):
    cover = make_sound("cover.png", "testsrc=size=64x64:duration=1", "-frames:v", "1")
    path = tmp_path / "cover.mp3"
    command = ["ffmpeg", "-loglevel", "error", "-i", str(whole("mp3")), "-i", str(cover), "-map", "0", "-map", "1"]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, stdin=subprocess.DEVNULL)
    y, source = _heard(path)
    assert len(y) / 48_000 == pytest.approx(SECONDS, abs=0.1)
    assert source.counters.counts == {}


@pytest.mark.parametrize("kind", ["joined.mp3", "joined.ogg", "gap.mka", "hurt.flac", "hurt.m4a"])
def test_a_second_is_the_same_place_however_it_is_come_to(whole, tmp_path, kind):
    damage, suffix = kind.split(".")
    if damage == "gap":
        path = with_gap(whole(suffix), tmp_path / kind)
    else:
        how = {"joined": joined, "hurt": lambda file: hurt(file, 0.5)}[damage]
        path = _write(tmp_path, whole(suffix), how(whole(suffix)))
    y, source = _heard(path)
    for at in (0.5, 5.0, 5.5, 6.5, 9.0, len(y) / 48_000 - 2.0):
        source.seek(at)
        there, expected = source.read(9600)[:, 0], y[round(at * 48_000) :][:9600]
        if np.abs(expected).max() < 0.01:
            assert np.abs(there).max() < 0.01
        else:
            assert lag_s(there, expected, 0.0, seconds=0.2) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg", "webm", "wav"])
def test_a_cut_file_is_known_by_its_last_seconds(whole, tmp_path, suffix):
    assert missing_end(whole(suffix)) == ""
    assert missing_end(_write(tmp_path, whole(suffix), cut(whole(suffix)))) == "its end is missing"


def test_a_file_that_is_cut_while_it_plays_is_called_cut(whole, tmp_path, caplog):
    path = _write(tmp_path, whole("wav"), whole("wav").read_bytes())
    source = FileSource(path, SourceOptions())
    source.read(4800)
    path.write_bytes(cut(path))
    _hear(source)
    assert source.is_cut
    assert "its end is missing; it played to 6.0 s of 10.0 s" in caplog.text


def test_timestamps_that_jitter_move_nothing():
    line, rng = Timeline(48_000), np.random.default_rng(0)
    for k in range(500):
        assert line.add(1000 * k + int(rng.integers(-1400, 1400)), 1000) == 0
    assert line.at == 500_000


def test_a_clock_that_jumps_is_no_gap():
    line = Timeline(48_000)
    assert [line.add(stamp, 1000) for stamp in (0, 1000, 48_000 * 100, 48_000 * 100 + 1000, 0, 1000, 11_000)] == [
        *([0] * 6),
        9000,
    ]
    assert line.jumps == 2
