"""The measure of ``benchmarks/legibility.py`` on pictures made by hand: hits or none, a still or motion."""

import importlib.util
from pathlib import Path

import numpy as np

spec = importlib.util.spec_from_file_location("seen", Path(__file__).parents[1] / "benchmarks" / "seen.py")
seen = importlib.util.module_from_spec(spec)
spec.loader.exec_module(seen)

FPS = 30
HITS = np.arange(0.5, 5.5, 0.5)


def clip(move, seconds=6):
    """Return pictures [n, 64, 64, 3]: one of chance that move(x, t, since the last hit) changes."""
    x = np.random.default_rng(1).uniform(40, 200, (4, 4, 3)).repeat(16, 0).repeat(16, 1)
    times = np.arange(seconds * FPS) / FPS
    since = [t - max(HITS[t + 1e-9 >= HITS], default=t) for t in times]
    return np.array([np.clip(move(x, t, s), 0, 255) for t, s in zip(times, since, strict=True)]).astype(np.uint8)


def pulse(since):
    """1 at a hit, gone a tenth of a second later."""
    return np.exp(-since / 0.1) if since > 0 else 0.0


def drift(x, t, since):
    """Move on steadily, without hits."""
    return np.roll(x, round(20 * t), axis=1)


def scores(frames):
    """Return the score of HITS in each part."""
    return {
        part: seen.hits_seen(motion, HITS, FPS, seen.VISIBLE[part]).score
        for part, motion in seen.motions(frames).items()
    }


def test_a_hit_is_seen_in_its_own_part_only():
    kick = scores(clip(lambda x, t, s: x * (1 - pulse(s)) + np.roll(x, 8, axis=0) * pulse(s)))
    light = scores(clip(lambda x, t, s: x + 30 * pulse(s)))
    tint = scores(clip(lambda x, t, s: x + pulse(s) * np.array([40.0, -20.4, 0.0])))
    assert kick["structure"] > 0.6
    assert light["light"] > 0.6 > 0.2 > light["structure"]
    assert tint["colour"] > 0.6 > 0.2 > tint["structure"]


def test_neither_a_still_nor_a_steady_motion_shows_hits():
    assert max(scores(clip(lambda x, t, s: x)).values()) == 0
    assert max(scores(clip(drift)).values()) < 0.2


def test_motion_is_told_from_a_still():
    still, moving = clip(lambda x, t, s: x), clip(drift)
    assert seen.grey_motion(still) == 0 < 1 < seen.grey_motion(moving)
    assert seen.held(still, 2.0, FPS) > 0.999
    assert seen.held(moving, 1.1, FPS) < 0.6
    assert seen.difference(still, still) < 0.001 < 0.3 < seen.difference(still, moving)
