"""The encoder computes what Magenta's does, in a stream as in one piece."""

import numpy as np
import pytest
import torch
from analysis.nsynth.conftest import CHECKPOINT, encoding_of

from bandwalk.analysis.nsynth import HOP, load_encoder
from bandwalk.analysis.nsynth.encoder import LOOK_AHEAD, REACH
from bandwalk.analysis.nsynth.files import read_weights
from bandwalk.analysis.nsynth.mu_law import quantize
from bandwalk.analysis.nsynth.reference import encode_plain
from bandwalk.errors import ParameterError


@pytest.fixture(scope="module")
def narrow():
    return load_encoder(CHECKPOINT)


def test_the_mu_law_is_the_original_s_to_the_last_level(waves):
    y, x_quantized = waves
    assert np.array_equal(quantize(torch.from_numpy(y)).numpy(), x_quantized)


def test_the_narrow_encoder_computes_what_the_original_does(narrow, waves):
    encoding = narrow.encode(waves[0]).numpy()
    assert encoding.shape == (3, 62, 16)
    assert np.abs(encoding - encoding_of("g2_nsynth_narrow")).max() < 1e-4


def test_the_encoder_of_real_size_computes_what_the_original_does(full_size, waves):
    E, expected = load_encoder(full_size), encoding_of("g1_nsynth_full")
    assert np.abs(E.encode(waves[0][:1]).numpy() - expected[:1]).max() < 1e-4


@pytest.mark.parametrize("samples", [HOP, 3 * HOP + 7, 9 * HOP, 31744])
def test_the_stream_equals_the_plain_network(narrow, waves, samples):
    y = torch.from_numpy(waves[0][:2, :samples])
    assert torch.abs(narrow.encode(y) - encode_plain(read_weights(CHECKPOINT), y)).max() < 2e-5


def test_whole_again_and_hop_by_hop_are_the_same_bits(narrow, waves):
    y = torch.from_numpy(waves[0][:1])
    whole, again = narrow.encode(y), narrow.encode(y)
    stream = narrow.stream()
    steps = [stream.push(hop) for hop in y[0].split(HOP)]
    assert [step is None for step in steps] == [True] * LOOK_AHEAD + [False] * (62 - LOOK_AHEAD)
    hops = torch.stack([*steps[LOOK_AHEAD:], *stream.finish()])
    assert torch.equal(whole, again)
    assert torch.equal(whole[0], hops)


def test_a_step_depends_on_3070_samples_on_either_side_and_on_no_more(narrow, waves):
    y = torch.from_numpy(waves[0][:1]).clone()
    before = narrow.encode(y)[0]
    assert REACH == 3070
    y[0, 30 * HOP] = 0.7  # the first sample of step 30
    moved = torch.nonzero(torch.abs(narrow.encode(y)[0] - before).amax(1)).flatten().tolist()
    # 3070 samples before it lies step 24, after it step 35; what gets that far is too small to be sure of
    assert 24 <= min(moved) <= 26
    assert 33 <= max(moved) <= 35


def test_a_stream_keeps_no_more_after_a_long_sound_than_after_a_short_one(narrow, waves):
    stream = narrow.stream()

    def kept():
        return sum(rows.numel() for rows in (*stream._kept, stream._aligned))

    before = kept()
    for hop in torch.from_numpy(waves[0][0]).split(HOP):
        stream.push(hop)
    assert kept() == before < 2 * REACH * narrow.width + 100


@pytest.mark.parametrize("samples", [0, 1, HOP - 1])
def test_a_sound_shorter_than_a_step_has_no_step(narrow, samples):
    assert narrow.encode(np.zeros((2, samples), np.float32)).shape == (2, 0, 16)


def test_a_sound_of_one_axis_is_refused(narrow):
    with pytest.raises(ParameterError, match=r"y of shape \[1024\]: expected \[N, samples\]"):
        narrow.encode(np.zeros(1024, np.float32))
