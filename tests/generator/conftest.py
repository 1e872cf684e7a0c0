"""What the generator's tests share: small models, and a draw of z that is their own."""

import numpy as np
import pytest
import torch

from bandwalk.generator import load


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def G():
    """The embedded model at 256 pixels. Tests that change its transform or noise put them back."""
    return load("builtin", size=256)


@pytest.fixture(scope="session")
def draw_z():
    def draw(n, seed=0):
        return np.random.Generator(np.random.PCG64(seed)).standard_normal((n, 512)).astype(np.float32)

    return draw
