import numpy as np
import pytest

from bandwalk.audio.resample import Resampler


def _through(x, sample_rate, piece, block=480):
    resampler, out = Resampler(sample_rate, x.shape[1]), []
    for at in range(0, len(x), piece):
        resampler.push(x[at : at + piece], last=at + piece >= len(x))
        while len(resampler) >= block:
            out.append(resampler.take(block))
    return np.concatenate([*out, resampler.take(10**9)])


@pytest.mark.parametrize("sample_rate", [8000, 11025, 44100, 48000, 96000, 192000])
def test_whole_again_and_piece_by_piece_are_the_same(rng, sample_rate):
    x = rng.standard_normal((sample_rate // 2, 2)).astype(np.float32)
    whole = _through(x, sample_rate, len(x))
    assert np.array_equal(whole, _through(x, sample_rate, len(x)))
    for piece in (37, 441, 4096):
        assert np.array_equal(whole, _through(x, sample_rate, piece, block=piece))
    assert abs(len(whole) - len(x) * 48000 / sample_rate) <= 1


@pytest.mark.parametrize("sample_rate", [8000, 11025, 44100, 96000, 192000])
def test_time_is_kept(sample_rate):
    x = np.zeros((sample_rate, 1), np.float32)
    x[sample_rate // 2] = 1
    assert abs(int(np.argmax(_through(x, sample_rate, 1000))) - sample_rate // 2 * 48000 / sample_rate) <= 1


def test_it_holds_no_more_than_it_was_given():
    resampler = Resampler(48000, 1)
    resampler.push(np.zeros((1000, 1), np.float32))
    assert len(resampler.take(480)) == 480
    assert len(resampler) == 520
    assert len(resampler.take(1000)) == 520
    assert resampler.take(1).shape == (0, 1)
