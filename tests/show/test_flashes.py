"""Flashes made by hand: what leaves a server, counted from the received files."""

import time

import numpy as np
import pytest
from flash_oracle import most_changes
from frames import meta_of, pixels_of
from server import Frames, Osc, Server

pytestmark = pytest.mark.alone

SECONDS, FRAMES, TOGGLE_S = 1.3, 36, 0.05  # flashes are counted in each second; so many frames at least
MAX_FLASHES = 3  # pairs of changes


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets")
    with Server("demo", "--size", "64x64", "--threads", "1", "--presets", folder) as running:
        yield running


def flickered(server, osc, dark, bright):
    """The pictures, and when each was published, of some time in which a hand goes to and fro 10 times a second."""
    pictures, times = [], []
    with Frames(server, repeats=True) as frames:
        toggled, is_bright = 0.0, False
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(pictures) < FRAMES:
            if time.monotonic() - toggled >= TOGGLE_S:
                toggled, is_bright = time.monotonic(), not is_bright
                osc.send(*(bright if is_bright else dark))
            message = frames.next()
            pictures.append(np.asarray(pixels_of(message)))
            times.append(meta_of(message)["t_publish"])
    return pictures, times


HANDS = {
    "brightness": (("/color/brightness", -1.0), ("/color/brightness", 1.0)),
    "invert": (("/color/invert", 0), ("/color/invert", 1)),
    "blackout": (("/master/blackout", 1), ("/master/blackout", 0)),
}
REST = (("/color/brightness", 0.0), ("/color/invert", 0), ("/master/blackout", 0), ("/color/contrast", 1.0))


@pytest.mark.parametrize("hand", HANDS)
def test_a_flicker_by_hand_leaves_at_most_three_times_a_second_and_without_the_limiter_it_does(server, hand):
    osc = Osc(server)
    try:
        osc.send("/master/fade", 0.0)
        if hand == "invert":
            osc.send("/color/contrast", 4.0)
        osc.send("/safe/flashes", 1)
        pictures, times = flickered(server, osc, *HANDS[hand])
        assert most_changes(pictures, times) // 2 <= MAX_FLASHES
        osc.send("/stats")
        assert osc.until("/stats/held")[0] > 0 or hand == "blackout"
        osc.send("/safe/flashes", 0)
        pictures, times = flickered(server, osc, *HANDS[hand])
        assert most_changes(pictures, times) // 2 > MAX_FLASHES
    finally:
        for rest in REST:
            osc.send(*rest)
        osc.close()
