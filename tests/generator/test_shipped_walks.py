"""The walks that come with the embedded model do what they say, to pictures that they were not learned from."""

import numpy as np
import pytest
import torch

from bandwalk.generator import load
from bandwalk.generator.builtin import WALKS
from bandwalk.generator.directions import read_directions
from bandwalk.generator.learned import EDITS
from bandwalk.generator.learned.learning import difference

SEEDS = 12
ALPHAS = np.linspace(-1.0, 1.0, 5)
COLOURS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=128)


@pytest.fixture(scope="module")
def walks(G):
    return read_directions(WALKS, G)


@pytest.fixture(scope="module")
def ws(G):
    return G.map(np.random.Generator(np.random.PCG64(77)).standard_normal((SEEDS, 512)).astype(np.float32))


def along(G, ws, walk):
    """Pictures in levels [alphas, seeds, 3, H, W]."""
    return np.stack([127.5 * (G.synthesize(ws + float(alpha) * walk).numpy() + 1.0) for alpha in ALPHAS])


def structure(img):
    """Gradients of the luminance [2, H, W]."""
    return np.stack(np.gradient(np.tensordot((0.3, 0.59, 0.11), img, 1)))


def test_the_file_is_small_and_of_this_model(G, walks):
    assert set(walks.vectors) == set(EDITS)
    assert walks.sha256 == G.sha256
    assert WALKS.stat().st_size < 250_000
    assert all(made.startswith(f"{edit}: learned") for edit, made in walks.made.items())


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_rises_along_its_walk_and_the_others_and_the_structure_stay(G, ws, walks, colour):
    pictures = along(G, ws, walks.vectors[colour])
    means = pictures.mean((1, 3, 4))  # [alphas, 3]
    own = COLOURS.index(colour)
    rise = means[-1] - means[0]
    assert (np.diff(means[:, own]) > 5).all()
    assert rise[own] > 40
    assert (np.abs(np.delete(rise, own)) < 0.3 * rise[own]).all()
    assert (np.diff(pictures.mean((3, 4))[..., own], axis=0) > 0).mean() > 0.95  # of each picture, too
    for end in (0, -1):
        pairs = zip(pictures[end], pictures[2], strict=True)
        alike = [np.corrcoef(structure(a).ravel(), structure(b).ravel())[0, 1] for a, b in pairs]
        assert np.mean(alike) > 0.85


def test_brightness_rises_in_all_colours(G, ws, walks):
    means = along(G, ws, walks.vectors["brightness"]).mean((1, 3, 4))
    assert (np.diff(means, axis=0) > 3).all()


@pytest.mark.parametrize("edit", EDITS)
def test_a_walk_comes_nearer_to_its_edit_than_the_picture_was(G, ws, walks, edit):
    base = G.synthesize(ws)
    left = []
    for alpha in (-1.0, 1.0):
        wanted, mask = EDITS[edit](base, torch.full((SEEDS,), alpha))
        moved = G.synthesize(ws + alpha * walks.vectors[edit])
        left.append(float(difference(moved, wanted, mask) / difference(base, wanted, mask)))
    assert np.mean(left) < (0.6 if edit in (*COLOURS, "brightness") else 0.95)
