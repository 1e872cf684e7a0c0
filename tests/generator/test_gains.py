"""Gains make a walk's step mean the same in every group of styles."""

import json

import numpy as np
import pytest
import torch

from bandwalk.generator import cached_gains, measure_gains

GROUPS = (slice(0, 3), slice(3, 6), slice(6, 14))


class Flat:
    """A generator whose picture is the sum of two styles: its gains are known."""

    name, sha256 = "flat", "ab" * 32
    z_dim, c_dim, w_dim, num_ws, resolution = 16, 0, 16, 4, 2
    calls = 0

    def map(self, z, c=None, psi=1.0, cutoff=None):
        return torch.as_tensor(z).unsqueeze(1).repeat(1, 4, 1)

    def synthesize(self, ws):
        self.calls += 1
        value = (ws[:, 0] + 4.0 * ws[:, 3]).mean(1) * 0.01
        return value.view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


def test_a_step_scaled_by_its_gain_moves_the_picture_equally(G, draw_z):
    z = draw_z(64, seed=12)
    z *= np.sqrt(512) / np.linalg.norm(z, axis=1, keepdims=True)
    step = draw_z(64, seed=13)
    step -= z * (z * step).sum(1, keepdims=True) / 512
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    here = G.map(z)
    base = G.synthesize(here)
    moved = []
    for layers, gain in zip(GROUPS, G.gains, strict=True):
        ws = here.clone()
        ws[:, layers] = G.map((z + 0.1 * gain * step).astype(np.float32))[:, layers]
        moved.append(float((G.synthesize(ws) - base).abs().mean()))
    assert max(moved) / min(moved) < 1.6  # each within a quarter of their middle
    assert 0.8 < np.cbrt(np.prod(G.gains)) < 1.25


def test_the_shipped_gains_are_the_measured_ones(G):
    measured = measure_gains(G)
    assert measured == pytest.approx(G.gains, rel=0.25)
    assert all(float(f"{gain:.2g}") == gain for gain in (*measured, *G.gains))


def test_a_group_that_does_nothing_or_is_missing_gets_one():
    coarse, middle, fine = measure_gains(Flat())
    assert coarse == pytest.approx(4.0 * middle, rel=0.05)  # style 3 is the only middle one
    assert fine == 1.0


def test_gains_are_measured_once_for_each_model(tmp_path):
    G = Flat()
    first = cached_gains(G, tmp_path / "cache")
    calls = G.calls
    assert cached_gains(G, tmp_path / "cache") == first
    assert G.calls == calls
    assert list(tmp_path.glob("cache/*")) == [tmp_path / "cache" / "gains.json"]  # no part left behind
    assert json.loads((tmp_path / "cache" / "gains.json").read_text())[G.sha256] == list(first)


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"%s": "x"}' % ("ab" * 32), '{"%s": [1, 2, NaN]}' % ("ab" * 32)])
def test_a_broken_cache_is_written_anew(tmp_path, broken):
    (tmp_path / "gains.json").write_text(broken)
    assert cached_gains(Flat(), tmp_path) == cached_gains(Flat(), tmp_path) == measure_gains(Flat())


def test_a_folder_that_cannot_be_written_costs_one_warning_and_no_more(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    G = Flat()
    assert cached_gains(G, tmp_path / "file" / "cache") == measure_gains(G)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(tmp_path / "file" / "cache") in caplog.text


def test_a_cache_that_cannot_be_replaced_leaves_no_part_behind(tmp_path, caplog):
    (tmp_path / "gains.json").mkdir()
    assert cached_gains(Flat(), tmp_path) == measure_gains(Flat())
    assert "gains.json" in caplog.text
    assert list(tmp_path.iterdir()) == [tmp_path / "gains.json"]
