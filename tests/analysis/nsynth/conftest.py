"""NSynth's fixtures: waves, a narrow encoder as a real checkpoint, and one of real size made by recipe."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

DATA = Path(__file__).parents[2] / "data"
CHECKPOINT = DATA / "g2_nsynth_narrow_ckpt" / "model.ckpt-200000"


@pytest.fixture(scope="session")
def waves():
    """Sounds [3, 31744] float32 at 16 kHz, full scale samples among them, and the same by mu-law."""
    stored = np.load(DATA / "g_nsynth_waves.npz")
    return (stored["wav_int"] / 32768).astype(np.float32), stored["x_quantized"]


def encoding_of(name):
    return np.load(DATA / f"{name}.npz")["encoding"]


def by_recipe(case):
    """Return the weights of a case as its json says how they were made."""
    rs = np.random.RandomState(case["seed"])
    arrays = {}
    for name, shape in sorted(case["variables"].items()):
        x = rs.standard_normal(math.prod(shape)).reshape(shape)
        if name.endswith("/W"):
            x *= (0.35 if name.startswith("ae_res_") else 1.2) / math.sqrt(shape[1] * shape[2])
        else:
            x *= 0.1
        arrays[name] = x.astype(np.float32)
        assert hashlib.sha256(arrays[name].tobytes()).hexdigest()[:16] == case["sha256_16"][name]
    return arrays


@pytest.fixture(scope="session")
def full_size(tmp_path_factory):
    """The encoder of real size, 128 channels wide, as a file."""
    path = tmp_path_factory.mktemp("nsynth") / "full.safetensors"
    arrays = by_recipe(json.loads((DATA / "g1_nsynth_full.json").read_text()))
    save_file(arrays, path, metadata={"format": "bandwalk 1", "family": "nsynth"})
    return path
