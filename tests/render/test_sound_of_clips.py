"""The sound of a clip: copied where players take it, else encoded, and at the same place as the picture."""

import subprocess

import av
import numpy as np
import pytest
import soundfile
from damaged import cut, hurt, lag_s, with_gap, write_whole

from bandwalk.errors import ParameterError, WorkError
from bandwalk.output.containers import CONTAINERS, NOT_COPIED, container_of
from bandwalk.output.downmix import to_stereo
from bandwalk.output.soundtrack import CopiedSound, EncodedSound
from bandwalk.render import render
from bandwalk.render.clip_sound import soundtrack_of

from .conftest import job_for, start_of

SMALL = {"out_fps": "6"}


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """A chirp of ten seconds by the suffix of its file."""
    folder, made = tmp_path_factory.mktemp("songs"), {}

    def get(suffix, **options):
        if suffix not in made:
            made[suffix] = write_whole(folder / f"song.{suffix}", **options)
        return made[suffix]

    return get


def _sound(path):
    """The first channel of a clip's sound at 48 kHz, [n]."""
    with av.open(str(path)) as container:
        to_float = av.AudioResampler(format="fltp", rate=48_000)
        frames = [frame for got in container.decode(audio=0) for frame in to_float.resample(got)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _track(song, output, **flags):
    job = job_for(song, output, **flags)
    return soundtrack_of(job, container_of(job.output, job.look()))


@pytest.mark.parametrize(
    ("suffix", "output"), [("m4a", "a.mp4"), ("mka", "a.mp4"), ("m4a", "a.mov"), ("webm", "a.webm")]
)
def test_what_players_take_is_copied(songs, suffix, output):
    assert isinstance(_track(songs(suffix), output), CopiedSound)


@pytest.mark.parametrize(
    ("suffix", "output", "said"),
    [
        ("mp3", "a.mp4", "the sound becomes aac: QuickTime and iOS do not play MP3 in it"),
        ("ac3", "a.mp4", "the sound becomes aac: browsers do not play AC-3"),
        ("opus", "a.mp4", "the sound becomes aac: QuickTime and editing programs do not play Opus in it"),
        ("m4a", "a.webm", "the sound becomes libopus: the format takes Opus and Vorbis only"),
        ("aac", "a.mp4", "the sound is encoded anew"),
    ],
)
def test_what_they_do_not_take_is_encoded_and_the_reason_told(songs, suffix, output, said, caplog):
    with caplog.at_level("INFO"):
        assert isinstance(_track(songs(suffix), output), EncodedSound)
    assert said in caplog.text


def test_each_reason_is_for_sound_that_is_not_copied():
    assert all(codec not in CONTAINERS[suffix].copied for suffix, codec in NOT_COPIED)


def test_a_song_with_gaps_is_encoded_and_in_step(songs, tmp_path, caplog):
    song = with_gap(songs("mka"), tmp_path / "gap.mka")
    with caplog.at_level("INFO"):
        assert isinstance(_track(song, "a.mp4"), EncodedSound)
    assert "the sound is encoded anew: that of gap.mka has gaps" in caplog.text
    render(start_of(song, start=3, **SMALL), str(tmp_path / "clip.mp4"))
    whole = _sound(songs("mka"))
    for at, there in ((3.5, True), (5.0, False), (7.0, True)):
        lag = lag_s(_sound(tmp_path / "clip.mp4"), whole[3 * 48_000 :], at - 3.0)
        assert lag == pytest.approx(0, abs=0.005) if there else lag is None


def test_a_copied_song_is_heard_where_it_is_planned(songs, tmp_path):
    """Matroska's AAC begins before 0, with a decoder's way in."""
    render(start_of(songs("mka"), **SMALL), str(tmp_path / "clip.mp4"))
    heard = _sound(songs("mka"))
    assert lag_s(_sound(tmp_path / "clip.mp4"), heard, 5.0) == pytest.approx(0, abs=0.003)


def test_quad_is_mixed_down_by_the_rule_and_told(tmp_path, caplog):
    path, t = tmp_path / "plain.wav", np.arange(48_000) / 48_000
    tones = [0.4 * np.sin(2 * np.pi * f_hz * t) for f_hz in (300, 500, 700, 900)]
    soundfile.write(path, np.stack(tones, axis=1), 48_000, subtype="FLOAT")
    quad = tmp_path / "quad.wav"
    names = "channelmap=map=0-FL|1-FR|2-BL|3-BR:channel_layout=quad"
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-af", names, "-c:a", "pcm_f32le", str(quad)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    with caplog.at_level("INFO"):
        render(start_of(quad, **SMALL), str(tmp_path / "clip.mp4"))
    assert "the sound of 4 channels (FL FR BL BR) is mixed down to stereo by ITU-R BS.775" in caplog.text
    with av.open(str(tmp_path / "clip.mp4")) as container:
        y = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)[:, 4800:43_200]
    power = np.abs(np.fft.rfft(y * np.hanning(y.shape[1]))) / y.shape[1] * 4
    found = [[power[side, round(f_hz * y.shape[1] / 48_000)] for f_hz in (300, 500, 700, 900)] for side in (0, 1)]
    front, back = 0.4 / (1 + 0.5**0.5), 0.4 * 0.5**0.5 / (1 + 0.5**0.5)
    assert np.allclose(found, [[front, 0, back, 0], [0, front, 0, back]], atol=0.01)


@pytest.mark.parametrize(
    "names", [("FL", "FR", "FC"), ("FL", "FR", "BL", "BR"), ("FL", "FR", "FC", "LFE", "BC", "SL", "SR")]
)
def test_nothing_gets_too_loud_by_mixing_down(names):
    matrix = to_stereo(names, len(names))
    assert matrix.shape == (len(names), 2)
    assert np.abs(matrix).sum(axis=0).max() <= 1.0001
    assert np.allclose(matrix.sum(axis=0)[0], matrix.sum(axis=0)[1])


def test_channels_without_names_are_left_and_right_in_turn():
    assert np.allclose(to_stereo((), 3), [[0.5, 0], [0, 1 / 2], [0.5, 0]], atol=1e-6)


def test_a_clip_that_is_there_is_not_written_over(song, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"a year's work")
    with pytest.raises(ParameterError, match=r"it is there already; expected another name, --force"):
        render(start_of(song, end=0.3), str(path))
    assert path.read_bytes() == b"a year's work"
    (tmp_path / "a-mid.mp4").touch()
    with pytest.raises(ParameterError, match=r"a-mid.mp4: it is there already"):
        render(start_of(song, end=0.3, ablation=1), str(tmp_path / "a.mp4"))
    with pytest.raises(ParameterError, match="it is there already"):
        render(start_of(song, end=0.3), str(tmp_path))
    render(start_of(song, end=0.3, force=1, **SMALL), str(path))
    assert path.stat().st_size > 1000


def test_the_demo_is_a_song(tmp_path):
    line = render(start_of("demo", end=0.5, **SMALL), str(tmp_path / "demo.mp4"))
    assert "3 frames" in line
    assert np.abs(_sound(tmp_path / "demo.mp4")).max() > 0.05


def test_live_sound_is_no_song(tmp_path):
    with pytest.raises(ParameterError, match="live sound has no end; expected a sound file, or demo"):
        render(start_of("live"), str(tmp_path / "clip.mp4"))


def test_a_song_whose_end_is_missing_is_a_clip_and_an_error(songs, tmp_path, caplog):
    song = tmp_path / "cut.flac"
    song.write_bytes(cut(songs("flac")))
    with pytest.raises(WorkError, match=r"frames at 6 fps.*; the clip ends early: cut.flac: its end is missing"):
        render(start_of(song, start=4, **SMALL), str(tmp_path / "clip.mp4"))
    assert len(_sound(tmp_path / "clip.mp4")) > 48_000
    assert sum("its end is missing" in record.getMessage() for record in caplog.records) == 1


def test_a_song_that_is_hurt_is_a_whole_clip(songs, tmp_path, caplog):
    song = tmp_path / "hurt.m4a"
    song.write_bytes(hurt(songs("m4a"), 0.5))
    line = render(start_of(song, start=4, **SMALL), str(tmp_path / "clip.mp4"))
    assert "37 frames" in line
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "hurt.m4a: it is damaged at 5.1 s; the damaged part is silent, the rest plays in time"
    ]


@pytest.mark.parametrize("suffix", ["mp3", "wav"])
def test_a_start_past_the_end_is_one_line(songs, tmp_path, suffix):
    with pytest.raises(ParameterError, match=r"^--start = 50: expected less than 10, the song's end$"):
        render(start_of(songs(suffix), start=50), str(tmp_path / "clip.mp4"))
