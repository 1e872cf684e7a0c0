"""Small pictures for the panel: as the model draws, kept by what they show, a limited number of them waiting."""

import io
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from bandwalk.control import Store
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.params.table import rows_of
from bandwalk.show import picture_sheet
from bandwalk.show.picture_sheet import PictureSheet
from bandwalk.show.sheet_subjects import ALONG, Subjects
from bandwalk.units import seed_to_z


class Asked:
    """One picture that was asked for."""

    def __init__(self, sheet, kind, name):
        self._there, self.picture = threading.Event(), None
        sheet.ask(kind, name, self._take)

    def _take(self, picture):
        self.picture = picture
        self._there.set()

    def get(self):
        assert self._there.wait(60)
        return self.picture

    def pixels(self):
        return np.asarray(Image.open(io.BytesIO(self.get()))).astype(int)


@pytest.fixture(scope="module")
def G():
    G = load("builtin", size=128)
    way = torch.randn(G.w_dim, generator=torch.Generator().manual_seed(1))
    G.directions = {"warm": (0.3 * way).repeat(G.num_ws, 1)}
    return G


@pytest.fixture
def store(G):
    store = Store(defaults())
    store.bring(rows_of(G.directions))
    return store


@pytest.fixture
def sheet(G, store, tmp_path):
    sheet = PictureSheet(Subjects(lambda: G, store, tmp_path, tmp_path / "styles").find, open_encoder("simplejpeg"))
    yield sheet
    sheet.close()


def drawn(G, seed, along=0.0):
    """What the model draws of a seed, oracle."""
    return G.render(G.map(seed_to_z(seed, G.z_dim)[None]) + along).astype(int)


def test_a_seed_looks_as_the_model_draws_it_and_the_model_stays_as_it_is(G, sheet):
    G.noise, G.bends = 0.25, ()
    first = Asked(sheet, "seed", "7")
    got = first.pixels()
    assert G.noise == 0.25
    assert Asked(sheet, "seed", "7").get() is first.get()  # kept
    G.noise = 1.0
    assert np.abs(got - drawn(G, 7)).mean() < 8


def test_a_direction_is_shown_along_it_from_the_present_seed(G, sheet, store):
    store.set("/style/seed", 5, clamp=False)
    got = Asked(sheet, "direction", "warm").pixels()
    assert np.abs(got - drawn(G, 5, ALONG * G.directions["warm"])).mean() < 8
    store.set("/style/seed", 6, clamp=False)
    assert np.abs(Asked(sheet, "direction", "warm").pixels() - got).mean() > 8


def test_a_look_is_shown_as_it_begins_in_its_colours_and_drawn_again_when_its_file_changes(G, sheet, tmp_path):
    plain, bright = tmp_path / "plain.toml", tmp_path / "bright.toml"
    plain.write_text("format = 2\n[style]\nseed = 9\n")
    bright.write_text("format = 2\n[style]\nseed = 9\n[color]\nsaturation = 0.0\n")
    got = Asked(sheet, "look", "plain").pixels()
    assert np.abs(got - drawn(G, 9)).mean() < 8
    grey = Asked(sheet, "look", "bright").pixels()
    assert np.ptp(grey, axis=2).mean() < 4 < np.ptp(got, axis=2).mean()
    plain.write_text("format = 2\n[style]\nseed = 10\n")
    assert np.abs(Asked(sheet, "look", "plain").pixels() - drawn(G, 10)).mean() < 8
    assert Asked(sheet, "look", "tide").get()  # it ships with bandwalk


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("seed", "-1"),
        ("seed", "1e3"),
        ("seed", ""),
        ("direction", "up/../.."),
        ("look", "nowhere"),
        ("look", "../x"),
        ("x", "1"),
    ],
)
def test_what_is_not_there_is_none(sheet, kind, name):
    assert Asked(sheet, kind, name).get() is None


def test_what_is_too_much_is_given_up(G, store, tmp_path, monkeypatch):
    monkeypatch.setattr(picture_sheet, "MAX_WAITING", 3)
    gate = threading.Event()

    def model():
        assert gate.wait(60)
        return G

    sheet = PictureSheet(Subjects(model, store, tmp_path, tmp_path).find, open_encoder("simplejpeg"))
    asked = [Asked(sheet, "seed", str(seed)) for seed in range(8)]
    gate.set()
    pictures = [each.get() for each in asked]
    sheet.close()
    assert 3 <= sum(picture is not None for picture in pictures) <= 4
    assert pictures[-1] is not None
