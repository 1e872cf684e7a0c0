"""Recordings: pictures and sound by one clock, files that play wherever they end, faults in one line."""

import hashlib
import io
import json
import re
import shutil
import signal
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import simplejpeg
import soundfile
from server import Osc, Server, run_cli
from sounds import beat

from bandwalk.records import Counters
from bandwalk.show.recording.video import TICK, HeardPiece, ShownPicture, Video, free_path, ticks_at
from bandwalk.show.recording.written import MAX_WAITING, Written

RATE, BLOCK, SIDE = 48_000, 480, 64

LAG_S = 3.5
"""Longest time by which the file of a show that was killed may be behind it: a busy machine writes late."""


def jpeg(level, side=SIDE):
    return simplejpeg.encode_jpeg(np.full((side, side, 3), level, np.uint8), 95, "RGB", "444")


def record(path, seconds, *, marks, begin=0, side=lambda t: SIDE, close=True):
    """Record blocks and pictures at 25 a second; at the marks one sample clicks and one picture is white."""
    opened = []
    video = Video(path, begin, lambda *what: opened.append(what))
    dark, white = jpeg(16), jpeg(235)
    for n in range(round(seconds * 100)):
        end = begin + (n + 1) * BLOCK
        x = np.zeros((BLOCK, 2), np.float32)
        if n % 4 == 0:
            t = (end - BLOCK) / RATE
            is_mark = any(abs(t - begin / RATE - mark) < 1e-6 for mark in marks)
            x[0] = 0.9 * is_mark
            picture = (white if is_mark else dark) if side(t) == SIDE else jpeg(16, side(t))
            video.write(ShownPicture(picture, (side(t), side(t)), t))
        video.write(HeardPiece(x, end))
    if close:
        video.close()
    return video, opened


def flashes(path):
    """The times of the white pictures, the last picture's time and the number of pictures."""
    times, every = [], []
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            every.append(float(frame.pts * frame.time_base))
            if frame.to_ndarray(format="gray").mean() > 128:
                times.append(every[-1])
    return times, every


def clicks(path, threshold=0.3):
    times, last = [], 0.0
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            t = float(frame.pts * frame.time_base)
            x = np.abs(frame.to_ndarray().astype(float))
            x = x.reshape(-1, 2)[:, 0] / 2**31 if x.shape[0] == 1 else x[0]
            if x.max() > threshold:
                times.append(t + int(x.argmax()) / RATE)
            last = t + len(x) / RATE
    return times, last


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_click_and_a_flash_stand_at_one_time(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    record(path, 3.0, marks=(0.4, 2.0), begin=123 * BLOCK)
    seen, _ = flashes(path)
    heard, last = clicks(path, 0.3 if suffix == ".mkv" else 0.1)
    assert seen == pytest.approx([0.4, 2.0], abs=0.0015)
    assert heard[0] == pytest.approx(0.4, abs=0.02)
    assert heard[-1] == pytest.approx(2.0, abs=0.02)
    assert last == pytest.approx(3.0, abs=0.1)


def test_a_picture_that_was_late_stands_at_its_time_and_repeats_fill_only_what_is_before_it(tmp_path):
    path = tmp_path / "a.mkv"
    video = Video(path, 0, lambda *what: None)
    shown = [(0.0, False), (0.30, True), (0.34, True), (0.38, True), (0.32, False), (0.5, True), (2.0, False)]
    for t, is_repeat in shown:  # in the order in which they were published
        video.write(ShownPicture(jpeg(16), (SIDE, SIDE), t, is_repeat))
    video.write(ShownPicture(jpeg(16), (SIDE, SIDE), 2.1, True))
    for n in range(400):
        video.write(HeardPiece(np.zeros((BLOCK, 1), np.float32), (n + 1) * BLOCK))
    (tmp_path / "killed.mkv").write_bytes(path.read_bytes())
    video.close()
    assert flashes(path)[1] == pytest.approx([0.0, 0.3, 0.32, 0.5, 2.0, 2.1], abs=0.001)
    assert flashes(tmp_path / "killed.mkv")[1][-1] == pytest.approx(2.1, abs=0.001)


def test_after_an_hour_every_picture_stands_within_a_millisecond_of_its_sample():
    begin, fps = 123_457, 60_000 / 1001
    for n in range(0, 3600 * 60, 7):
        t_audio = begin / RATE + n / fps
        sample = round(t_audio * RATE) - begin  # the sound counts from the same beginning
        assert abs(ticks_at(t_audio, begin) * TICK - Fraction(sample, RATE)) <= Fraction(6, 10_000)


def test_after_minutes_of_lost_sound_a_click_and_a_flash_stand_at_one_time(tmp_path):
    path, later = tmp_path / "a.mkv", 120
    video = Video(path, 0, lambda *what: None)
    for second in (0, later):
        x = np.zeros((BLOCK, 1), np.float32)
        x[240] = 0.9
        video.write(ShownPicture(jpeg(16), (SIDE, SIDE), second + 0.0))
        video.write(ShownPicture(jpeg(235), (SIDE, SIDE), second + 240 / RATE))
        video.write(HeardPiece(x, second * RATE + BLOCK))
    video.close()
    seen, _ = flashes(path)
    heard, _ = clicks(path)
    assert seen == pytest.approx([0.005, later + 0.005], abs=0.001)
    assert heard == pytest.approx(seen, abs=0.02)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_what_is_killed_plays_to_within_a_second(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    video, _ = record(path, 4.0, marks=(), close=False)
    (tmp_path / f"killed{suffix}").write_bytes(path.read_bytes())  # what the disk has at this moment
    _, pictures = flashes(tmp_path / f"killed{suffix}")
    _, sound = clicks(tmp_path / f"killed{suffix}")
    assert pictures[-1] > 3.0
    assert sound > 3.0
    video.close()


def test_the_jpegs_are_as_they_were_and_the_sound_is_exact_to_24_bits(tmp_path):
    path = tmp_path / "a.mkv"
    video = Video(path, 0, lambda *what: None)
    pictures, x = [jpeg(level) for level in (10, 90, 170)], beat(0.5)
    for n, picture in enumerate(pictures):
        video.write(ShownPicture(picture, (SIDE, SIDE), n / 10))
    video.write(HeardPiece(x[:, None], len(x)))
    video.close()
    with av.open(str(path)) as file:
        assert [bytes(p) for p in file.demux(video=0) if p.size] == pictures
    with av.open(str(path)) as file:
        heard = np.concatenate([f.to_ndarray().reshape(-1, 2) for f in file.decode(audio=0)])[:, 1] / 2.0**31
    assert np.abs(heard[: len(x)] - x).max() <= 2.0**-24


def test_another_size_begins_another_file_and_no_file_is_written_over(tmp_path):
    (tmp_path / "a.mkv").write_bytes(b"mine")
    path = free_path(tmp_path / "a.mkv")
    assert path.name == "a-2.mkv"
    _, opened = record(path, 2.0, marks=(), side=lambda t: SIDE if t < 1.0 else 2 * SIDE)
    assert [(p.name, t) for p, t in opened] == [("a-2.mkv", 0.0), ("a-2-2.mkv", 1.0)]
    assert (tmp_path / "a.mkv").read_bytes() == b"mine"
    with av.open(str(tmp_path / "a-2-2.mkv")) as file:
        assert file.streams.video[0].width == 2 * SIDE


class Stuck:
    """A sink that hangs in its first writing."""

    def __init__(self):
        self.go, self.hangs = threading.Event(), threading.Event()

    def write(self, thing):
        self.hangs.set()
        self.go.wait(60)

    def flush(self): ...

    def close(self): ...


def test_a_disk_that_hangs_costs_what_is_counted_and_nobody_waits():
    counters, sink = Counters(), Stuck()
    written = Written("record_lost", sink, counters, lambda why: None)
    written.put(b"", 1)
    assert sink.hangs.wait(60)
    put = [written.put(b"", 1) for _ in range(2 * MAX_WAITING + 10)]
    assert counters.counts["record_lost"] == put.count(False) >= MAX_WAITING
    sink.go.set()
    written.close(10)


class Full(io.RawIOBase):
    def write(self, data):
        raise OSError(28, "No space left on device")


def test_a_full_disk_ends_it_in_one_line():
    class Sink(Stuck):
        def write(self, thing):
            Full().write(thing)

    said, over = [], threading.Event()
    written = Written("record_lost", Sink(), Counters(), lambda why: (said.append(why), over.set()))
    written.put(b"x", 1)
    assert over.wait(60)
    written.close(10)
    assert said == ["No space left on device"]
    assert written.is_over


DATA = Path(__file__).parents[1] / "data"
MODEL = "d0_sg1_64_tiny"
SMALL = ("--size", "64x64", "--threads", "1", "--fps", "25")


def replayed(log, *args):
    """Draw a session again at another size and rate; return how many pictures were compared, and how many agree."""
    clip = log.with_name("again.mp4")
    done = run_cli("render", "--replay", log, "-o", clip, *args)
    assert done.returncode == 0, done.stderr
    same, checked = map(int, re.search(r"(\d+) of (\d+) noted pictures", done.stdout).groups())
    return same, checked, clip, done.stderr


def by_hand(osc, waited):
    """What a hand does in a short show."""
    osc.send("/style/seed", 11)
    osc.send("/preset/recall", "tide", 0.8)
    waited(1.0)
    osc.send("/walk/low/bump")
    osc.send("/walk/mid/reset")
    osc.send("/beat/tap")
    osc.send("/style/psi", 0.35)
    waited(1.6)
    osc.send("/beat/tap")
    osc.send("/mix/low/layers", "0-3")
    osc.send("/preset/recall", "heartbeat", 0.0)
    waited(2.5)


def until_noted(folder, n):
    """Wait until the session in a folder has so many more hashes of pictures that were not late."""

    def noted():
        return sum(path.read_bytes().count(b'"f":"') for path in logs)

    logs = list(folder.glob("*.session"))
    wanted, end = noted() + n, time.monotonic() + 120
    while noted() < wanted:
        assert time.monotonic() < end, "waited 120 s for pictures that were not late"
        time.sleep(0.1)


def waiting(osc):
    """Wait until the show has come so many seconds further than its start."""
    return lambda seconds: osc.until("/feature/time", lambda t: t >= seconds)


def test_a_show_that_was_killed_plays_and_is_drawn_again_to_the_bit(tmp_path):
    song, video = tmp_path / "song.wav", tmp_path / "night.mkv"
    soundfile.write(song, beat(20.0), RATE)
    with Server(song, *SMALL, "--record", video) as server:
        osc = Osc(server)
        osc.until("/feature/time", lambda t: t > 0.5)
        by_hand(osc, waiting(osc))
        osc.until("/feature/time", lambda t: t > 5.0)
        until_noted(tmp_path, 2)
        (t,) = osc.until("/feature/time")
        server.stop(signal.SIGKILL)
        osc.close()
    _, pictures = flashes(video)
    _, sound = clicks(video)
    assert min(pictures[-1], sound) > t - LAG_S
    same, checked, clip, warned = replayed(video.with_suffix(".session"), "--size", "160x96", "--fps", "10")
    assert same == checked > 1, warned
    with av.open(str(clip)) as file:
        assert (file.streams.video[0].width, file.streams.video[0].average_rate) == (160, 10)
        assert file.streams.audio[0].channels == 2
    said = [json.loads(line) for line in video.with_suffix(".session").read_bytes().splitlines()[1:-1]]
    songs = [line[3:5] for line in said if line[:2] == ["i", "song"]]
    assert songs == [[str(song), hashlib.sha256(song.read_bytes()).hexdigest()]]


def test_a_recording_begins_and_ends_by_command_in_its_folder(tmp_path):
    models = ("--models", tmp_path / "models")
    models[1].mkdir()
    shutil.copy(DATA / f"{MODEL}.pkl", models[1])
    with Server("demo", *SMALL, "--recordings", tmp_path, "--presets", tmp_path, *models) as server:
        osc = Osc(server)
        osc.send("/record/start", "../outside.mkv")
        osc.until("/error", lambda address, why: address == "/record/start" and "inside" in why)
        osc.send("/record/start", "set.avi")
        osc.until("/error", lambda address, why: address == "/record/start" and ".mkv or .mp4" in why)
        osc.until("/feature/time", lambda t: t > 1.0)
        osc.send("/record/start", "set")
        server.wait_for("records .*set.mkv")
        osc.send("/model/load", f"{MODEL}.pkl")
        server.wait_for(f"draws with {MODEL}")
        (t,) = osc.until("/feature/time")
        osc.send("/style/seed", 5)
        until_noted(tmp_path, 4)
        osc.until("/feature/time", lambda now: now > t + 2.0)
        osc.send("/stats")
        osc.until("/record/file", lambda name: name == "set.mkv")
        osc.send("/record/stop")
        server.wait_for("recorded .*set.mkv")
        (tmp_path / "file").write_text("")
        osc.send("/record/start", "file/a.mkv")
        osc.until("/error", lambda address, why: address == "/record/start" and "expected a file" in why)
        osc.until("/frame/seq")
        osc.close()
    assert not (tmp_path.parent / "outside.mkv").exists()
    _, pictures = flashes(tmp_path / "set.mkv")
    assert pictures[-1] > 1.0
    same, checked, clip, warned = replayed(tmp_path / "set.session", *models)
    assert same == checked > 1, warned
    with av.open(str(clip)) as file:
        assert file.duration / 1e6 == pytest.approx(pictures[-1], abs=1.0)


@pytest.mark.audio
def test_a_live_source_is_drawn_again_to_the_bit(tmp_path, pulse):
    with Server("live:computer", *SMALL, "--record", tmp_path / "live.mp4", env=pulse.env) as server:
        osc = Osc(server)
        pulse.play_tone(60)
        by_hand(osc, waiting(osc))
        osc.until("/feature/time", lambda t: t > 5.0)
        until_noted(tmp_path, 2)
        (t,) = osc.until("/feature/time")
        server.stop(signal.SIGKILL)
        osc.close()
    _, pictures = flashes(tmp_path / "live.mp4")
    assert pictures[-1] > t - LAG_S
    same, checked, _, warned = replayed(tmp_path / "live.session", "--size", "160x96", "--fps", "10")
    assert same == checked > 1, warned
