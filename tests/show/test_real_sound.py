"""Real sound: a song moves each band's picture by its own change; tones of another program light their own band."""

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
from server import Osc, Server

from bandwalk.audio import Feed, SourceOptions, open_source
from bandwalk.clock import SteppedClock
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.records import BANDS, Counters

SONG = Path("/usr/share/games/frozen-bubble/snd/frozen-mainzik-1p.ogg")  # Debian's frozen-bubble-data
FPS = 15.0
SECONDS = 6.0
DEADLINE_S = 60.0


def _play(G, only):
    """Return (motion of each frame in grey levels, rising change of each band in its time)."""
    values = defaults() | {f"/walk/{band}/enabled": band == only for band in BANDS}
    pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("auto"), tally=Tally())
    feed = Feed(open_source(str(SONG), SourceOptions()), clock=SteppedClock(), counters=Counters(), ends=True)
    feed.seek(20.0)
    frames, rises, heard = [], [], []
    for block in feed.blocks():
        heard += [np.maximum(features.change, 0) for features in pipeline.hear(block, values)]
        if len(frames) / FPS <= block.t_audio:
            frames.append(pipeline.draw(len(frames) / FPS, values).rgb.astype(np.int16))
            rises.append(np.sum(heard[:-1], axis=0) if len(heard) > 1 else np.zeros(len(BANDS)))
            heard = heard[-1:]
        if block.t_audio >= SECONDS:
            feed.close()
    moved = [np.abs(b - a).mean() for a, b in itertools.pairwise(frames)]
    return np.array(moved), np.array(rises)[1:]


@pytest.mark.parametrize("band", BANDS)
def test_the_motion_that_a_band_causes_follows_its_own_change(band):
    moved, rises = _play(load("builtin", size=64), band)
    correlation = [np.corrcoef(moved, rises[:, i])[0, 1] for i in range(len(BANDS))]
    own = correlation.pop(BANDS.index(band))
    assert own > 0.6
    assert own > max(correlation) + 0.2


def _until_only(osc, lit, steps=20):
    """Wait until for so many analysis steps on end one band is lit and the others are dark.

    A busy machine breaks the tone up, and such a click is heard in all bands; what leaks is heard in each step.
    """
    levels, run = {}, 0
    deadline = time.monotonic() + DEADLINE_S
    while run < steps:
        assert time.monotonic() < deadline, f"{lit}: {levels}"
        for band in BANDS:
            levels[band] = osc.until(f"/feature/{band}/level")[0]
        dark = [level for band, level in levels.items() if band != lit]
        run = run + 1 if levels[lit] > 0.9 and max(dark) < 0.02 else 0


@pytest.mark.audio
@pytest.mark.alone
def test_tones_of_another_program_light_exactly_their_band(pulse):
    with Server("live:computer", "--size", "64x64", "--threads", "1", env=pulse.env) as running:
        osc = Osc(running)
        osc.until("/feature/time")
        for hz, lit in ((60, "low"), (270, "mid"), (2000, "high")):
            pulse.play_tone(hz)
            osc.until(f"/feature/{lit}/level", lambda level: level > 0.9)
            _until_only(osc, lit)
            pulse.stop_playing()
            osc.until(f"/feature/{lit}/level", lambda level: level < 0.02)
        osc.close()
