"""Whatever way a network was saved, the picture is the one that the original program draws with it."""

import logging

import numpy as np
import pytest
import torch
from generator.door_files import DATA, DOORS, FILES, REFUSED, ROSINALITY, SG2, SG3T, saved, snapshot, state, without
from generator.straight import draw, map_to_w

from bandwalk.commands.inspect_model import convert, describe
from bandwalk.errors import CheckpointError
from bandwalk.generator import load
from bandwalk.generator.reading import read_snapshot

TOLERANCE = 3e-4


def official(fixture):
    return np.load(DATA / f"{fixture}.npz")


def put(folder, data, name="model.bin"):
    path = folder / name
    path.write_bytes(data)
    return path


def first_picture(G, data):
    c = torch.from_numpy(data["c"][:1]) if G.c_dim else None
    return G.synthesize(G.map(data["z"][:1], c, psi=1.0)).numpy()


@pytest.mark.parametrize("door", DOORS)
def test_a_network_draws_the_same_through_every_door(door, tmp_path):
    fixture, make = DOORS[door]
    data = official(fixture)
    G = load(put(tmp_path, make()), exact=True)
    np.testing.assert_allclose(first_picture(G, data), data["img_psi1"], atol=TOLERANCE)


@pytest.mark.parametrize("door", REFUSED)
def test_what_cannot_be_drawn_with_is_refused_in_a_line_that_helps(door, tmp_path):
    make, says = REFUSED[door]
    with pytest.raises(CheckpointError, match=r"^[^\n]{1,400}$") as refusal:
        load(put(tmp_path, make()))
    assert says in str(refusal.value)
    with pytest.raises(CheckpointError) as inspected:
        describe(tmp_path / "model.bin")
    assert str(inspected.value) == str(refusal.value)


def test_the_straight_oracle_draws_what_the_original_draws():
    tensors, data = state(ROSINALITY), official(ROSINALITY)
    z = torch.from_numpy(data["z"][:1])
    w = map_to_w(tensors, z)
    noises = [tensors[f"noises.noise_{k}"] for k in range(sum("noises." in name for name in tensors))]
    picture = draw(tensors, w.expand(len(noises) + 1, -1), noises)
    np.testing.assert_allclose(picture.numpy(), data["img_psi1"], atol=1e-4)


def test_noise_that_is_missing_is_made_the_same_at_each_load(tmp_path, caplog):
    bare = {name: tensor for name, tensor in state(ROSINALITY).items() if not name.startswith("noises.")}
    path = put(tmp_path, saved({"g_ema": bare}))
    made = read_snapshot(path).tensors
    names = sorted(set(made) - set(bare))
    assert names == [f"noises.noise_{k}" for k in range(len(names))]
    sizes = [made[name].shape[-1] for name in names]
    assert sizes == [4, *(8 << k // 2 for k in range(len(names) - 1))]
    assert all(abs(float(made[name].std()) - 1.0) < 0.35 for name in names)
    assert all(torch.equal(made[name], again) for name, again in read_snapshot(path).tensors.items() if name in names)
    G, z = load(path, exact=True), torch.from_numpy(official(ROSINALITY)["z"][:1])
    ws = map_to_w(bare, z).expand(len(names) + 1, -1)
    expected = draw(bare, ws, [made[name] for name in names])
    np.testing.assert_allclose(G.synthesize(ws[None]).numpy(), expected.numpy(), atol=1e-4)
    G.noise = 0.0
    still = draw(bare, ws, [torch.zeros(1)] * len(names))
    np.testing.assert_allclose(G.synthesize(ws[None]).numpy(), still.numpy(), atol=1e-4)
    assert "no noise: made" in caplog.text


def test_noise_of_a_state_dict_with_other_names_is_made_too(tmp_path):
    bare = without(state(SG2), "noise_const")
    made = read_snapshot(put(tmp_path, saved(bare))).tensors
    assert made["synthesis.b4.conv1.noise_const"].shape == (4, 4)
    assert made["synthesis.b64.conv0.noise_const"].shape == (64, 64)
    assert not torch.equal(made["synthesis.b64.conv0.noise_const"], made["synthesis.b64.conv1.noise_const"])


def test_a_mean_style_that_is_missing_is_that_of_many_draws(tmp_path):
    bare = without(state(SG2), "w_avg")
    G = load(put(tmp_path, saved(bare)))
    drawn = G.map(np.random.default_rng(5).standard_normal((4000, G.z_dim)), psi=1.0)[:, 0].mean(0)
    assert float((G.map(np.zeros((1, G.z_dim)), psi=0.0)[0, 0] - drawn).abs().max()) < 0.1


def test_a_network_that_is_not_averaged_is_said_to_be_so(tmp_path, caplog):
    _, make = DOORS["g-ema-none"]
    with caplog.at_level(logging.WARNING):
        load(put(tmp_path, make()))
    assert "G_ema is empty: G is taken" in caplog.text
    load(put(tmp_path, saved({"g": state(ROSINALITY)})))
    assert "the file has no averaged generator: g is taken" in caplog.text


def test_the_averaged_network_is_taken_where_both_are_there(tmp_path):
    tensors = state(ROSINALITY)
    trained = {name: tensor + 1.0 for name, tensor in tensors.items()}
    found = read_snapshot(put(tmp_path, saved({"g": trained, "g_ema": tensors})))
    assert found.key == "g_ema"
    assert torch.equal(found.tensors["input.input"], tensors["input.input"])
    both = {f"{key}.{name}": x for key, part in (("g", trained), ("g_ema", tensors)) for name, x in part.items()}
    found = read_snapshot(put(tmp_path, saved(both)))
    assert torch.equal(found.tensors["input.input"], tensors["input.input"])


@pytest.mark.parametrize("keys", [("params",), ("params", "params_ema"), ("net.gen_ema", "old")])
def test_a_network_under_any_other_key_is_taken_where_there_is_one(keys, tmp_path):
    tensors = state(ROSINALITY)
    found = read_snapshot(put(tmp_path, saved({"epoch": 3, **dict.fromkeys(keys, tensors)})))
    assert found.key == max(keys, key=lambda key: "ema" in key)
    assert found.tensors.keys() == tensors.keys()


def test_of_several_networks_without_known_names_none_is_guessed(tmp_path):
    with pytest.raises(CheckpointError, match=r"several networks \('a', 'b'\)"):
        read_snapshot(put(tmp_path, saved({"a": state(ROSINALITY), "b": state(ROSINALITY)})))


def test_an_empty_averaged_network_is_none(tmp_path):
    found = read_snapshot(put(tmp_path, saved({"g_ema": {}, "g": state(ROSINALITY)})))
    assert found.key == "g"
    assert found.notes == ("g_ema is empty: g is taken, the generator as trained",)


@pytest.mark.parametrize("height", [4, 7])
def test_noise_has_the_shape_of_a_constant_that_is_not_square(height, tmp_path):
    bare = {name: x for name, x in state(ROSINALITY).items() if not name.startswith("noises.")}
    bare["input.input"] = torch.zeros(1, bare["input.input"].shape[1], height, 2)
    made = read_snapshot(put(tmp_path, saved(bare))).tensors
    assert made["noises.noise_0"].shape == (1, 1, height, 2)
    assert made["noises.noise_1"].shape == made["noises.noise_2"].shape == (1, 1, 2 * height, 4)


def test_like_gives_what_a_state_dict_does_not_say(tmp_path):
    clamped = "a3_sg2ada_fp16cl"  # its clamp is small on purpose
    whole = DATA / f"{clamped}.pkl"
    tensors = {name: x.contiguous() for name, x in read_snapshot(whole).tensors.items()}
    path, data = put(tmp_path, saved(tensors)), official(clamped)
    np.testing.assert_allclose(first_picture(load(path, exact=True, like=whole), data), data["img_psi1"], atol=1e-4)
    assert np.abs(first_picture(load(path, exact=True), data) - data["img_psi1"]).max() > 0.1
    line = convert(path, tmp_path / "whole.safetensors", like=whole)
    assert "stylegan2" in line
    again = load(tmp_path / "whole.safetensors", exact=True)
    np.testing.assert_allclose(first_picture(again, data), data["img_psi1"], atol=1e-4)


def test_like_gives_buffers_and_settings_of_a_stylegan3(tmp_path):
    data = official(SG3T)
    path = put(tmp_path, saved(without(state(SG3T), "freqs", "phases", "_filter")))
    G = load(path, exact=True, like=DATA / FILES[SG3T])
    np.testing.assert_allclose(first_picture(G, data), data["img_psi1"], atol=1e-4)


@pytest.mark.parametrize("other", [SG2, "c2_sg3r"])
def test_a_model_of_other_shapes_is_not_like_it(other, tmp_path):
    path = put(tmp_path, saved(state(SG3T)))
    with pytest.raises(CheckpointError, match=rf"--like {other}: [^\n]*"):
        load(path, like=DATA / f"{other}.pkl")


def test_like_changes_nothing_of_a_whole_model(tmp_path):
    path = put(tmp_path, DOORS["sg2ada-pickle"][1]())
    assert read_snapshot(path, DATA / FILES[SG3T]).attrs == read_snapshot(path).attrs


@pytest.mark.parametrize("name", ["c1_sg3t", "c2_sg3r"])
def test_the_published_plan_is_what_the_program_wrote_down(name, tmp_path):
    whole = read_snapshot(DATA / f"{name}.pkl")
    found = read_snapshot(put(tmp_path, saved(whole.tensors)))
    assert found.attrs.items() <= whole.attrs.items()
    assert len(found.attrs) > 60


def test_a_snapshot_of_a_program_that_pickles_differently_is_equal(tmp_path):
    expected = read_snapshot(DATA / FILES[SG2])
    for door in ("protocol-0", "protocol-1", "gzip", "zip", "network-archive", "company-pickle"):
        found = read_snapshot(put(tmp_path, DOORS[door][1]()))
        assert found.attrs == expected.attrs, door
        assert all(torch.equal(found.tensors[name], x) for name, x in expected.tensors.items()), door


def test_a_module_that_holds_a_device_is_read(tmp_path):
    value = snapshot(SG2)
    value["G_ema"].meta["state"]["device"] = torch.device("cuda")
    path = put(tmp_path, saved(value))
    assert "device" not in read_snapshot(path).attrs


def test_a_class_that_is_not_known_is_refused_where_the_network_needs_it(tmp_path):
    value = snapshot(SG2)
    value["G_ema"].meta["state"]["_modules"]["synthesis"] = torch.device("cuda")
    with pytest.raises(CheckpointError, match=r"synthesis is of class 'torch\.device'"):
        load(put(tmp_path, saved(value)))
