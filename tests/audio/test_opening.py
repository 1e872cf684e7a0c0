import numpy as np
import pytest
import soundfile

from bandwalk.audio import PullSource, SourceOptions, find_output, list_inputs, open_source
from bandwalk.errors import AudioError, DeviceError, ParameterError


@pytest.fixture
def music(tmp_path):
    folder = tmp_path / "music"
    (folder / "sets").mkdir(parents=True)
    for path in (folder / "a.wav", folder / "sets" / "b.wav", tmp_path / "secret.wav"):
        soundfile.write(path, np.zeros(4800), 48000)
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    return folder


@pytest.mark.parametrize("name", ["a.wav", "sets/b.wav"])
def test_the_network_may_name_files_in_the_music_folder(music, name):
    source = open_source(name, SourceOptions(), music=music)
    assert isinstance(source, PullSource)
    assert source.name == name.split("/")[-1]


@pytest.mark.parametrize(
    "name", ["../secret.wav", "link.wav", "/etc/passwd", "C:\\a.wav", ".hidden.wav", "", "a\0.wav"]
)
def test_the_network_may_name_nothing_else(music, name):
    with pytest.raises((ParameterError, AudioError)):
        open_source(name, SourceOptions(), music=music)


def test_the_network_may_name_the_demo(music):
    assert open_source("demo", SourceOptions(), music=music).name == "demo"


def test_the_command_line_takes_any_path(music):
    assert open_source(str(music / ".." / "secret.wav"), SourceOptions()).length == 4800


def test_a_name_that_is_not_here_is_looked_up_in_the_music_folder(music, monkeypatch):
    monkeypatch.chdir(music.parent)
    assert open_source("sets/b.wav", SourceOptions(), fallback=music).name == "b.wav"
    assert open_source("secret.wav", SourceOptions(), fallback=music).name == "secret.wav"
    with pytest.raises(AudioError) as e:
        open_source("nothing.wav", SourceOptions(), fallback=music)
    said = f"opening nothing.wav: no such file in {music.parent}, nor in the music folder {music} (--music)"
    assert str(e.value) == said


@pytest.mark.parametrize("spec", ["a\0.wav", 5000 * "a"])
def test_a_name_that_no_file_can_have_is_refused(music, spec):
    with pytest.raises(AudioError):
        open_source(spec, SourceOptions(), fallback=music)


@pytest.mark.parametrize("spec", ["live", "live:", "live:0", "live:mixer"])
@pytest.mark.usefixtures("no_sound_cards")
def test_without_a_sound_card_live_is_refused_in_one_line(spec):
    with pytest.raises(DeviceError, match=r"^opening live.*: no sound card to listen to was found[^\n]*$"):
        open_source(spec, SourceOptions())


@pytest.mark.usefixtures("no_sound_cards")
def test_without_a_sound_card_there_is_nothing_to_list_or_to_play_through():
    assert list_inputs() == []
    assert find_output() is None
