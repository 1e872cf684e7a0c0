"""Recordings: what PyAV and ffprobe read back, whatever befell the file."""

import json
import subprocess
import sys

import av
import numpy as np
import pytest
import simplejpeg

from bandwalk.errors import ParameterError, WorkError
from bandwalk_client.recording import Recording

TIMES = [100.0, 100.033, 100.068, 100.5, 103.0]


@pytest.fixture
def jpegs(picture):
    return [simplejpeg.encode_jpeg(np.roll(picture, 8 * n, axis=1), 95, "RGB", "444") for n in range(len(TIMES))]


def record(path, jpegs):
    with Recording(path) as recording:
        for jpeg, now in zip(jpegs, TIMES, strict=True):
            recording.add(jpeg, (64, 48), now)
    return path


def packets(path):
    with av.open(str(path)) as container:
        return [(float(p.pts * p.time_base), bytes(p)) for p in container.demux(video=0) if p.size]


def test_the_files_of_the_frames_are_in_it_unchanged_at_their_times(tmp_path, jpegs):
    found = packets(record(tmp_path / "a.mkv", jpegs))
    assert [data for _, data in found] == jpegs
    assert [t for t, _ in found] == pytest.approx([t - TIMES[0] for t in TIMES], abs=1e-3)


def test_other_programs_know_what_it_is_and_how_long(tmp_path, jpegs):
    path = record(tmp_path / "a.mkv", jpegs)
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    (stream,) = told["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("mjpeg", 64, 48)
    assert told["format"]["format_name"] == "matroska,webm"
    assert float(told["format"]["duration"]) == pytest.approx(3.0, abs=1e-3)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    expected = simplejpeg.decode_jpeg(jpegs[-1], "RGB")
    assert np.abs(frames[-1].astype(int) - expected).mean() < 2


def test_a_recording_that_was_never_closed_plays(tmp_path, jpegs):
    recording = Recording(tmp_path / "a.mkv")
    for jpeg, now in zip(jpegs, TIMES, strict=True):
        recording.add(jpeg, (64, 48), now)
    assert [data for _, data in packets(tmp_path / "a.mkv")] == jpegs
    whole = (tmp_path / "a.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) - len(jpegs[-1]) // 2])
    assert [data for _, data in packets(tmp_path / "cut.mkv")][: len(jpegs) - 1] == jpegs[:-1]
    recording.close()


def test_times_never_go_back(tmp_path, jpegs):
    with Recording(tmp_path / "a.mkv") as recording:
        for now in (5.0, 6.0, 5.5):
            recording.add(jpegs[0], (64, 48), now)
    assert [t for t, _ in packets(tmp_path / "a.mkv")] == pytest.approx([0.0, 1.0, 1.0])


def test_a_file_that_exists_and_another_kind_are_refused(tmp_path, jpegs):
    path = record(tmp_path / "a.mkv", jpegs)
    before = path.read_bytes()
    for wrong, complaint in (
        (path, "File exists"),
        (tmp_path / "a.mp4", "ends in .mkv"),
        (tmp_path / "no/a.mkv", "No such"),
    ):
        with pytest.raises(ParameterError, match=rf"--record = .*{complaint}"):
            Recording(wrong)
    assert path.read_bytes() == before


def test_a_full_disk_ends_the_recording_in_words_and_what_is_there_plays(tmp_path, jpegs):
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
from pathlib import Path
from bandwalk_client.recording import Recording
recording = Recording(Path({str(tmp_path / "a.mkv")!r}))
jpeg = Path({str(tmp_path / "a.jpg")!r}).read_bytes()
for n in range(100):
    recording.add(jpeg, (64, 48), n / 30)
"""
    (tmp_path / "a.jpg").write_bytes(jpegs[0])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert WorkError.__name__ in done.stderr.splitlines()[-1]
    assert "File too large; stopped after" in done.stderr
    assert packets(tmp_path / "a.mkv")[0][1] == jpegs[0]
