"""Frames in their order: exact at rest, and the limiter stands where the parameters say."""

import hashlib

import numpy as np
import pytest
from sounds import beat

from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.output.shape import to_size
from bandwalk.params import defaults
from bandwalk.pipeline.frame_sequence import FrameSequence
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Block

VALUES = defaults() | {"/out/size": "64x64"}
TRAIL = {"/feedback/amount": 0.8, "/feedback/zoom": 1.5, "/feedback/rotate": 30.0}
BLACK, WHITE = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
FLICKER = [WHITE if k // 2 % 2 else BLACK for k in range(90)]


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=64)


def shown(pictures, values, sequence=None, first=0, **known):
    sequence = sequence or FrameSequence()
    return [
        sequence.step(rgb, values, t_audio=(first + k) / 30, brightness=1.0, **known) for k, rgb in enumerate(pictures)
    ]


def test_at_rest_a_frame_is_the_jpeg_file_of_the_drawn_picture(G):
    encoder, tally = open_encoder(), Tally()
    pipeline = Pipeline(G, VALUES, step_rate=100.0, encoder=encoder, tally=tally)
    pipeline.hear(Block(beat(1.0), 48_000, 1.0), VALUES)
    for k in range(10):
        picture = pipeline.draw(k / 10, VALUES)
        plain = encoder.encode(to_size(picture.rgb, 64, 64, fit="crop"), quality=85, chroma="420")
        frame = pipeline.encode(picture, VALUES)
        assert hashlib.sha256(frame.jpeg).digest() == hashlib.sha256(plain).digest()
    assert ("/stats/held", 0) in tally.messages(0.0)


def test_flashes_are_held_back_unless_they_are_allowed():
    sequence = FrameSequence()
    held = shown(FLICKER, VALUES, sequence)
    assert sequence.held > 40
    assert not all(np.array_equal(a, b) for a, b in zip(held, FLICKER, strict=True))
    allowed = FrameSequence()
    assert all(a is b for a, b in zip(shown(FLICKER, VALUES | {"/safe/flashes": False}, allowed), FLICKER, strict=True))
    assert allowed.held == 0


def test_where_the_limiter_may_not_act_flashes_are_counted():
    sequence = FrameSequence(may_limit=False, measures=True)
    assert all(a is b for a, b in zip(shown(FLICKER, VALUES, sequence), FLICKER, strict=True))
    assert sequence.held == 0
    assert sequence.worst[0] == pytest.approx(7.5, abs=0.5)


def test_a_show_is_limited_by_the_time_at_which_pictures_are_shown():
    sequence = FrameSequence()
    for k, rgb in enumerate(FLICKER):  # slow: one change in 0.5 s
        assert sequence.step(rgb, VALUES, t_audio=k / 30, brightness=1.0, t_s=k / 4) is rgb


def test_whole_again_and_from_a_state_are_the_same(G):
    values = VALUES | TRAIL
    rng = np.random.default_rng(8)
    pictures = [rng.integers(0, 256, (8, 8, 3), np.uint8).repeat(8, 0).repeat(8, 1) for _ in range(20)] + FLICKER[:40]
    whole, again = shown(pictures, values), shown(pictures, values)
    assert all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True))
    for cut in (1, 12, 50):
        first, rest = FrameSequence(), FrameSequence()
        shown(pictures[:cut], values, first)
        rest.restore(first.state())
        resumed = shown(pictures[cut:], values, rest, first=cut)
        assert all(np.array_equal(a, b) for a, b in zip(whole[cut:], resumed, strict=True))
        assert rest.held >= first.held
