import itertools
import threading
import time

import numpy as np
import pytest
import soundfile

from bandwalk.audio import BLOCK, Feed, SourceOptions, open_source
from bandwalk.audio.source import to_mono
from bandwalk.clock import ManualClock, RealClock, SteppedClock
from bandwalk.records import Counters

DEADLINE_S = 30.0


class Ramp:
    """A pull source whose samples count up, so that each tells where it came from."""

    is_about = is_cut = False

    def __init__(self, length=10**9, name="ramp", start=0):
        self.name, self.length, self.counters = name, length, Counters()
        self.at, self.closed, self._start = 0, False, start

    def read(self, n):
        n = 0 if self.closed else min(n, self.length - self.at)
        y = self._start + np.arange(self.at, self.at + n, dtype=np.float32)
        self.at += n
        return y[:, None]

    def seek(self, t_s):
        self.at = min(round(48000 * t_s), self.length)

    def close(self):
        self.closed = True


class Card:
    """A push source that gives what the test puts; what it cannot give in time is None."""

    def __init__(self):
        self.name, self.counters, self.closed = "live:card", Counters(), False
        self._blocks = []
        self._changed = threading.Condition()

    def put(self, value, t_capture):
        with self._changed:
            self._blocks.append((np.full((BLOCK, 2), value, np.float32), t_capture))
            self._changed.notify()

    def take(self, n, timeout_s):
        with self._changed:
            if not self._changed.wait_for(lambda: self._blocks or self.closed, timeout_s) or self.closed:
                return None
            return self._blocks.pop(0)

    def close(self):
        with self._changed:
            self.closed = True
            self._changed.notify()


def _feed(source, clock=None, **options):
    return Feed(source, clock=clock or SteppedClock(), counters=options.pop("counters", Counters()), **options)


def _take(feed, n):
    return list(itertools.islice(feed.blocks(), n))


class _PlainConditioning:
    """The edge without its filter: these tests know each sample by its value."""

    def pass_on(self, x):
        return to_mono(x)


@pytest.fixture(autouse=True)
def plain_edge(monkeypatch):
    monkeypatch.setattr("bandwalk.audio.feed.Conditioning", _PlainConditioning)


def _sound(blocks):
    return np.concatenate([block.y for block in blocks])


class Listener(threading.Thread):
    """Reads a feed as the analysis thread does, and tells of each block."""

    def __init__(self, feed):
        super().__init__(daemon=True)
        self.blocks, self._came = [], threading.Condition()
        self._feed = feed
        self.start()

    def run(self):
        for block in self._feed.blocks():
            with self._came:
                self.blocks.append(block)
                self._came.notify_all()

    def wait_for(self, n):
        with self._came:
            assert self._came.wait_for(lambda: len(self.blocks) >= n, DEADLINE_S), f"{len(self.blocks)} of {n} blocks"


def test_blocks_are_10_ms_of_mono_float32_and_their_time_rises_without_a_gap():
    blocks = _take(_feed(Ramp()), 50)
    assert [block.end for block in blocks] == [BLOCK * (k + 1) for k in range(50)]
    assert all(block.y.shape == (BLOCK,) and block.y.dtype == np.float32 for block in blocks)
    assert np.array_equal(_sound(blocks), np.arange(50 * BLOCK))


def test_a_block_comes_when_it_is_due():
    clock = ManualClock(100.0)
    feed = _feed(Ramp(), clock)
    listener = Listener(feed)
    clock.advance(0.0095)
    assert not listener.blocks
    for k in range(1, 20):
        clock.advance(0.01)
        listener.wait_for(k)
        assert len(listener.blocks) == k
    assert [block.t_capture for block in listener.blocks] == [100 + block.end / 48000 for block in listener.blocks]
    assert feed.anchor == (19 * 0.01, 100 + 19 * 0.01)
    feed.close()
    listener.join(DEADLINE_S)


def test_a_reader_far_behind_gets_blocks_of_now_and_no_burst():
    clock = SteppedClock()
    blocks = _feed(Ramp(), clock).blocks()
    next(blocks)
    clock.sleep_until(5.0)
    late = next(blocks)
    assert late.t_capture == pytest.approx(5.0)
    assert late.end == 2 * BLOCK
    assert next(blocks).t_capture == pytest.approx(5.01)


def test_a_reader_a_little_behind_catches_up():
    clock = SteppedClock()
    blocks = _feed(Ramp(), clock).blocks()
    next(blocks)
    clock.sleep_until(0.15)
    assert [next(blocks).t_capture for _ in range(10)] == pytest.approx([0.01 * k for k in range(2, 12)])


def test_the_real_clock_paces_and_the_anchor_maps_audio_time():
    feed = _feed(Ramp(), RealClock())
    began = time.monotonic()
    blocks = _take(feed, 50)
    assert time.monotonic() - began > 0.49
    offsets = {round(block.t_capture - block.t_audio, 9) for block in blocks}
    assert len(offsets) == 1 or time.monotonic() - began > 0.7  # a machine that slept anchors anew
    assert feed.anchor == (blocks[-1].t_audio, blocks[-1].t_capture)


def test_the_same_samples_come_whatever_the_clock(make_sound):
    path = make_sound("clock.ogg", "anoisesrc=a=0.5:r=44100:d=0.5:seed=3", "-ac", "2")
    stepped = _take(_feed(open_source(str(path), SourceOptions(loop=True))), 60)
    real = _take(_feed(open_source(str(path), SourceOptions(loop=True)), RealClock()), 60)
    again = _take(_feed(open_source(str(path), SourceOptions(loop=True))), 60)
    assert np.array_equal(_sound(stepped), _sound(real))
    assert np.array_equal(_sound(stepped), _sound(again))


def test_silence_follows_a_file_that_has_ended():
    blocks = _take(_feed(Ramp(length=1000, start=1)), 5)
    y = _sound(blocks)
    assert np.array_equal(y[:1000], 1 + np.arange(1000))
    assert not y[1000:].any()
    assert blocks[-1].end == 5 * BLOCK


def test_offline_the_blocks_end_with_the_file_the_last_one_short():
    blocks = list(_feed(Ramp(length=1000), ends=True).blocks())
    assert [len(block.y) for block in blocks] == [480, 480, 40]
    assert blocks[-1].end == 1000
    assert list(_feed(Ramp(length=960), ends=True).blocks())[-1].end == 960


def test_a_pause_is_silence_and_play_goes_on_where_it_was():
    feed = _feed(Ramp())
    blocks = feed.blocks()
    first = next(blocks)
    feed.pause()
    silent = [next(blocks) for _ in range(3)]
    feed.play()
    after = next(blocks)
    assert not _sound(silent).any()
    assert after.y[0] == first.y[-1] + 1
    assert after.end == 5 * BLOCK


def test_a_seek_is_heard_at_the_next_block_and_time_goes_on():
    feed = _feed(Ramp())
    blocks = feed.blocks()
    next(blocks)
    feed.seek(2.0)
    after = next(blocks)
    assert after.y[0] == 96000
    assert after.end == 2 * BLOCK


@pytest.mark.parametrize("t_s", [float("inf"), 1e300, -1e300, float("nan")])
def test_a_seek_to_nowhere_harms_nothing(make_sound, t_s):
    feed = _feed(open_source(str(make_sound("seek.ogg", "sine=duration=1:sample_rate=48000")), SourceOptions()))
    blocks = feed.blocks()
    next(blocks)
    feed.seek(t_s)
    assert len(next(blocks).y) == BLOCK


def test_play_begins_a_file_again_that_has_ended():
    feed = _feed(Ramp(length=BLOCK, start=1))
    blocks = feed.blocks()
    first = next(blocks)
    assert not next(blocks).y.any()
    feed.play()
    assert np.array_equal(next(blocks).y, first.y)


def test_another_source_takes_over_at_the_next_block_and_the_old_one_is_closed():
    old, new, counters = Ramp(), Ramp(start=500_000), Counters()
    feed = _feed(old, counters=counters)
    blocks = feed.blocks()
    next(blocks)
    feed.switch(new)
    after = next(blocks)
    assert after.y[0] == 500_000
    assert after.end == 2 * BLOCK
    assert old.closed
    assert new.counters is counters


def test_another_source_is_heard_after_a_pause():
    feed = _feed(Ramp())
    blocks = feed.blocks()
    feed.pause()
    assert not next(blocks).y.any()
    feed.switch(Ramp(start=500_000))
    assert next(blocks).y[0] == 500_000


class Broken(Ramp):
    """A pull source that raises what no decoder should."""

    def read(self, n):
        raise RuntimeError("a decoder's own")


def test_a_source_that_raises_is_silence_and_another_brings_the_sound_back(caplog):
    clock, counters = SteppedClock(), Counters()
    feed = _feed(Broken(name="song.ogg"), clock, counters=counters)
    blocks = feed.blocks()
    silent = [next(blocks) for _ in range(250)]
    assert not _sound(silent).any()
    assert clock.now() == pytest.approx(2.5)  # in its own time, not as fast as it fails
    assert counters.counts == {"audio_error": 250}
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said == ["song.ogg: RuntimeError: a decoder's own; playing silence"] * 3
    feed.switch(Ramp(start=1))
    after = next(blocks)
    assert after.y[0] == 1
    assert after.end == 251 * BLOCK


def test_a_sound_card_that_raises_is_silence_in_its_own_time():
    card, counters = Card(), Counters()
    card.take = lambda n, timeout_s: 1 / 0
    clock = SteppedClock()
    blocks = _take(_feed(card, clock, counters=counters), 100)
    assert not _sound(blocks).any()
    assert clock.now() == pytest.approx(1.0)
    assert counters.counts == {"audio_error": 100}


def test_offline_a_source_that_raises_ends_the_work():
    with pytest.raises(RuntimeError, match="a decoder's own"):
        next(_feed(Broken(), ends=True).blocks())


def test_a_seek_in_live_sound_is_no_news(caplog):
    caplog.set_level("INFO")
    _feed(Card()).seek(1.0)
    assert not caplog.records


def test_close_wakes_the_reader_and_closes_the_source():
    source = Ramp()
    feed = _feed(source, RealClock())
    listener = Listener(feed)
    listener.wait_for(3)
    feed.close()
    listener.join(DEADLINE_S)
    assert not listener.is_alive()
    assert source.closed
    feed.switch(late := Ramp())
    assert late.closed


def test_close_wakes_a_reader_that_waits_for_a_sound_card():
    feed = _feed(card := Card(), RealClock())
    listener = Listener(feed)
    listener.wait_for(1)
    feed.close()
    listener.join(DEADLINE_S)
    assert not listener.is_alive()
    assert card.closed


def test_live_blocks_come_with_their_own_capture_time():
    card, clock = Card(), RealClock()
    now = clock.now()
    for k in range(4):
        card.put(0.1 * (k + 1), now + 0.01 * k)
    feed = _feed(card, clock)
    blocks = _take(feed, 4)
    assert [block.t_capture for block in blocks] == [now + 0.01 * k for k in range(4)]
    assert [block.y[0] for block in blocks] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert feed.anchor == (0.04, now + 0.03)


def test_silence_stands_in_for_a_sound_card_that_gives_nothing_and_keeps_time():
    counters = Counters()
    feed = _feed(card := Card(), RealClock(), counters=counters)
    listener = Listener(feed)
    began = time.monotonic()
    listener.wait_for(100)
    assert 0.9 < time.monotonic() - began < 10  # to wait for the card again and again would take 15 s
    assert not _sound(listener.blocks).any()
    assert counters.counts == {}  # it has not begun yet
    card.put(0.5, time.monotonic())
    n = len(listener.blocks)
    listener.wait_for(n + 50)
    assert [block.y[0] for block in listener.blocks].count(0.5) == 1
    assert counters.counts == {"audio_late": 1}
    ends = [block.end for block in listener.blocks]
    assert ends == [BLOCK * (k + 1) for k in range(len(ends))]
    feed.close()
    listener.join(DEADLINE_S)


def test_a_paused_sound_card_is_silent_and_does_not_pile_up():
    card = Card()
    for _ in range(5):
        card.put(0.5, time.monotonic())
    feed = _feed(card, RealClock())
    feed.pause()
    assert not _sound(_take(feed, 5)).any()
    feed.play()
    card.put(0.25, time.monotonic())
    assert _take(feed, 1)[0].y[0] == 0.25


def test_from_a_file_to_a_sound_card_and_back_time_rises_without_a_gap():
    feed = _feed(Ramp(start=1), RealClock())
    blocks = feed.blocks()
    heard = [next(blocks) for _ in range(3)]
    feed.switch(card := Card())
    for _ in range(3):
        card.put(0.5, time.monotonic())
        heard.append(next(blocks))
    feed.switch(Ramp(start=1))
    heard += [next(blocks) for _ in range(3)]
    assert [block.end for block in heard] == [BLOCK * (k + 1) for k in range(9)]
    assert [block.y[0] for block in heard] == [1, 481, 961, 0.5, 0.5, 0.5, 1, 481, 961]


def test_controls_from_other_threads_never_break_the_stream(make_sound):
    """Everything at once, for a second: the blocks go on, each whole, and nothing is raised."""
    path = make_sound("storm.ogg", "anoisesrc=a=0.5:r=44100:d=2:seed=3")
    feed = _feed(open_source(str(path), SourceOptions(loop=True)), RealClock())
    listener = Listener(feed)
    stop = threading.Event()
    chance = np.random.default_rng(0)

    def storm(act):
        while not stop.wait(chance.uniform(0, 0.005)):
            act()

    acts = (
        lambda: feed.seek(chance.uniform(0, 3)),
        feed.pause,
        feed.play,
        lambda: feed.switch(open_source(str(path), SourceOptions(loop=True))),
    )
    threads = [threading.Thread(target=storm, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    listener.wait_for(100)
    stop.set()
    for thread in threads:
        thread.join(DEADLINE_S)
    listener.wait_for(len(listener.blocks) + 5)
    feed.close()
    listener.join(DEADLINE_S)
    assert not listener.is_alive()
    assert {len(block.y) for block in listener.blocks} == {BLOCK}


def test_a_stereo_file_is_mixed_to_mono(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.tile([0.5, 0.1], (4800, 1)), 48000, subtype="FLOAT")
    blocks = list(_feed(open_source(str(tmp_path / "a.wav"), SourceOptions()), ends=True).blocks())
    assert np.allclose(_sound(blocks), 0.3)
