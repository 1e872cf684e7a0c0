"""Sound cards, by a real PulseAudio server that the tests start themselves."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from bandwalk.audio import BLOCK, Feed, Monitor, SourceOptions, keeper, list_inputs, live, open_source, portaudio
from bandwalk.audio.level import measure_one
from bandwalk.clock import RealClock
from bandwalk.errors import DeviceError, ParameterError
from bandwalk.records import Counters

pytestmark = pytest.mark.audio

DEADLINE_S = 60.0


def _listen(query):
    counters = Counters()
    return Feed(open_source(f"live:{query}", SourceOptions()), clock=RealClock(), counters=counters), counters


@pytest.fixture
def feed(sound_cards):
    """A feed that listens to the null sink as a source of the sound server, and its counters."""
    feed, counters = _listen("bw.monitor")
    yield feed, counters
    feed.close()


@pytest.fixture(params=["bw.monitor", "bw_monitor"], ids=["server", "portaudio"])
def either_feed(sound_cards, request):
    """A feed that listens to it as a source of the sound server, or through PortAudio and ALSA; and its counters."""
    feed, counters = _listen(request.param)
    yield feed, counters
    feed.close()


def _until(blocks, is_reached):
    """Read blocks until one is as wanted, and return it."""
    deadline = time.monotonic() + DEADLINE_S
    for block in blocks:
        if is_reached(block):
            return block
        assert time.monotonic() < deadline
    raise AssertionError("the blocks ended")


def _is_loud(block):
    return np.abs(block.y).max() > 0.1


def _peak_hz(y):
    return np.argmax(np.abs(np.fft.rfft(y * np.hanning(len(y))))) * 48000 / len(y)


@pytest.mark.alone
def test_a_tone_that_another_program_plays_is_heard_at_its_frequency(feed, sound_cards):
    blocks = feed[0].blocks()
    for hz in (60.0, 270.0, 2000.0):
        sound_cards.play_tone(hz)
        _until(blocks, _is_loud)
        y = np.concatenate([next(blocks).y for _ in range(100)])
        assert _peak_hz(y) == pytest.approx(hz, abs=1)
        assert np.abs(y).max() == pytest.approx(0.5, abs=0.2)
        sound_cards.stop_playing()
        _until(blocks, lambda block: not block.y.any())
    assert feed[1].counts == {}


@pytest.mark.alone
def test_as_many_samples_come_as_time_goes_by(either_feed):
    blocks = either_feed[0].blocks()
    for _ in range(20):
        next(blocks)
    arrivals, ends, ages = [], [], []
    for _ in range(200):
        block = next(blocks)
        now = time.monotonic()
        arrivals.append(now)
        ends.append(block.end)
        ages.append(now - block.t_capture)
    assert np.polyfit(arrivals, ends, 1)[0] == pytest.approx(48000, rel=0.04)  # a rate of 44,100 would be 8 % less
    assert (np.diff(ends) == BLOCK).all()
    assert 0 <= np.median(ages) < 0.05
    assert either_feed[0].anchor == (block.t_audio, block.t_capture)


def test_a_lost_sound_card_is_silence_and_is_taken_up_again_when_it_is_back(either_feed, sound_cards, caplog):
    feed, counters = either_feed
    blocks = feed.blocks()
    sound_cards.play_tone(440)
    _until(blocks, _is_loud)
    sound_cards.kill()
    lost = _until(blocks, lambda _: counters.counts.get("device_lost"))
    began, gap, arrival = time.monotonic(), 0.0, time.monotonic()
    while time.monotonic() - began < 1.5:
        silent = next(blocks)
        gap, arrival = max(gap, time.monotonic() - arrival), time.monotonic()
    assert not silent.y.any()
    assert (silent.end - lost.end) / 48000 == pytest.approx(arrival - began, abs=0.6)
    assert gap < 1.2  # wanted: never more than the patience, 0.15 s; machines are noisy
    sound_cards.start()
    sound_cards.play_tone(880)
    _until(blocks, _is_loud)
    assert _peak_hz(np.concatenate([next(blocks).y for _ in range(50)])) == pytest.approx(880, abs=5)
    assert counters.counts["device_lost"] == 1
    assert len([record for record in caplog.records if "gone" in record.message]) == 1


@pytest.mark.alone
def test_a_sound_card_that_hangs_is_silence_and_is_opened_again(either_feed, sound_cards, monkeypatch):
    monkeypatch.setattr(live, "STALL_S", 1.0)
    feed, counters = either_feed
    blocks = feed.blocks()
    sound_cards.play_tone(440)
    _until(blocks, _is_loud)
    sound_cards.hang(hanging=True)
    _until(blocks, lambda _: counters.counts.get("device_stalled"))
    assert not next(blocks).y.any()
    sound_cards.hang(hanging=False)
    _until(blocks, _is_loud)
    assert counters.counts["audio_late"] >= 1
    assert "device_lost" not in counters.counts


@pytest.mark.parametrize("source", ["live:bw.monitor", "live:bw_monitor"])
def test_a_program_that_forgets_to_close_ends_all_the_same(pulse, source):
    """PortAudio, ended under a stream that is kept open, would wait for ever."""
    program = f"import bandwalk.audio as a; s = a.open_source('{source}', a.SourceOptions()); s.take(480, 5.0)"
    subprocess.run([sys.executable, "-c", program], env=pulse.env, check=True, timeout=DEADLINE_S)


@pytest.mark.alone
def test_closing_waits_once_for_sound_cards_that_hang(sound_cards, monkeypatch):
    """As a show ends: the feed, which closes its parts, twice, and then each part."""
    monkeypatch.setattr(keeper, "CLOSE_S", 1.0)
    source, monitor = open_source("live:bw_monitor", SourceOptions()), Monitor(Counters())
    feed = Feed(source, clock=RealClock(), counters=Counters(), monitor=monitor)
    next(feed.blocks())
    sound_cards.hang(hanging=True)
    began = time.monotonic()
    for part in (feed, feed, monitor, source):
        part.close()
    took = time.monotonic() - began
    sound_cards.hang(hanging=False)
    assert took < 1.9  # less than twice
    deadline = time.monotonic() + DEADLINE_S
    while not portaudio.rescan():  # the stream is closed once the server goes on
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_what_nobody_takes_gives_way_to_the_newest_and_is_counted(feed, sound_cards):
    feed, counters = feed
    blocks = feed.blocks()
    next(blocks)
    stalled = threading.Event()
    deadline = time.monotonic() + DEADLINE_S
    while not counters.counts.get("audio_dropped"):  # the reader does nothing until the ring is full
        stalled.wait(0.05)
        assert time.monotonic() < deadline
    assert time.monotonic() - next(blocks).t_capture < 5.0
    _until(blocks, lambda block: time.monotonic() - block.t_capture < 0.1)


def test_a_sound_card_that_was_opened_early_gives_only_what_comes_from_now_on(sound_cards):
    source = open_source("live:bw_monitor", SourceOptions())
    opened = time.monotonic()
    while time.monotonic() - opened < 0.5:
        threading.Event().wait(0.1)
    feed = Feed(source, clock=RealClock(), counters=Counters())
    assert next(feed.blocks()).t_capture > opened + 0.4
    feed.close()


@pytest.mark.alone
def test_close_ends_the_blocks_at_once(either_feed):
    feed, _ = either_feed
    threading.Timer(0.3, feed.close).start()
    ended = 0.0
    for _ in feed.blocks():
        ended = time.monotonic()
    assert time.monotonic() - ended < 0.5


def test_the_source_switches_between_a_sound_card_and_the_demo(feed, sound_cards):
    feed, counters = feed
    blocks = feed.blocks()
    heard = [next(blocks) for _ in range(20)]
    feed.switch(open_source("demo", SourceOptions()))
    heard += [next(blocks) for _ in range(20)]
    feed.switch(open_source("live:bw_monitor", SourceOptions()))
    heard += [next(blocks) for _ in range(20)]
    assert [block.end for block in heard] == [BLOCK * (k + 1) for k in range(60)]
    assert heard[25].y.any()
    assert "device_lost" not in counters.counts


def test_devices_are_found_by_index_and_by_a_part_of_their_name(sound_cards):
    devices = {device.key or device.name: device for device in list_inputs()}
    for key, name, queries in (
        ("bw_monitor", "bw_monitor", ("BW_MON", "bw_monitor, alsa")),
        ("bw.monitor", "Monitor of Null Output", ("monitor of null", "BW.MON", "", "computer", "pulse", "default")),
    ):
        for query in (str(devices[key].index), *queries):
            source = open_source(f"live:{query}", SourceOptions())
            assert source.name == f"live:{name}"
            source.close()


def test_a_name_that_several_devices_have_lists_them_with_their_indices(sound_cards):
    indices = [device.index for device in list_inputs() if device.name.startswith("bw_")]
    assert len(indices) == 2
    with pytest.raises(DeviceError, match="opening live:bw_: matches several devices, expected one of") as e:
        open_source("live:bw_", SourceOptions())
    for index, name in zip(indices, ("bw_monitor", "bw_sink"), strict=True):
        assert f"{index} {name} (ALSA)" in str(e.value)


@pytest.mark.parametrize("query", ["theremin", "99", "-1"])
def test_an_unknown_device_lists_those_that_there_are(sound_cards, query):
    with pytest.raises(DeviceError, match=f"^opening live:{query}: no such device, expected one of .*bw_monitor"):
        open_source(f"live:{query}", SourceOptions())


def test_a_device_that_does_not_open_says_why(sound_cards):
    with pytest.raises(DeviceError, match=r"^opening live:bw_sink: Error opening InputStream[^\n]*$"):
        open_source("live:bw_sink", SourceOptions())


def test_channels_that_the_device_does_not_have_are_refused(sound_cards):
    with pytest.raises(ParameterError, match="channels = 40-41: expected channels from 1 to 32"):
        open_source("live:bw_monitor", SourceOptions(channels="40-41"))


def test_a_chosen_channel_is_heard_alone(sound_cards):
    """A tone on the left only: channel 1 has it, channel 2 has not."""
    sound_cards.play("aevalsrc=0.5*sin(2*PI*440*t)|0:s=48000")
    loudest = {}
    for channels in ("1", "2"):
        feed = Feed(open_source("live:bw_monitor", SourceOptions(channels)), clock=RealClock(), counters=Counters())
        blocks = feed.blocks()
        if channels == "1":
            _until(blocks, _is_loud)
        loudest[channels] = max(np.abs(next(blocks).y).max() for _ in range(50))
        feed.close()
    assert loudest["1"] == pytest.approx(0.5, abs=0.05)
    assert loudest["2"] < 0.001


def _likeness(heard, original):
    """Correlation of what was heard with where it lies best in the original."""
    n = len(heard) + len(original)
    match = np.fft.irfft(np.fft.rfft(original, n) * np.conj(np.fft.rfft(heard, n)), n)
    at = int(np.argmax(match))
    part = original[at : at + len(heard)]
    return np.corrcoef(part, heard[: len(part)])[0, 1]


def test_the_monitor_plays_what_is_heard(sound_cards):
    """The demo, through the default sound card, which here is the null sink, and back through its monitor."""
    assert portaudio.has_output()
    counters = Counters()
    player = Feed(open_source("demo", SourceOptions()), clock=RealClock(), counters=counters, monitor=Monitor(counters))
    playing = threading.Thread(target=lambda: [None for _ in player.blocks()], daemon=True)
    playing.start()
    ear = Feed(open_source("live:bw_monitor", SourceOptions()), clock=RealClock(), counters=Counters())
    blocks = ear.blocks()
    _until(blocks, _is_loud)
    original = open_source("demo", SourceOptions()).read(60 * 48000).mean(axis=1)
    deadline = time.monotonic() + DEADLINE_S
    while _likeness(np.concatenate([next(blocks).y for _ in range(40)]), original) < 0.9:
        assert time.monotonic() < deadline  # a busy machine may let either sound card stumble
    ear.close()
    player.close()
    playing.join(DEADLINE_S)
    assert "monitor_lost" not in counters.counts


def test_a_monitor_that_lost_its_sound_card_plays_again_when_it_is_back(sound_cards):
    counters = Counters()
    player = Feed(open_source("demo", SourceOptions()), clock=RealClock(), counters=counters, monitor=Monitor(counters))
    blocks = player.blocks()
    next(blocks)
    sound_cards.kill()
    lost = _until(blocks, lambda _: counters.counts.get("monitor_lost"))
    sound_cards.start()
    ear = open_source("live:pulse", SourceOptions())
    _until(blocks, lambda _: (heard := ear.take(BLOCK, 0.0)) is not None and np.abs(heard[0]).max() > 0.1)
    ear.close()
    player.close()
    assert player.anchor[0] > lost.t_audio


@pytest.mark.usefixtures("no_sound_cards")
def test_without_a_sound_card_a_monitor_is_refused_in_one_line():
    with pytest.raises(DeviceError, match=r"^opening the monitor: no sound card to play through was found[^\n]*$"):
        Monitor(Counters())


def test_the_level_of_a_device_is_measured(sound_cards):
    for key in ("bw_monitor", "bw.monitor"):
        device = next(device for device in list_inputs() if key in (device.name, device.key))
        assert "digital silence" in measure_one(device, 1e-3).sentence
        sound_cards.play_tone(440)
        deadline = time.monotonic() + DEADLINE_S
        while measure_one(device, 1e-3).db < -20:
            assert time.monotonic() < deadline
        reading = measure_one(device, 1e-3)
        assert reading.db == pytest.approx(-9, abs=1)  # ffmpeg spreads one channel on two
        assert reading.sentence == ""
        sound_cards.stop_playing()
        while measure_one(device, 1e-3).db > -60:
            assert time.monotonic() < deadline
