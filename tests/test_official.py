"""``benchmarks/synth.py --official``: a program of the official ones' interface is imported and given the weights."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import pytest
import random_networks
import torch

spec = importlib.util.spec_from_file_location("official", Path(__file__).parents[1] / "benchmarks" / "official.py")
official = importlib.util.module_from_spec(spec)
spec.loader.exec_module(official)

PROGRAM = """
import torch
from torch_utils import SCALE


class Synthesis(torch.nn.Module):
    def __init__(self, size, base):
        super().__init__()
        self.size = size
        self.b4 = torch.nn.Module()
        self.b4.const = torch.nn.Parameter(torch.zeros(min(base // 4, 512), 4, 4))

    def forward(self, ws, noise_mode, force_fp32):
        assert (noise_mode, force_fp32) == ("const", True)
        return SCALE * self.b4.const.sum() * ws[:, :1, :1, None].expand(-1, 3, self.size, self.size)


class Generator(torch.nn.Module):
    def __init__(self, z_dim, c_dim, w_dim, img_resolution, img_channels, SIZES):
        super().__init__()
        self.synthesis = Synthesis(img_resolution, CHANNEL_BASE)
"""
NETWORKS = {
    "networks_stylegan2": PROGRAM.replace("SIZES", "channel_base, channel_max").replace("CHANNEL_BASE", "channel_base"),
    "networks": PROGRAM.replace("SIZES", "synthesis_kwargs").replace(
        "CHANNEL_BASE", "synthesis_kwargs['channel_base']"
    ),
}


@pytest.fixture(params=NETWORKS)
def folder(request, tmp_path, monkeypatch):
    """A folder laid out as one of the two releases."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__init__.py").write_text("")
    (tmp_path / "training" / f"{request.param}.py").write_text(NETWORKS[request.param])
    (tmp_path / "torch_utils").mkdir()
    (tmp_path / "torch_utils" / "__init__.py").write_text("SCALE = 2.0\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("training", "torch_utils")]:
        del sys.modules[name]


def snapshot_of(*names):
    """Return the snapshot of a small network with these tensors."""
    made = random_networks.stylegan2(32, 1024)
    return dataclasses.replace(made, tensors={name: made.tensors[name] for name in names})


def test_it_draws_with_the_weights_that_are_given(folder):
    snapshot = snapshot_of("synthesis.b4.const")
    ws = torch.randn(8, 512)
    img = official.official_draw(folder, "sg2", snapshot)(ws)
    assert img.shape == (1, 3, 32, 32)
    assert torch.allclose(img, 2.0 * snapshot.tensors["synthesis.b4.const"].sum() * ws[0, 0])


def test_a_network_of_other_tensors_is_refused(folder):
    with pytest.raises(SystemExit, match=r"its network is different: lacks \['synthesis.b4.conv1.weight'\]"):
        official.official_draw(folder, "sg2", snapshot_of("synthesis.b4.const", "synthesis.b4.conv1.weight"))
    with pytest.raises(SystemExit, match=r"also has \['synthesis.b4.const'\]"):
        official.official_draw(folder, "sg2", snapshot_of())


def test_a_folder_without_the_program_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"no official program for sg3-t; expected one of training.networks_stylegan3"):
        official.official_draw(tmp_path, "sg3-t", snapshot_of())
