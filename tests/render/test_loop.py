"""Clips that loop: whole bars, and the frame after the last one would be the first."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from sounds import hits

from bandwalk.errors import ParameterError
from bandwalk.render.loop import looped
from bandwalk.render.plan import frame_inputs_of, picture_inputs_of

from .conftest import job_for

MANUAL = {"beat_from": "manual", "beat_bpm": 120}


@pytest.fixture(scope="module")
def kicks(tmp_path_factory):
    """Nine seconds of kicks and hats at 120 beats a minute, of changing loudness."""
    path = tmp_path_factory.mktemp("kicks") / "kicks.wav"
    y = hits(np.arange(0.0, 9.0, 0.5), 60, 9.0) + 0.5 * hits(np.arange(0.25, 9.0, 0.5), 2000, 9.0)
    soundfile.write(path, y * np.linspace(0.3, 0.9, len(y)), 48_000)
    return path


@pytest.mark.parametrize(("bars", "start", "begin"), [(1, 0, 0), (2, 0, 0), (2, 1.5, 2), (1, 2, 2)])
def test_a_loop_begins_with_a_bar_and_is_whole_bars_long(kicks, bars, start, begin):
    job = looped(job_for(kicks, loop_bars=bars, start=start, **MANUAL))
    assert (job.span.start, job.span.end) == (begin, begin + 2 * bars)
    assert job.seam == 48


def test_a_tempo_between_frames_is_rounded_to_a_frame(kicks):
    job = looped(job_for(kicks, loop_bars=2, beat_from="manual", beat_bpm=119))
    frames = round(8 * 60 / 119 * 24)
    assert job.span.frames_before(job.span.end) == frames
    assert job.span.end - job.span.start == Fraction(frames, 24)


@pytest.mark.parametrize("kind", ["random", "pulse", "loop", "tour"])
def test_the_frame_after_the_last_one_would_be_the_first(kicks, G, kind):
    kinds = {f"walk_{band}_kind": kind for band in ("low", "mid", "high")}
    job = looped(job_for(kicks, loop_bars=2, start=2, style_noise_drive="low", **MANUAL, **kinds, walk_mid_bars=1))
    z, numbers = zip(*(
        (p.pose.z[:3].astype(float), [*p.pose.level, p.pose.drift]) for p in picture_inputs_of(job, G)
    ), strict=True)  # fmt: skip
    assert len(z) == 96
    steps = np.linalg.norm(np.diff(z, axis=0), axis=-1).max(axis=1)
    seam = np.linalg.norm(z[0] - z[-1], axis=-1).max()
    assert seam <= steps.max()
    assert np.allclose(numbers[-1], numbers[0], atol=np.abs(np.diff(numbers, axis=0)).max())
    assert np.allclose(np.linalg.norm(z, axis=-1), np.sqrt(G.z_dim), rtol=1e-5)


def test_up_to_its_last_bar_a_loop_is_the_clip_that_it_would_be(kicks, G):
    job = looped(job_for(kicks, loop_bars=2, start=2, **MANUAL))
    plain = job_for(kicks, start=2, end=6, **MANUAL)
    pairs = zip(picture_inputs_of(job, G), picture_inputs_of(plain, G), strict=True)
    same = [np.array_equal(a.ws, b.ws) and a.pose.t_audio == b.pose.t_audio for a, b in pairs]
    assert same[:49] == [True] * 49
    assert not any(same[60:])


def test_a_resumed_loop_goes_on_with_the_same_frames(kicks, G):
    job = looped(job_for(kicks, loop_bars=1, start=2, **MANUAL))
    whole = list(frame_inputs_of([job], G))
    rest = list(frame_inputs_of([looped(job_for(kicks, loop_bars=1, start=2, **MANUAL))], G, 20))
    assert len(rest) == len(whole) - 20
    for a, b in zip(whole[20:], rest, strict=True):
        assert np.array_equal(a.ws, b.ws)
        assert (a.pose.level, a.pose.drift, a.pose.t_audio) == (b.pose.level, b.pose.drift, b.pose.t_audio)


def test_walks_of_kind_loop_need_no_closing(kicks, G):
    kinds = {f"walk_{band}_{name}": x for band in ("low", "mid", "high") for name, x in (("kind", "loop"), ("bars", 2))}
    z = [p.pose.z for p in picture_inputs_of(job_for(kicks, start=1, end=9, **MANUAL, **kinds), G)]
    assert np.allclose(z[:96], z[96:], atol=1e-4)


def test_what_cannot_loop_is_refused_in_a_line(kicks, tmp_path):
    for flags, expected in (
        ({"loop_bars": 8}, "the song has fewer after 0 s; expected an earlier --start"),
        ({"loop_bars": 1, "start": 8.9}, "the song has ended after 8.9 s"),
        ({"loop_bars": 1, "end": 2}, "it does not go together with --end"),
        ({"loop_bars": 1, "method": "published"}, "it does not go together with --method published"),
    ):
        with pytest.raises(ParameterError, match=expected):
            looped(job_for(kicks, **MANUAL, **flags))
    soundfile.write(tmp_path / "still.wav", np.zeros(48_000), 48_000)
    with pytest.raises(ParameterError, match="no beat is heard after 0 s; expected --beat-from manual"):
        looped(job_for(tmp_path / "still.wav", loop_bars=1))
