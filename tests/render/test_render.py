"""Clips from songs: complete, in step, the same again, and whole wherever they were cut short."""

import io
import json
import re
import resource
import signal
import sys
import threading

import av
import numpy as np
import pytest
from PIL import Image
from server import Started

from bandwalk.errors import ParameterError
from bandwalk.render import render
from bandwalk.render.state_file import state_path

from .conftest import SECONDS, start_of

FRAMES = int(np.ceil(SECONDS * 24))
CHAPTER = 96
SMALL = ("--size", "128", "--fps", "24", "--threads", "1")


def _streams(path):
    """(frames, seconds of pictures, seconds of sound) of a clip, decoded from end to end."""
    with av.open(str(path)) as container:
        frames = [frame.time for frame in container.decode(video=0)]
        fps = container.streams.video[0].average_rate
    with av.open(str(path)) as container:
        sound = list(container.decode(audio=0))
    assert frames == pytest.approx([k / fps for k in range(len(frames))], abs=2e-3)
    return len(frames), len(frames) / fps, sound[-1].time + sound[-1].samples / sound[-1].sample_rate


@pytest.fixture(scope="module")
def clip(song, tmp_path_factory):
    """A clip rendered without a stop."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    line = render(start_of(song), str(path))
    assert re.match(rf"{path}: {FRAMES} frames at 24 fps", line)
    assert not state_path(path).exists()
    assert list(path.parent.iterdir()) == [path]
    return path


def test_a_clip_has_pictures_and_sound_of_the_same_length(clip):
    frames, pictures_s, sound_s = _streams(clip)
    assert frames == FRAMES
    assert abs(pictures_s - SECONDS) < 1 / 24
    assert abs(sound_s - pictures_s) < 1 / 24
    data = clip.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")  # the index is at the front
    with av.open(str(clip)) as container:
        video, sound = container.streams
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (sound.codec_context.name, sound.channels) == ("aac", 2)


@pytest.mark.parametrize(("name", "codecs"), [("clip.mov", ("prores", "pcm_s16le")), ("clip.webm", ("vp9", "opus"))])
def test_other_containers(song, tmp_path, name, codecs):
    render(start_of(song, end=2.0), str(tmp_path / name))
    frames, pictures_s, sound_s = _streams(tmp_path / name)
    assert frames == 48
    assert abs(sound_s - pictures_s) < 1 / 24
    with av.open(str(tmp_path / name)) as container:
        assert tuple(stream.codec_context.codec.canonical_name for stream in container.streams) == codecs
        profile = {"prores": "Standard", "vp9": "Profile 0"}[codecs[0]]
        assert container.streams.video[0].codec_context.profile == profile


def test_pictures_in_a_folder_are_the_same_again_and_those_of_the_raw_frames(song, tmp_path, monkeypatch):
    for name in ("one", "two"):
        render(start_of(song, end=0.5, exact=1), str(tmp_path / name))
    one, two = ([path.read_bytes() for path in sorted((tmp_path / name).iterdir())] for name in ("one", "two"))
    assert one == two
    assert len(one) == 12
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(raw))
    render(start_of(song, end=0.5, exact=1), "-")
    pixels = b"".join(np.asarray(Image.open(io.BytesIO(file))).tobytes() for file in one)
    assert raw.getvalue() == pixels


def _wait_for_mark(path, frames, process):
    """Wait until the state beside a clip says that so many frames are safe."""
    done = threading.Event()
    while process.poll() is None:
        state = state_path(path)
        if state.exists() and json.loads(state.read_text())["marks"][0][0] >= frames:
            return
        done.wait(0.01)
    raise AssertionError("the render ended too soon")


def test_a_clip_that_was_stopped_plays_and_resumed_it_is_the_same_file(song, clip, tmp_path):
    path = tmp_path / "clip.mp4"
    with Started("render", song, "-o", path, *SMALL) as process:
        _wait_for_mark(path, CHAPTER, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 130
        assert "--resume goes on" in process.stderr()
    frames, pictures_s, sound_s = _streams(path)
    assert CHAPTER <= frames < FRAMES
    assert abs(pictures_s - sound_s) < 1 / 24
    with pytest.raises(ParameterError, match=r"--resume: --seed = 4: the interrupted render had 1"):
        render(start_of(song, style_seed=4, resume=1), str(path))
    render(start_of(song, resume=1), str(path))
    assert path.read_bytes() == clip.read_bytes()
    with pytest.raises(ParameterError, match="is there without the state"):
        render(start_of(song, resume=1), str(path))


def test_a_render_that_is_killed_is_resumed_to_the_same_clip(song, clip, tmp_path):
    path = tmp_path / "clip.mp4"
    with Started("render", song, "-o", path, *SMALL) as process:
        _wait_for_mark(path, CHAPTER, process)
        process.send_signal(signal.SIGKILL)
        process.wait(90)
    assert _streams(path)[0] >= CHAPTER  # it plays
    render(start_of(song, resume=1), str(path))
    assert path.read_bytes() == clip.read_bytes()


def test_a_full_disk_leaves_what_was_rendered(song, clip, tmp_path):
    path = tmp_path / "clip.mp4"
    with Started("render", song, "-o", path, *SMALL) as process:
        _wait_for_mark(path, CHAPTER, process)
        size = path.stat().st_size + 1000
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
        assert process.wait(90) == 1
        (line,) = [line for line in process.stderr().splitlines() if line.startswith("bandwalk: ")]
    assert re.search(r"writing .*clip\.mp4: File too large; its first \d+ frames are kept", line)
    frames, _, _ = _streams(path)
    assert frames % CHAPTER == 0
    assert frames
    render(start_of(song, resume=1), str(path))
    assert path.read_bytes() == clip.read_bytes()


def test_a_folder_that_vanishes_is_one_line(song, tmp_path):
    folder, moved = tmp_path / "folder", tmp_path / "moved"
    folder.mkdir()
    with Started("render", song, "-o", folder / "clip.mp4", *SMALL) as process:
        _wait_for_mark(folder / "clip.mp4", CHAPTER, process)
        folder.rename(moved)
        assert process.wait(90) == 1
        assert "the file was removed from its folder" in process.stderr()
    assert _streams(moved / "clip.mp4")[0] >= CHAPTER


def test_a_folder_of_pictures_is_resumed(song, tmp_path):
    path = tmp_path / "stills"
    with Started("render", song, "-o", path, *SMALL) as process:
        _wait_for_mark(path, CHAPTER, process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 130
    before = {file.name: file.stat().st_mtime_ns for file in sorted(path.iterdir())[:CHAPTER]}
    render(start_of(song, resume=1), str(path))
    after = {file.name: file.stat().st_mtime_ns for file in sorted(path.iterdir())}
    assert len(after) == FRAMES
    assert before.items() <= after.items()


def test_an_ablation_is_four_clips(song, tmp_path):
    render(start_of(song, end=1.0, ablation=1), str(tmp_path / "a.mp4"))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a-high.mp4", "a-low.mp4", "a-mid.mp4", "a.mp4"]
    with av.open(str(tmp_path / "a.mp4")) as container:
        whole = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert whole[0].shape == (128 + 18, 3 * 128, 3)
    for k, band in enumerate(("low", "mid", "high")):
        with av.open(str(tmp_path / f"a-{band}.mp4")) as container:
            alone = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(alone) == len(whole) == 24
        apart = [np.abs(whole[-1][18:, 128 * i : 128 * (i + 1)].astype(int) - alone[-1]).mean() for i in range(3)]
        assert np.argmin(apart) == k
        assert apart[k] < 8
        assert whole[0][:18, 128 * k : 128 * (k + 1)].max() > 150  # its name


def _sound(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def _share_above(y, f_hz):
    power = np.abs(np.fft.rfft(y)) ** 2
    return power[np.fft.rfftfreq(len(y), 1 / 48_000) > f_hz].sum() / power.sum()


def test_the_sound_of_one_band_is_what_that_band_hears(song, tmp_path):
    for sound, least, most in (("band", 0.0, 0.01), ("full", 0.05, 1.0)):
        render(start_of(song, end=1.5, only="low", sound=sound, force=1), str(tmp_path / "a.mp4"))
        assert least <= _share_above(_sound(tmp_path / "a.mp4"), 400) <= most


def test_raw_frames_end_without_a_word_when_nobody_reads_any_more(song):
    with Started("render", song, "-o", "-", *SMALL, pipe=True) as process:
        process.stdout.read(128 * 128 * 3)
        process.stdout.close()
        assert process.wait(90) == 1
        assert "bandwalk: " not in process.stderr()
        assert "Traceback" not in process.stderr()


@pytest.mark.parametrize(
    ("flags", "output", "said"),
    [
        ({"start": 5, "end": 4}, "a.mp4", "--end = 4: expected more than --start, 5"),
        ({"start": 50}, "a.mp4", "--start = 50: expected less than 6.5"),
        ({}, "a.avi", "expected a name that ends in .mp4, .mov, .webm"),
        ({}, "nowhere/a.mp4", "nowhere/a.mp4: No such file"),
        ({"out_size": "321x201"}, "a.mp4", "expected even sides"),
        ({"only": "low", "ablation": 1}, "a.mp4", "--ablation"),
        ({"ablation": 1}, "-", "--ablation"),
        ({"resume": 1}, "-", "--resume"),
    ],
)
def test_what_cannot_be_rendered_is_refused(song, tmp_path, flags, output, said):
    where = output if output == "-" else str(tmp_path / output)
    with pytest.raises(ParameterError, match=re.escape(said)):
        render(start_of(song, **flags), where)
    assert list(tmp_path.iterdir()) == []


def test_the_song_is_never_overwritten(song):
    before = song.read_bytes()
    with pytest.raises(ParameterError, match="that is the song itself"):
        render(start_of(song), str(song))
    assert song.read_bytes() == before
