"""`bandwalk directions`: what it writes, tells and draws, and what it refuses."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file
from server import run_cli

from bandwalk.commands import sheet
from bandwalk.commands.directions import effects, make_directions, strips
from bandwalk.commands.requests import DirectionsRequest
from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.generator.directions import find_directions
from bandwalk.output.caption import caption
from bandwalk.params import NAME
from bandwalk.units import seed_to_z

TINY = Path(__file__).parents[1] / "data" / "d0_sg1_64_tiny.pkl"


@pytest.fixture(scope="module")
def G():
    return load(TINY)


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copy(TINY, tmp_path))


def test_the_command_writes_beside_the_model_and_tells_what_each_direction_does(model):
    done = run_cli("directions", model, "--components", 2, "--sheet", model.with_name("sheet.png"))
    assert done.returncode == 0, done.stderr
    *listed, drawn, written = done.stdout.splitlines()
    names = [f"sefa-{group}-{k}" for group in ("coarse", "middle", "fine") for k in (1, 2)] + ["pca-1", "pca-2"]
    assert [line.split()[0] for line in listed] == names
    assert all(float(line.split()[1]) > 0.5 for line in listed)
    assert "sheet.png: alpha from -3 to 3" in drawn
    path = model.with_name(model.name + ".directions.safetensors")
    assert written == f"{path}: 8 directions of d0_sg1_64_tiny"
    assert set(load_file(path)) == set(names)
    assert Image.open(model.with_name("sheet.png")).size == (7 * 132 - 4, 8 * (128 + 18 + 4) - 4)


@pytest.mark.parametrize(("method", "count"), [("sefa", 3), ("pca", 1), ("both", 4)])
def test_a_method_may_be_chosen(model, tmp_path, method, count):
    out = tmp_path / "mine.safetensors"
    told = make_directions(str(model), DirectionsRequest(method, 1, out))
    assert told.endswith(f"mine.safetensors: {count} directions of d0_sg1_64_tiny")
    assert len(load_file(out)) == count
    assert not list(tmp_path.glob("*.directions.safetensors"))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (DirectionsRequest("ganspace"), "--method = ganspace: expected one of sefa, pca, both"),
        (DirectionsRequest("both", 0), "--components = 0: expected 1..16"),
        (DirectionsRequest("both", 17), "--components = 17: expected 1..16"),
        (DirectionsRequest(output=Path("a.npz")), "--output = a.npz: expected a name that ends in .safetensors"),
        (DirectionsRequest(sheet=Path("a.gif")), "--sheet = a.gif: expected a name that ends in .jpg"),
        (DirectionsRequest(output=Path("/dev/null/a.safetensors")), "--output = /dev/null/a.safetensors: "),
    ],
)
def test_what_is_not_possible_is_refused(model, asked, reason):
    with pytest.raises(ParameterError) as refused:
        make_directions(str(model), asked)
    assert str(refused.value).startswith(reason)


def test_wrong_input_ends_with_status_2_and_one_line(tmp_path):
    for args in (("nowhere.pkl",), (TINY, "--components", "many"), (TINY, "--method", "x")):
        done = run_cli("directions", *args)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_a_file_that_somebody_else_made_is_not_written_over(model):
    path = model.with_name(model.name + ".directions.safetensors")
    save_file({"red": np.zeros((10, 32), np.float32)}, path, metadata={"format": "bandwalk directions 1"})
    before = path.read_bytes()
    with pytest.raises(ParameterError, match="did not make it"):
        make_directions(str(model), DirectionsRequest())
    assert path.read_bytes() == before
    make_directions(str(model), DirectionsRequest(output=path.with_name("mine.safetensors")))
    make_directions(str(model), DirectionsRequest(output=path.with_name("mine.safetensors")))  # its own it may replace


def test_effects_are_the_mean_change_in_levels(G):
    vectors = find_directions(G, methods=["pca"], components=1).vectors
    changes = []
    for seed in range(4):
        ws = G.map(seed_to_z(seed, G.z_dim)[None])
        moved, base = G.synthesize(ws + vectors["pca-1"]), G.synthesize(ws)
        changes.append(np.abs(127.5 * (moved - base).numpy()).mean())
    assert effects(G, vectors)["pca-1"] == pytest.approx(np.mean(changes), rel=1e-4)


def test_the_middle_of_each_strip_is_the_picture_at_rest(G):
    vectors = find_directions(G, methods=["sefa"], components=1).vectors
    rgb = strips(G, vectors, seed=3)
    rest = G.render(G.map(seed_to_z(3, G.z_dim)[None])).repeat(2, 0).repeat(2, 1)
    for k in range(len(vectors)):
        row = rgb[k * 150 : k * 150 + 128]
        assert np.array_equal(row[:, 3 * 132 : 3 * 132 + 128], rest)
        assert len({row[:, x : x + 128].tobytes() for x in range(0, 7 * 132, 132)}) == 7


def test_every_letter_of_a_name_can_be_printed_and_told_from_the_others():
    letters = [letter for letter in map(chr, range(32, 127)) if NAME.fullmatch(letter)]
    assert len({caption(letter, 16).tobytes() for letter in letters}) == len(letters) == 38
    assert sheet.caption is caption
