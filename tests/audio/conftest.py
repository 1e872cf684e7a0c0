"""Sound files made by FFmpeg, and sound cards that this process sees."""

import subprocess

import pytest
import sounddevice

from bandwalk.audio import portaudio


@pytest.fixture(scope="session")
def make_sound(tmp_path_factory):
    """Return a function that lets FFmpeg write a sound file: (name, lavfi source, options) -> path."""
    folder = tmp_path_factory.mktemp("sounds")

    def make(name, source, *options):
        path = folder / name
        command = ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, *options, str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    return make


@pytest.fixture
def sound_cards(pulse, monkeypatch):
    """The PulseAudio server, its devices seen by PortAudio in this process."""
    for name, value in pulse.env.items():
        monkeypatch.setenv(name, value)
    assert portaudio.rescan(), "a test before left a stream open"
    yield pulse
    assert portaudio.rescan(), "the test left a stream open"


@pytest.fixture
def no_sound_cards(tmp_path, monkeypatch):
    """A machine without any: there is no sound server, and real cards, where this machine has some, are hidden."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    assert portaudio.rescan(), "a test before left a stream open"
    if portaudio.list_cards():
        monkeypatch.setattr(sounddevice, "query_devices", lambda: ())
        monkeypatch.setattr(sounddevice, "query_hostapis", lambda: ())
    yield
    monkeypatch.undo()
    portaudio.rescan()
