"""Contact sheets: what is where, and the files they are written to."""

import numpy as np
import pytest
from PIL import Image

from bandwalk.commands import sheet
from bandwalk.commands.requests import SheetRequest
from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.units import seed_to_z

CELL = 128 + 18  # a picture of 128 pixels over its caption


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=128)


def _picture(G, coarse, middle, fine):
    ws = G.map(seed_to_z(coarse, 512)[None])
    ws[:, 3:6] = G.map(seed_to_z(middle, 512)[None])[:, 3:6]
    ws[:, 6:] = G.map(seed_to_z(fine, 512)[None])[:, 6:]
    return G.render(ws)


def test_a_sheet_of_seeds_shows_each_seed_in_order(G):
    rgb = sheet.seeds_sheet(G, range(5, 10), columns=3)
    assert rgb.shape == (2 * CELL + 4, 3 * 128 + 2 * 4, 3)
    assert rgb.dtype == np.uint8
    for k in range(5):
        y, x = (k // 3) * (CELL + 4), (k % 3) * 132
        assert np.array_equal(rgb[y : y + 128, x : x + 128], _picture(G, k + 5, k + 5, k + 5))
    assert not rgb[CELL + 4 :, 2 * 132 :].any()  # the place that is left is black


def test_captions_tell_seeds_apart(G):
    rgb = sheet.seeds_sheet(G, [1, 7, 71, 1], columns=4)
    captions = [rgb[128:, k * 132 : k * 132 + 128].tobytes() for k in range(4)]
    assert captions[0] == captions[3]
    assert len(set(captions)) == 3


def test_a_mix_takes_one_group_from_the_column_and_the_others_from_the_row(G):
    rgb = sheet.mix_sheet(G, [1, 2], [3, 4], rows="coarse", columns="middle")
    assert np.array_equal(rgb[CELL + 4 : CELL + 4 + 128, 132:260], _picture(G, 2, 4, 2))


@pytest.mark.parametrize(("rows", "columns"), [("coarse", "coarse"), ("high", "fine")])
def test_a_mix_wants_two_groups(G, rows, columns):
    with pytest.raises(ParameterError):
        sheet.mix_sheet(G, [1], [2], rows=rows, columns=columns)


def test_the_strips_of_a_walk_start_alike_and_part(G):
    rgb = sheet.walk_sheet(G, 3)
    strips = [rgb[k * (CELL + 4) :][:128] for k in range(4)]
    assert all(np.array_equal(strip[:, :128], strips[0][:, :128]) for strip in strips)
    assert len({strip[:, -128:].tobytes() for strip in strips}) == 4


def test_pictures_of_a_large_model_are_shrunk(G):
    assert sheet.seeds_sheet(G, [0], side=64).shape == (64 + 18, 64, 3)


def test_jpg_can_be_read(tmp_path):
    rgb = np.full((16, 24, 3), (200, 100, 50), np.uint8)
    sheet.save(rgb, tmp_path / "a.JPG")
    assert np.abs(np.asarray(Image.open(tmp_path / "a.JPG")).astype(int) - rgb).max() < 8


def test_what_cannot_be_written_is_refused_before_drawing(tmp_path):
    with pytest.raises(ParameterError, match=r"a\.gif"):
        sheet.write_sheet("builtin", tmp_path / "a.gif", SheetRequest())
    with pytest.raises(ParameterError, match="--kind = all"):
        sheet.write_sheet("builtin", tmp_path / "a.png", SheetRequest(kind="all"))
    with pytest.raises(ParameterError, match="nowhere"):
        sheet.save(np.zeros((2, 2, 3), np.uint8), tmp_path / "nowhere" / "a.png")


@pytest.mark.parametrize("kind", sheet.KINDS)
def test_each_kind_is_written(tmp_path, kind):
    line = sheet.write_sheet("builtin", tmp_path / "a.png", SheetRequest(kind=kind, seed=12, size=128))
    width, height = Image.open(tmp_path / "a.png").size
    assert line.endswith(f"from seed 12, {width}x{height}")
