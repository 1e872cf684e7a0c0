"""What the models folder lists, how a model is called, and what is said of one that draws no picture."""

import json
import logging
from dataclasses import replace

import pytest
import torch
from generator.door_files import DATA, FILES, SG3T, saved, snapshot, state
from generator.originals import read
from server import run_cli

from bandwalk.errors import ParameterError, WorkError
from bandwalk.generator import build, load
from bandwalk.pipeline import models
from bandwalk.show import model_host


def host_of(folder):
    return model_host.ModelHost("builtin", folder, load, ready=lambda *_: None, failed=lambda *_: None)


def test_models_are_listed_by_all_their_endings_in_any_case(tmp_path):
    listed = ["A.PKL", "b.pth", "c.ckpt", "d.Safetensors", "e.pkl.gz", "f.zip", "g.pt", "h.pickle"]
    for name in (*listed, "i.txt", "j.gz", "k.jpg", "l.directions.safetensors", "pkl", "m.tar.gz"):
        (tmp_path / name).write_bytes(b"x")
    assert host_of(tmp_path).names() == ["builtin", *listed]


@pytest.mark.parametrize(("name", "called"), [("Net.PKL", "Net"), ("net.pkl.gz", "net"), ("net.v2.ckpt", "net.v2")])
def test_a_model_is_called_by_its_name_without_endings(name, called, tmp_path):
    (tmp_path / name).write_bytes(b"x")
    host = host_of(tmp_path)
    assert host._called(called) == name
    with pytest.raises(ParameterError, match="expected one of"):
        host._called("other")


def huge(name):
    """Return a fixture with weights that no training leaves."""
    found = read(name)
    names = [key for key in found.tensors if key.endswith(".weight") and "mapping" not in key]
    return replace(found, tensors=found.tensors | {key: found.tensors[key] * 1e30 for key in names})


def test_a_model_whose_picture_has_no_numbers_is_refused_at_load():
    with pytest.raises(WorkError, match=r"^drawing a picture: the model gave NaN or infinity, expected numbers$"):
        models.warm_up(build(huge("a0_sg2ada_64_tiny")))


def test_a_model_whose_picture_is_clipped_everywhere_is_reported_at_load(caplog):
    with caplog.at_level(logging.WARNING):
        models.warm_up(build(huge("c1_sg3t")))
    assert "clipped levels" in caplog.text
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("name", ["a0_sg2ada_64_tiny", "c1_sg3t", "d0_sg1_64_tiny"])
def test_a_model_that_draws_pictures_is_not_reported(name, caplog):
    models.warm_up(build(read(name)))
    assert not caplog.records


def test_a_state_dict_plays_with_the_settings_of_a_model_like_it(tmp_path):
    path = tmp_path / "nada.pt"
    path.write_bytes(saved({"g_ema": state(SG3T)}))
    whole = str(DATA / FILES[SG3T])
    G = models.load_model(str(path), None, device="cpu", exact=True, extra=models.ExtraFiles(like=whole))
    expected = load(whole, exact=True)
    z = torch.ones(1, G.z_dim)
    assert torch.equal(G.synthesize(G.map(z)), expected.synthesize(expected.map(z)))


def test_inspect_says_how_a_model_was_saved_and_what_was_assumed(tmp_path):
    path = tmp_path / "nada.pt"
    path.write_bytes(saved({"g_ema": state(SG3T)}))
    found = json.loads(run_cli("inspect", path, "--json").stdout)
    assert (found["written_by"], found["container"], found["key"]) == ("state dict", "torch archive", "g_ema")
    assert "--like MODEL.pkl" in found["notes"]
    found = json.loads(run_cli("inspect", path, "--json", "--like", DATA / FILES[SG3T]).stdout)
    assert found["notes"] == f"what the state dict does not say is taken from {SG3T}"


def test_serve_and_render_take_a_model_to_be_like():
    for command in ("serve", "render"):
        assert "--like" in run_cli(command, "--help", env={"COLUMNS": "200"}).stdout


def test_a_network_of_its_own_kind_is_named(tmp_path):
    value = snapshot(SG3T)
    value["G_ema"].meta["class_name"] = "SuperresGenerator"
    path = tmp_path / "xl.pt"
    path.write_bytes(saved(value))
    done = run_cli("inspect", path)
    assert done.returncode == 2
    assert "StyleGAN-XL ('SuperresGenerator'), which is not supported yet" in done.stderr
    assert len(done.stderr.splitlines()) == 1
