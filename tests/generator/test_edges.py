"""A picture's rim is drawn like the rest of it: no line along an edge."""

import numpy as np
import pytest

from bandwalk.generator import load

SEEDS = 8
TRANSFORMS = {
    "straight": np.eye(3),
    "turned, sheared, shifted": np.array([[0.9, 0.2, 0.1], [-0.1, 0.8, 0.0], [0.0, 0.0, 1.0]]),
    "far out": np.diag([2.5, 2.5, 1.0]),
}


def _steps(rgb):
    """Mean steps between neighbouring columns, in levels, from the left edge inwards [3]."""
    return np.abs(np.diff(rgb[:, :4].astype(float), axis=1)).mean((0, 2))


@pytest.mark.parametrize("exact", [False, True], ids=["fast", "exact"])
@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("size", [128, 256, 272, 512])
def test_the_step_from_an_edge_is_like_the_next_ones(draw_z, size, transform, exact):
    """At 128, 256 and 272 the plane is drawn at once, at 512 it is doubled; 128 is a 256 averaged."""
    G = load("builtin", size=size, exact=exact)
    G.transform = transform
    pictures = [G.render(w[None]) for w in G.map(draw_z(SEEDS, seed=14))]
    for quarters, edge in enumerate(("left", "top", "right", "bottom")):
        first, second, third = np.mean([_steps(np.rot90(rgb, quarters)) for rgb in pictures], axis=0)
        assert first == pytest.approx((second + third) / 2, rel=0.25), edge
