"""What the computer plays, on systems that cannot be here: their cards are stood in for, as PortAudio lists them."""

import pytest

from bandwalk.audio import Device, cards, hear_the_computer
from bandwalk.audio import portaudio as real
from bandwalk.audio.cards import find_input
from bandwalk.errors import DeviceError


def _card(index, name, *, inputs=0, outputs=0, plays=False, api="Windows WASAPI"):
    return Device(index, name, inputs, outputs, 48000, api, is_default_input=False, is_default_output=plays)


SPEAKERS = _card(0, "Speakers (Realtek)", outputs=2, plays=True)
HDMI = _card(1, "TV (NVIDIA)", outputs=2)
MICROPHONE = _card(2, "Microphone (Realtek)", inputs=2)
LOOPBACKS = (_card(3, "TV (NVIDIA) [Loopback]", inputs=2), _card(4, "Speakers (Realtek) [Loopback]", inputs=2))


@pytest.fixture
def system(monkeypatch):
    """Let there be these cards, on a system of this name, without a sound server."""

    def make(platform, *found):
        monkeypatch.setattr(cards.sys, "platform", platform)
        monkeypatch.setattr(cards, "list_sources", lambda _: None)
        monkeypatch.setattr(real, "list_cards", lambda: found)

    return make


def test_windows_is_heard_by_the_loopback_of_the_default_output(system):
    system("win32", SPEAKERS, HDMI, MICROPHONE, *LOOPBACKS)
    device = find_input("computer")
    assert device.name == "Speakers (Realtek) [Loopback]"
    assert hear_the_computer([MICROPHONE]).startswith("bandwalk serve live:computer (here 4 Speakers")


def test_windows_is_heard_by_another_loopback_where_the_default_output_has_none(system):
    system("win32", SPEAKERS, HDMI, LOOPBACKS[0])
    assert find_input("computer").name == "TV (NVIDIA) [Loopback]"


@pytest.mark.parametrize(
    ("platform", "what"),
    [("win32", "VB-CABLE"), ("darwin", "BlackHole"), ("linux", "PULSE_SERVER"), ("freebsd", "libpulse")],
)
def test_elsewhere_one_line_says_what_to_do(system, platform, what):
    system(platform, SPEAKERS, MICROPHONE)
    with pytest.raises(DeviceError, match=rf"^opening live:computer: [^\n]*{what}[^\n]*$"):
        find_input("computer")
    assert what in hear_the_computer([MICROPHONE])
    assert "\n" not in hear_the_computer([MICROPHONE])
