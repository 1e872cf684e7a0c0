"""Pictures of seeds: those that the model draws, kept, a limited number of them waiting."""

import io
import threading

import numpy as np
from PIL import Image

from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.show import seed_sheet
from bandwalk.show.seed_sheet import SeedSheet
from bandwalk.units import seed_to_z


class Asked:
    """One picture that was asked for."""

    def __init__(self, sheet, name):
        self._there, self.picture = threading.Event(), None
        sheet.ask(name, self._take)

    def _take(self, picture):
        self.picture = picture
        self._there.set()

    def get(self):
        assert self._there.wait(60)
        return self.picture


def test_a_seed_looks_as_the_model_draws_it_and_the_model_stays_as_it_is():
    G = load("builtin", size=128)
    G.noise, G.bends = 0.25, ()
    sheet = SeedSheet(lambda: G, defaults, open_encoder("simplejpeg"))
    got = np.asarray(Image.open(io.BytesIO(Asked(sheet, "7").get()))).astype(int)
    assert G.noise == 0.25
    again = Asked(sheet, "7").get()
    sheet.close()
    G.noise = 1.0
    expected = G.render(G.map(seed_to_z(7, G.z_dim)[None])).astype(int)
    assert np.abs(got - expected).mean() < 8
    assert np.abs(np.asarray(Image.open(io.BytesIO(again))).astype(int) - got).max() == 0


def test_what_is_too_much_is_given_up_and_what_is_no_seed_is_none(monkeypatch):
    monkeypatch.setattr(seed_sheet, "MAX_WAITING", 3)
    gate, G = threading.Event(), load("builtin", size=128)

    def model():
        assert gate.wait(60)
        return G

    sheet = SeedSheet(model, defaults, open_encoder("simplejpeg"))
    asked = [Asked(sheet, str(seed)) for seed in range(8)]
    assert Asked(sheet, "-1").get() is None
    assert Asked(sheet, "1e3").get() is None
    gate.set()
    pictures = [each.get() for each in asked]
    sheet.close()
    assert 3 <= sum(picture is not None for picture in pictures) <= 4
    assert pictures[-1] is not None
