"""Channels, by a real PulseAudio and a real PipeWire: a tone in each, and exactly those asked for arrive."""

import time

import numpy as np
import pytest
from sound_servers import DEADLINE_S, FIRST_HZ, MAPS, WINDOW, SoundServer, tones_in, tones_of

from bandwalk.audio import BLOCK, SourceOptions, list_inputs, open_source
from bandwalk.errors import ParameterError
from bandwalk.records import Counters

pytestmark = pytest.mark.audio


@pytest.fixture(scope="module", params=["PulseAudio", "PipeWire"])
def server(request):
    """A sound server, seen by this process."""
    server = SoundServer(request.param)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.env.items():
            patch.setenv(name, value)
        yield server
    server.close()


def _hear(source):
    """Return the next 0.2 s of a source, [9600, channels]."""
    deadline = time.monotonic() + DEADLINE_S
    pieces = []
    while len(pieces) < WINDOW // BLOCK:
        assert time.monotonic() < deadline
        taken = source.take(BLOCK, 1.0)
        pieces = [*pieces, taken[0]] if taken else []
    return np.concatenate(pieces)


def _heard_until(source, wanted):
    """Hear until each channel has exactly the tone wanted of it; a player or a machine may stumble before."""
    deadline = time.monotonic() + DEADLINE_S
    while (found := [tones_in(y) for y in _hear(source).T]) != [[hz] for hz in wanted]:
        assert time.monotonic() < deadline, f"{source.name}: {found}, expected {wanted}"


def _expect(spec, channels, wanted):
    source = open_source(spec, SourceOptions(channels))
    try:
        _heard_until(source, wanted)
    finally:
        source.close()


@pytest.mark.parametrize("sink", MAPS)
def test_all_channels_arrive_each_at_its_place(server, sink):
    n = MAPS[sink].count(",") + 1
    _expect(f"live:{sink}.monitor", f"1-{n}", tones_of(sink, range(n)))


@pytest.mark.parametrize(
    ("sink", "channels", "wanted"),
    [
        ("bw_aux", "3-4", (2, 3)),
        ("bw_aux", "", (0, 1)),
        ("bw_aux", "8", (7,)),
        ("bw_51", "3-4", (2, 3)),
        ("bw_71", "7", (6,)),
    ],
)
def test_exactly_the_channels_asked_for_arrive(server, sink, channels, wanted):
    _expect(f"live:{sink}.monitor", channels, tones_of(sink, wanted))


def test_an_input_whose_channels_have_no_place_is_heard_as_it_is(server):
    """As a multichannel sound card under its pro-audio profile; here a source made of a sink's channels 3 to 6."""
    master = [f"aux{k}" for k in range(2, 6)]
    own = [f"aux{k}" for k in range(4)]
    made = (
        f"master=bw_aux.monitor channels=4 channel_map={','.join(own)} master_channel_map={','.join(master)} remix=no"
    )
    server.pactl("load-module", "module-remap-source", "source_name=bw_card", *made.split())
    _expect("live:bw_card", "1-4", tones_of("bw_aux", range(2, 6)))
    _expect("live:bw_card", "3-4", tones_of("bw_aux", (4, 5)))


def test_channels_that_it_does_not_have_are_refused(server):
    with pytest.raises(ParameterError, match=r"^channels = 5-9: expected channels from 1 to 8, all that live:Monitor"):
        open_source("live:bw_aux.monitor", SourceOptions("5-9"))


def test_live_computer_is_what_the_default_output_plays_and_follows_it(server):
    source = open_source("live:computer", SourceOptions())
    source.counters = counters = Counters()
    try:
        _heard_until(source, tones_of("bw_stereo", (0, 1)))
        server.pactl("set-default-sink", "bw_51")
        deadline = time.monotonic() + DEADLINE_S
        while FIRST_HZ["bw_51"] not in tones_in(_hear(source)[:, 0]):  # PulseAudio lets the others play there too
            assert time.monotonic() < deadline
    finally:
        source.close()
        server.pactl("set-default-sink", "bw_stereo")
    assert "device_lost" not in counters.counts


def test_the_devices_are_listed_with_their_own_channels_and_the_monitor_of_the_default_output(server):
    devices = {device.key: device for device in list_inputs()}
    for sink, places in MAPS.items():
        device = devices[f"{sink}.monitor"]
        assert device.inputs == places.count(",") + 1
        assert device.host_api == server.kind
        assert device.is_computer == (sink == "bw_stereo")


def test_a_server_that_is_gone_is_taken_up_again_when_it_is_back(server):
    source = open_source("live:bw_aux.monitor", SourceOptions("3-4"))
    source.counters = counters = Counters()
    try:
        _heard_until(source, tones_of("bw_aux", (2, 3)))
        server.kill()
        deadline = time.monotonic() + DEADLINE_S
        while not counters.counts.get("device_lost"):
            assert time.monotonic() < deadline
            source.take(BLOCK, 0.05)
        server.start()
        _heard_until(source, tones_of("bw_aux", (2, 3)))
    finally:
        source.close()
    assert counters.counts["device_lost"] == 1
