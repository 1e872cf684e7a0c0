"""NDI for real: publisher, bridge and receiver in processes of their own on loopback (benchmarks/bridge_ndi.py)."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bridge_ndi.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("bridge_ndi", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pictures_cross_ndi_at_their_rate_the_right_way_up_and_young(script, tmp_path):
    found = script.measure(2.0, fps=30.0, size=512, picture=str(tmp_path / "picture.npy"))
    rgb = np.load(tmp_path / "picture.npy").astype(int)
    expected = script.draw(512, 0.0).astype(int)
    assert (found["size"], found["declared_fps"]) == ([512, 512], 30.0)
    assert np.abs(rgb - expected)[script.BLOCK * 2 :].mean() < 4  # below the time; the codec is lossy
    assert len(found["ndi"]) > 5  # of 60 sent: what is possible, the benchmark tells
    assert np.median(found["ndi"]) < 1000


def test_a_time_written_into_a_picture_is_read_back(script):
    for t_unix in (0.0, 1234.5678, 2e9 + 0.1234):
        assert script.age_ms(script.draw(512, t_unix), t_unix + 0.05) == pytest.approx(50, abs=0.2)
