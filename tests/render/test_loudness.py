"""Loudness of a clip: libebur128 is the oracle."""

import math

import av
import numpy as np
import pyebur128
import pytest
import soundfile
from sounds import tone

from bandwalk.analysis.music.integrated import loudness_and_peak
from bandwalk.render import render
from bandwalk.render.loudness import gain_for

from .conftest import start_of

RATE = 48_000


def measured(y):
    """Integrated loudness of y [n, channels] by libebur128."""
    state = pyebur128.R128State(y.shape[1], RATE, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(y, np.float64).ravel(), len(y))
    return pyebur128.get_loudness_global(state)


def noise(seconds, *levels):
    """Pink-like noise in as many channels as levels, the second half much quieter: the gate leaves it out."""
    rng = np.random.default_rng(3)
    y = np.cumsum(rng.standard_normal((int(seconds * RATE), len(levels))), axis=0)
    y -= np.cumsum(np.full_like(y, y[-1] / len(y)), axis=0)
    y = np.diff(y, axis=0, prepend=0) + 0.002 * y
    y *= np.array(levels) / np.abs(y).max(0)
    y[len(y) // 2 :] *= 0.02
    return y.astype(np.float32)


@pytest.mark.parametrize(
    "y", [noise(4, 0.5), noise(4, 0.5, 0.1), noise(6, 0.3, 0.3), noise(3, 0.2, 0.3, 0.4, 1, 0.2, 0.1)]
)
def test_integrated_loudness_is_that_of_libebur128_in_pieces_of_any_length(y):
    whole, peak = loudness_and_peak([y], y.shape[1])
    pieces, _ = loudness_and_peak(np.array_split(y, 61), y.shape[1])
    assert whole == pytest.approx(measured(y), abs=0.05)
    assert pieces == pytest.approx(whole, abs=1e-6)
    assert peak == np.abs(y).max()


def test_gain_is_less_where_peaks_leave_no_room_and_none_for_silence(caplog):
    quiet = noise(3, 0.05, 0.05)
    assert 20 * math.log10(gain_for([quiet], 2, -30.0)) == pytest.approx(-30 - measured(quiet), abs=0.05)
    clicks = np.zeros((3 * RATE, 2), np.float32)
    clicks[:: RATE // 4] = 0.5
    assert gain_for([clicks], 2, -10.0) * 0.5 == pytest.approx(10 ** (-1 / 20))
    assert "would bring peaks over -1 dBFS" in caplog.text
    assert gain_for([np.zeros((RATE, 2), np.float32)], 2, -14.0) == 1.0
    assert gain_for([], 2, -14.0) == 1.0


def test_a_clip_has_the_loudness_that_was_asked_for(tmp_path):
    y = 0.05 * tone(997, 2.0)
    soundfile.write(tmp_path / "song.wav", np.stack([y, y], axis=1), RATE)
    render(start_of(tmp_path / "song.wav", out_fps=8, loudness=-14), str(tmp_path / "clip.mp4"))
    with av.open(str(tmp_path / "clip.mp4")) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T
    assert measured(sound) == pytest.approx(-14.0, abs=0.3)
