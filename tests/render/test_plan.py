"""Plans: when each frame is, what it is drawn from, and that a part shows what the whole does."""

from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
import soundfile
from sounds import beat

from bandwalk.audio import Feed, SourceOptions, open_source
from bandwalk.clock import SteppedClock
from bandwalk.pipeline.joined_styles import join_styles
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Counters
from bandwalk.render.job import job_of
from bandwalk.render.plan import picture_inputs_of
from bandwalk.render.published_poses import published_poses

from .conftest import SECONDS, job_for


def _ws(job, G, n=None):
    return [picture_input.ws.numpy() for picture_input in islice(picture_inputs_of(job, G), n)]


def test_frames_are_where_the_exact_rate_says(song, G):
    ntsc = {"29.97": 30, "23.976": 24, "23.98": 24, "59.94": 60, "47.95": 48, "119.88": 120, "30000/1001": 30}
    rates = {text: Fraction(1000 * n, 1001) for text, n in ntsc.items()}
    rates |= {
        "24": Fraction(24),
        "25": Fraction(25),
        "12.5": Fraction(25, 2),
        "29.5": Fraction(59, 2),
        "1": Fraction(1),
    }
    for fps, exact in rates.items():
        span = job_for(song, out_fps=fps).span
        assert span.fps == exact
        assert span.t_audio(18_000) == float(18_000 / exact)
    assert job_for(song, method="published").span.fps == 24  # as it was asked for


def test_the_published_method_shows_a_frame_a_step_unless_told_otherwise(song):
    for bpm, hop in (("150", 551), ("128", 645)):
        start = resolve({"method": "published", "bpm": bpm}, str(song))
        assert job_of(start, "clip.mp4").span.fps == Fraction(22_050, hop)


@pytest.mark.parametrize("method", ["bandwalk", "published"])
def test_a_clip_has_as_many_frames_as_begin_within_the_song(song, G, method):
    picture_inputs = list(picture_inputs_of(job_for(song, method=method, start=5), G))
    assert len(picture_inputs) == int(np.ceil((SECONDS - 5) * 24))
    assert [picture_input.pose.t_audio for picture_input in picture_inputs] == [
        5 + k / 24 for k in range(len(picture_inputs))
    ]


def test_no_frame_begins_with_the_songs_end(tmp_path, G):
    for seconds in (1.0, 0.5, 1 / 3):
        soundfile.write(tmp_path / "a.wav", beat(2.0)[: round(seconds * 48_000)], 48_000)
        picture_inputs = list(picture_inputs_of(job_for(tmp_path / "a.wav"), G))
        assert len(picture_inputs) == round(seconds * 24)


def test_the_latents_are_those_of_the_pipeline_of_a_show(song, G):
    job = job_for(song)
    offline = _ws(job, G, 60)
    pipeline = Pipeline(G, job.values, step_rate=100.0, tally=Tally())
    feed = Feed(open_source(str(song), SourceOptions()), clock=SteppedClock(), counters=Counters(), ends=True)
    shown = []
    for block in feed.blocks():
        pipeline.hear(block, job.values)
        while len(shown) / 24 <= block.t_audio:
            pose = pipeline.scene.track.pose(len(shown) / 24)
            shown.append(join_styles(G, pose.z, job.values).numpy())
        if len(shown) >= 60:
            break
    feed.close()
    assert all(np.array_equal(a, b) for a, b in zip(offline, shown, strict=False))


@pytest.mark.parametrize("method", ["bandwalk", "published"])
def test_a_part_shows_what_the_whole_does(song, G, method):
    whole = _ws(job_for(song, method=method), G, 90)
    part = _ws(job_for(song, method=method, start=2.5, end=3.75), G)
    assert len(part) == 30
    assert all(np.array_equal(a, b) for a, b in zip(part, whole[60:90], strict=True))


@pytest.mark.parametrize("method", ["bandwalk", "published"])
def test_another_frame_rate_walks_the_same_path(song, G, method):
    slow = _ws(job_for(song, method=method, end=2), G)
    fast = _ws(job_for(song, method=method, end=2, out_fps=48), G)
    assert max(np.abs(a - b).max() for a, b in zip(slow, fast[::2], strict=True)) < 1e-5


@pytest.mark.parametrize("method", ["bandwalk", "published"])
@pytest.mark.parametrize(("band", "layers"), [("low", range(3)), ("mid", range(6, 14)), ("high", range(3, 6))])
def test_only_one_walk_moves_where_only_one_is_asked_for(song, G, method, band, layers):
    job = job_for(song, method=method, end=3).only(band, None)
    ws = _ws(job, G)
    moved = {layer for layer in range(14) if any(not np.array_equal(w[:, layer], ws[0][:, layer]) for w in ws)}
    assert moved == set(layers)


def test_the_layers_of_the_code_swap_mid_and_high(song, G):
    ws = _ws(job_for(song, method="published", mix="code", end=3).only("mid", None), G)
    moved = [not np.array_equal(ws[0][:, layer], ws[-1][:, layer]) for layer in range(14)]
    assert moved == [False] * 3 + [True] * 3 + [False] * 8


def _poses(song, G, **flags):
    return [pose.z for pose in published_poses(job_for(song, method="published", end=1, **flags), G)]


PUBLISHED_ROWS = [
    {"max_steps": "4,3,4"},
    {"walk_low_gain": 0.5},
    {"master_intensity": 2},
    {"master_speed": 0.5},
    {"style_seed": 9},
    {"walk_high_seed": 9},
    {"walk_mid_enabled": 0},
    {"walk_low_kind": "hold"},
    {"bpm": 120},
]


@pytest.mark.parametrize("flags", PUBLISHED_ROWS, ids=str)
def test_the_published_walk_follows_the_rows_that_it_has(song, G, flags):
    assert not np.array_equal(_poses(song, G)[-1], _poses(song, G, **flags)[-1])


def test_the_published_walk_rests_where_it_is_frozen(song, G):
    frozen = _poses(song, G, master_freeze=1)
    assert np.array_equal(frozen[0], frozen[-1])


def test_max_steps_are_the_three_rows_and_an_explicit_one_wins(song):
    values = job_for(song, max_steps="4,3,4", walk_mid_max_step=1).values
    assert [values[f"/walk/{band}/max_step"] for band in ("low", "mid", "high")] == [4.0, 1.0, 4.0]
