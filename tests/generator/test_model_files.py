"""Model files from the command line and in a show: inspected, converted, drawn with, exchanged."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from generator.model_files import PERSISTENCE, unpickle
from server import Frames, Osc, Server, run_cli
from sounds import beat

from bandwalk.commands.inspect_model import describe
from bandwalk.generator import load
from bandwalk.generator.directions import read_directions

DATA = Path(__file__).parents[1] / "data"
FILES = {
    "a2_sg2ada_cond5.pkl": ("stylegan2", 32, 5),
    "d0_sg1_64_tiny.pkl": ("stylegan1", 64, 0),
    "c1_sg3t.pkl": ("stylegan3", 64, 0),
    "f1_rosinality_legacyfmt.pt": ("stylegan2", None, 0),
}


@pytest.mark.parametrize("name", FILES)
def test_inspect_tells_what_a_file_holds(name):
    done = run_cli("inspect", DATA / name, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    family, resolution, classes = FILES[name]
    assert (found["family"], found["classes"]) == (family, classes)
    assert resolution in (None, found["resolution"])
    assert found["parameters"] > 1000
    assert found["psi_average"] is True


@pytest.mark.parametrize("name", PERSISTENCE)
def test_inspect_counts_what_was_trained_and_nothing_else(name):
    def trained(module):
        own = sum(x.numel() for x in module.state["_parameters"].values() if x is not None)
        return own + sum(map(trained, module.state["_modules"].values()))

    assert describe(DATA / name)["parameters"] == trained(unpickle(DATA / name)["G_ema"])


def test_inspect_shows_any_name_on_one_line(tmp_path):
    path = tmp_path / "two\nlines.pkl"
    path.write_bytes((DATA / "a2_sg2ada_cond5.pkl").read_bytes())
    shown = dict(line.split(None, 1) for line in run_cli("inspect", path).stdout.splitlines())
    assert shown["file"] == "two\N{REPLACEMENT CHARACTER}lines.pkl"
    assert shown["psi"] == "average  yes"


def test_inspect_refuses_what_is_no_model_in_one_line(tmp_path):
    (tmp_path / "x.pkl").write_bytes(b"cos\nsystem\n(S'touch canary'\ntR.")
    done = run_cli("inspect", tmp_path / "x.pkl")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("name", FILES)
def test_a_converted_model_draws_the_same(name, tmp_path):
    out = tmp_path / "model.safetensors"
    done = run_cli("convert", DATA / name, out)
    assert done.returncode == 0, done.stderr
    before, after = load(DATA / name, exact=True), load(out, exact=True)
    assert (before.is_sized, before.usual_psi, before.has_gains, before.walks) == (False, 0.7, False, None)
    z = np.random.default_rng(0).standard_normal((2, before.z_dim)).astype(np.float32)
    assert np.array_equal(before.synthesize(before.map(z)).numpy(), after.synthesize(after.map(z)).numpy())


def test_convert_turns_published_walks_into_directions(tmp_path, rng):
    walks = rng.standard_normal((14, 512, 3)).astype("<f4")
    walks.tofile(tmp_path / "w_color.bin")
    done = run_cli("convert", tmp_path / "w_color.bin", tmp_path / "walks.safetensors")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("walks.safetensors: walks red, green, blue for 14 styles")
    found = read_directions(tmp_path / "walks.safetensors", load("builtin", size=64)).vectors
    assert all(np.array_equal(found[name], walks[..., k]) for k, name in enumerate(("red", "green", "blue")))
    walks[3] = np.inf
    walks.tofile(tmp_path / "w_color.bin")
    done = run_cli("convert", tmp_path / "w_color.bin", tmp_path / "others.safetensors")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "others.safetensors").exists()


def test_convert_writes_nothing_by_another_name(tmp_path):
    done = run_cli("convert", DATA / "d0_sg1_64_tiny.pkl", tmp_path / "model.pkl")
    assert done.returncode == 2
    assert not list(tmp_path.iterdir())


def _picture(message):
    return message[4 + int.from_bytes(message[4:6], "big") :]


def test_a_show_draws_with_files_of_all_families_and_exchanges_them(tmp_path):
    soundfile.write(tmp_path / "beat.wav", beat(20.0), 48_000)
    (tmp_path / "broken.pkl").write_bytes(b"\x80\x04nothing of use")
    for name in FILES:
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    first = DATA / "d0_sg1_64_tiny.pkl"
    flags = ("--size", "128", "--threads", "1", "--loop", "--models", tmp_path)
    with Server(tmp_path / "beat.wav", "--model", first, *flags, env={"XDG_CACHE_HOME": str(tmp_path)}) as running:
        watcher, osc = Frames(running), Osc(running, subscribe=False)
        osc.send("/style/psi")
        assert osc.until("/style/psi")[0] == pytest.approx(0.7)  # a trained model's usual truncation
        for name in ("a2_sg2ada_cond5.pkl", "c1_sg3t.pkl", "d0_sg1_64_tiny.pkl"):
            osc.send("/model/load", name)
            stem = name.removesuffix(".pkl").encode()
            watcher.until(lambda message, stem=stem: b'"model":"' + stem + b'"' in message[:600], 30)
            assert len({_picture(watcher.next()) for _ in range(45)}) > 10
        osc.send("/model/load", "broken.pkl")
        osc.until("/error", lambda _, reason: "broken.pkl" in reason)
        assert b"d0_sg1_64_tiny" in watcher.next()[:600]
        osc.close()
        watcher.close()
