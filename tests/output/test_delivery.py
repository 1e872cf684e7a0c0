"""Delivery by a clock that the test moves: what goes out, and when."""

import threading

import numpy as np
import pytest

from bandwalk.clock import ManualClock
from bandwalk.output.delivery import FADE_STEP_S, QUIET_S, Delivery
from bandwalk.output.newest_slot import NewestSlot
from bandwalk.records import Counters, Features, Frame, Picture, Pose

FPS = 30.0
VALUES = {"/out/fps": FPS, "/out/delay_ms": 0.0, "/master/blackout": False, "/master/fade": 0.5}
BLACK = VALUES | {"/master/blackout": True}


def picture(level, t_audio=0.0):
    """A picture of one grey, in whose step a hit was heard."""
    zeros = (0.0, 0.0, 0.0)
    features = Features(0, t_audio, 7.0, zeros, zeros, zeros, (True, False, False), 0.0)
    pose = Pose(t_audio, np.zeros(1), zeros, 0.0, features)
    return Picture(np.full((2, 2, 3), level, np.uint8), pose, "m", FPS, "2x2")


class Stage:
    """A delivery and what it published: (grey, brightness, is a repeat, has an onset)."""

    def __init__(self):
        self.clock, self.counters, self.out, self.broken = ManualClock(100.0), Counters(), [], set()
        self.delivery = Delivery(
            self._encode,
            self._publish,
            blank=lambda values: picture(0),
            clock=self.clock,
            counters=self.counters,
        )

    def _encode(self, shown, values, brightness):
        if shown.rgb[0, 0, 0] in self.broken:
            raise ValueError("no picture")
        seen = (int(shown.rgb[0, 0, 0]), brightness)
        return Frame(b"", {"seen": seen, "onset": any(shown.pose.features.onset)}, 7.0)

    def _publish(self, frame):
        said = frame.description
        self.out.append((*said["seen"], "repeat" in said, said["onset"]))

    def draw(self, seconds, values=VALUES, grey=200):
        """Draw pictures at their rate for so long."""
        for _ in range(round(seconds * FPS)):
            self.clock.advance(1 / FPS)
            self.delivery.step(picture(grey), values)

    def wait(self, seconds, values=VALUES, **wanted):
        """Let time go by without a picture, as the thread does that waits for one."""
        end = self.clock.now() + seconds
        while self.clock.now() < end - 1e-9:
            self.clock.advance(min(max(self.delivery.wait_s(values), 1e-3), end - self.clock.now()))
            self.delivery.step(None, values, **wanted)

    def taken(self):
        out, self.out = self.out, []
        return out


@pytest.fixture
def stage():
    return Stage()


def test_while_pictures_come_each_goes_out_once(stage):
    stage.draw(1.0)
    assert stage.taken() == [(200, 1.0, False, True)] * 30


def test_without_a_picture_the_last_one_is_repeated_its_onsets_told_already(stage):
    stage.draw(0.1)
    stage.taken()
    stage.wait(QUIET_S - 0.01)
    assert stage.taken() == []
    stage.wait(0.02)
    assert stage.taken() == [(200, 1.0, True, False)]
    stage.wait(1.0)
    assert len(stage.taken()) == 4


def test_slow_pictures_are_not_repeated_while_they_come_in_time(stage):
    slow = VALUES | {"/out/fps": 2.0}
    stage.delivery.step(picture(200), slow)
    stage.taken()
    stage.wait(0.7, slow)
    assert stage.taken() == []
    stage.wait(0.1, slow)
    assert len(stage.taken()) == 1


@pytest.mark.parametrize("fps", [1.0, 30.0, 240.0])
def test_black_begins_and_comes_without_the_drawing_thread(stage, fps):
    values, black = VALUES | {"/out/fps": fps}, BLACK | {"/out/fps": fps}
    stage.draw(0.1, values)
    stage.wait(10.0, values)
    stage.taken()
    stage.wait(FADE_STEP_S, black)
    assert 0 < stage.taken()[-1][1] < 1
    stage.wait(0.5, black)
    fade = [brightness for _, brightness, _, _ in stage.taken()]
    assert fade[-1] == 0.0
    assert max(-np.diff(fade)) < 2 * FADE_STEP_S / 0.5 + 1e-6  # in even steps
    stage.wait(0.6, values)
    assert stage.taken()[-1][1] == 1.0


def test_a_fade_is_as_long_with_pictures_as_without(stage):
    stage.draw(1.0)
    stage.taken()
    stage.draw(0.25, BLACK)
    assert stage.taken()[-1][1] == pytest.approx(0.5, abs=0.08)
    stage.wait(0.15, BLACK)
    assert stage.taken()[-1][1] == pytest.approx(0.2, abs=0.11)


def test_black_at_once_does_not_wait_for_a_picture_or_for_the_delay(stage):
    late = VALUES | {"/out/delay_ms": 2000.0, "/master/fade": 0.0}
    stage.draw(1.0, late)
    assert stage.taken() == []
    stage.wait(FADE_STEP_S, late | {"/master/blackout": True})
    assert stage.taken()[-1][1] == 0.0


def test_repeats_are_held_back_as_pictures_are(stage):
    late = VALUES | {"/out/delay_ms": 1000.0}
    stage.draw(0.5, late)
    stage.wait(0.45, late)
    assert stage.taken() == []
    stage.wait(0.6, late)
    assert len(stage.taken()) == pytest.approx(15, abs=1)
    stage.wait(0.5, late)
    assert {is_repeat for _, _, is_repeat, _ in stage.taken()} == {True}


def test_before_any_picture_only_black_goes_out(stage):
    stage.wait(1.0)
    assert stage.taken() == []
    stage.wait(0.1, BLACK)
    assert stage.taken()[0][0] == 0


def test_a_picture_that_cannot_be_encoded_is_none(stage):
    stage.draw(0.1)
    stage.taken()
    stage.broken.add(13)
    for _ in range(30):
        stage.clock.advance(1 / FPS)
        with pytest.raises(ValueError, match="no picture"):
            stage.delivery.step(picture(13), VALUES)
    out = stage.taken()
    assert len(out) in (3, 4)
    assert {grey for grey, *_ in out} == {200}


def test_what_nobody_wants_is_not_repeated_and_waking_shows_no_old_picture(stage):
    stage.draw(0.1)
    stage.taken()
    stage.wait(5.0, is_wanted=False)
    stage.wait(0.2)
    assert stage.taken() == []


def test_a_wake_ends_the_wait_before_or_after_it_began():
    slot = NewestSlot()
    slot.wake()
    assert slot.take(10.0) is None
    threading.Timer(0.02, slot.wake).start()
    assert slot.take(10.0) is None
    slot.put(1)
    assert slot.take(10.0) == 1
