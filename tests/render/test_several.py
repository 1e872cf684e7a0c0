"""Several songs at once: a clip each, a contact sheet, what is complete is left, what is damaged stops no other."""

import os

import numpy as np
import pytest
import soundfile
from PIL import Image
from sounds import tone

from bandwalk.errors import ParameterError, WorkError
from bandwalk.render import render_named
from bandwalk.render.contact_sheet import contact_sheet
from bandwalk.render.several import render_several, songs_of
from bandwalk.render.state_file import state_path

from .conftest import start_of


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    for name, hz in (("b.wav", 300), ("A.wav", 100)):
        soundfile.write(folder / name, tone(hz, 0.5), 48_000)
    (folder / "notes.txt").write_text("no song")
    (folder / "torn.mp3").write_text("text that is named as a song")
    return folder


def test_the_songs_of_a_folder_are_its_sound_files_by_name(album, tmp_path):
    assert [os.path.basename(song) for song in songs_of([str(album)])] == ["A.wav", "b.wav", "torn.mp3"]
    assert songs_of(["demo", "x.wav"]) == ["demo", "x.wav"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ParameterError, match=r"^AUDIO = .*empty: no songs in this folder; expected \.aac"):
        songs_of([str(tmp_path / "empty")])


def test_each_song_becomes_a_clip_and_a_damaged_one_is_reported(album, tmp_path, caplog):
    out = tmp_path / "clips"
    songs = songs_of([str(album)])
    with pytest.raises(WorkError, match=r"^.*clips: 2 of 3 clips, all on contact\.jpg; what failed is said above$"):
        render_several(songs, str(out), lambda song: start_of(song, out_fps=8))
    assert sorted(path.name for path in out.iterdir()) == ["A.mp4", "b.mp4", "contact.jpg"]
    (report,) = [record.message for record in caplog.records if "torn.mp3: " in record.message]
    assert "\n" not in report
    with Image.open(out / "contact.jpg") as sheet:
        assert sheet.size == (2 * 320 + 8, 180 + 18)
        assert np.asarray(sheet)[20:160, 100:220].std() > 5  # a picture, not black

    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.mp4")}
    state_path(out / "b.mp4").touch()  # as if it had been interrupted, and this is no state: it is reported
    with pytest.raises(WorkError, match="1 of 3 clips"):
        render_several(songs, str(out), lambda song: start_of(song, out_fps=8, resume=True))
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.mp4")} == before
    state_path(out / "b.mp4").unlink()
    line = render_named(songs[:2], str(out), lambda song: start_of(song, out_fps=8, resume=True))
    assert line == f"{out}: 2 of 2 clips, all on contact.jpg"
    assert {path.name: path.stat().st_mtime_ns for path in out.glob("*.mp4")} == before


def test_a_folder_that_is_a_file_is_refused_in_a_line(tmp_path):
    (tmp_path / "clips").touch()
    with pytest.raises(ParameterError, match=r"^--output = .*clips: .*; expected a folder for 2 clips$"):
        render_several(["a.wav", "b.wav"], str(tmp_path / "clips"), start_of)


def test_what_is_no_clip_is_not_put_on_a_sheet(tmp_path):
    (tmp_path / "a.mp4").write_text("text")
    with pytest.raises(WorkError, match=r"a\.mp4: .*expected a clip for the contact sheet"):
        contact_sheet([tmp_path / "a.mp4"])
