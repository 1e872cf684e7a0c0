"""A sound card that loses samples, driven through the real capture buffer: no card here can be made to."""

import threading
import time

import numpy as np
import pytest

from bandwalk.audio import Feed, SourceOptions, live, open_source
from bandwalk.audio.device import Device
from bandwalk.clock import RealClock
from bandwalk.records import Counters

pytestmark = pytest.mark.alone

CHUNK = 256
TONE = np.where(np.arange(CHUNK) // 32 % 2, 0.5, -0.5).astype(np.float32)  # of 750 Hz: an offset alone is not heard


class LossyCard(threading.Thread):
    """Hands on 256 samples when they are due, as PortAudio does; the test says what is lost before them.

    tells: whether the driver says that it lost samples.
    """

    is_gone = True

    def __init__(self, on_sound, *, tells):
        super().__init__(daemon=True)
        self._on_sound, self._tells = on_sound, tells
        self._stopped, self._lost_s, self._every_s = threading.Event(), 0.0, np.inf
        self.start()

    def lose(self, lost_s, *, every_s=np.inf):
        self._lost_s, self._every_s = lost_s, every_s

    def run(self):
        due = time.monotonic()
        next_loss = -np.inf
        while not self._stopped.is_set():
            loses = self._lost_s > 0 and due >= next_loss
            if loses:
                next_loss = due + self._every_s
                due += self._lost_s
            due += CHUNK / 48000
            self._stopped.wait(max(0.0, due - time.monotonic()))
            self._on_sound(np.stack([TONE, TONE], axis=1), loses and self._tells)

    def close(self):
        self._stopped.set()
        self.join()


@pytest.fixture(params=[True, False], ids=["told", "untold"])
def card_and_feed(request, monkeypatch):
    """A card that tells of its losses or not, and a feed that listens to it."""
    cards = []

    def open_input(_order, on_sound, _finished):
        cards.append(LossyCard(on_sound, tells=request.param))
        return cards[0]

    device = Device(0, "lossy", 2, 0, 48000, "fake", is_default_input=True, is_default_output=False)
    monkeypatch.setattr(live, "find_input", lambda _: device)
    monkeypatch.setattr(live.portaudio, "usable_rate", lambda *_: 48000)
    monkeypatch.setattr(live, "open_input", open_input)
    counters = Counters()
    feed = Feed(open_source("live", SourceOptions()), clock=RealClock(), counters=counters)
    yield cards[0], feed, counters
    feed.close()


def _listen(blocks, seconds):
    """Read blocks for so long; return (blocks a second, seconds of silence, ages)."""
    began, ages, silent = time.monotonic(), [], 0
    while (now := time.monotonic()) < began + seconds:
        block = next(blocks)
        ages.append(time.monotonic() - block.t_capture)
        silent += not block.y.any()
    return len(ages) / (now - began), silent / 100, ages


def test_after_one_long_loss_time_goes_on_at_its_own_pace(card_and_feed):
    card, feed, counters = card_and_feed
    blocks = feed.blocks()
    _listen(blocks, 0.3)
    card.lose(0.3)
    _, silent_s, _ = _listen(blocks, 0.8)
    assert silent_s == pytest.approx(0.3, abs=0.1)
    late = counters.counts["audio_late"]
    blocks_a_second, silent_s, ages = _listen(blocks, 1.5)
    assert blocks_a_second == pytest.approx(100, abs=2)
    assert silent_s == 0
    assert counters.counts["audio_late"] == late
    assert 0 <= np.median(ages) < 0.05


def test_after_many_small_losses_the_sound_is_no_older(card_and_feed):
    card, feed, counters = card_and_feed
    blocks = feed.blocks()
    _listen(blocks, 0.3)
    card.lose(0.02, every_s=0.1)
    _, _, ages = _listen(blocks, 1.4)
    lost_s = 0.02 * 14
    assert np.median(ages[-60:]) < 0.15 < lost_s
    assert not counters.counts.get("audio_late")
