"""Titles and lyrics: which line when, how it lies on the picture, and what is no file of lyrics."""

import numpy as np
import pytest
import torch

from bandwalk.errors import ParameterError
from bandwalk.pipeline.draw_frame import PictureInput
from bandwalk.records import Pose
from bandwalk.render.clip_frames import ClipFrames
from bandwalk.render.lettering import LINE_S, TITLE_S, Lettering
from bandwalk.render.lyrics import LyricLine, parse_lyrics, read_lyrics
from bandwalk.walk.track import silence

from .conftest import job_for

GREY = np.full((180, 320, 3), 90, np.uint8)
DRAWN = PictureInput(Pose(0.0, np.zeros((4, 512), np.float32), (0.0,) * 3, 0.0, silence()), torch.zeros(1, 1, 1))
SONG = """\ufeff[ar:Somebody]
[offset:+500]
[00:12.00][01:02.5]Come <00:12.40>again
words without a time
[00:03]\tFirst
[00:20.00]
"""


def rows_of(frame, plain):
    """First and last row in which a frame differs from the plain one."""
    rows = np.flatnonzero((frame != plain).any(axis=(1, 2)))
    return rows[0], rows[-1]


def test_lines_are_read_with_their_times_and_come_again():
    lines = parse_lyrics(SONG.removeprefix("\ufeff"))
    expected = [(2.5, "First"), (11.5, "Come again"), (19.5, ""), (62.0, "Come again")]
    assert [(line.t_s, line.text) for line in lines] == expected
    assert parse_lyrics("[0:01:50]a\x07b" + "c" * 300)[0] == LyricLine(1.5, "ab" + "c" * 198)
    assert parse_lyrics("") == ()


def test_each_line_is_shown_from_its_time_to_the_next_or_for_ten_seconds():
    letters = Lettering("", parse_lyrics(SONG), 0.0)
    times = (0.0, 2.49, 2.5, 11.49, 11.5, 19.6, 62.0, 62.0 + LINE_S)
    assert [letters.line_at(t) for t in times] == ["", "", "First", "First", "Come again", "", "Come again", ""]


@pytest.mark.parametrize("channels", [3, 4])
def test_letters_are_bright_with_a_dark_edge_and_stand_inside_the_picture(channels):
    plain = np.concatenate([GREY, np.zeros_like(GREY[:, :, :1])], axis=2)[:, :, :channels]
    frame = Lettering("", [LyricLine(1.0, "Größe \u0416 " + "long " * 20)], 0.0).on(plain, 1.0)
    first, last = rows_of(frame[:, :, :3], GREY)
    assert 180 * 0.75 < first < last < 175
    assert frame[:, :, :3].max() > 200
    assert frame[:, :, :3].min() < 40
    assert (frame[:, :8] == plain[:, :8]).all()
    assert (frame[:, -8:] == plain[:, -8:]).all()
    if channels == 4:
        assert frame[:, :, 3].max() == 255
        assert frame[0, 0, 3] == 0


def test_a_title_stands_in_the_middle_as_the_clip_begins_and_fades():
    letters = Lettering("Heartbeat", [], 60.0)
    first, last = rows_of(letters.on(GREY, 60.0), GREY)
    assert 60 < first < last < 120
    full, fading = (np.abs(letters.on(GREY, 60.0 + t) - GREY.astype(int)).sum() for t in (1.0, TITLE_S - 0.5))
    assert fading == pytest.approx(full / 2, rel=0.1)
    assert letters.on(GREY, 60.0 + TITLE_S) is GREY


def test_a_clip_has_its_title_and_the_lyrics_beside_the_song(song, tmp_path):
    own = tmp_path / "song.wav"
    own.write_bytes(song.read_bytes())
    own.with_suffix(".lrc").write_text("[00:00.00]hello")
    black = np.zeros((128, 128, 3), np.uint8)
    seen = {}
    for flags in ({}, {"lyrics": "auto"}, {"title": "{name}"}, {"title": "song"}):
        job = job_for(own, **flags)
        seen[str(flags)] = ClipFrames(job, 0, {}).step(black, DRAWN)
    plain, lyrics, named, title = seen.values()
    assert rows_of(lyrics, plain)[0] > 96
    assert np.array_equal(named, title)
    assert 40 < rows_of(named, plain)[0] < 64
    assert job_for(song, lyrics="auto").lyrics == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no times here", "it has no times; expected lines as "),
        (b"[00:01.00]\xff\xfe", "it is not UTF-8; expected a text with times"),
        (b"[00:01.00]x\n" * 100_000, "over 1 MB; expected lyrics"),
        (None, "No such file or directory; expected a file of lyrics"),
    ],
)
def test_what_is_no_file_of_lyrics_is_refused_in_a_line(tmp_path, data, why):
    path = tmp_path / "x.lrc"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ParameterError, match=rf"^--lyrics = .*x\.lrc: {why}[^\n]*$"):
        read_lyrics(path)
