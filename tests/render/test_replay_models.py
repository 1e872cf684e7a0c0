"""The models of a session: found by name and hash in one folder, or refused in one line before a picture is drawn."""

import hashlib
import shutil
from pathlib import Path

import pytest

from bandwalk.errors import ParameterError
from bandwalk.generator import load
from bandwalk.params import defaults
from bandwalk.params.settings import Settings
from bandwalk.pipeline.session import Header, Log
from bandwalk.pipeline.session.lines import to_line
from bandwalk.pipeline.session.log import ModelName
from bandwalk.render.replay_models import ReplayModels

DATA = Path(__file__).parents[1] / "data"
FIRST, OTHER = "d0_sg1_64_tiny", "a0_sg2ada_64_tiny"


def hash_of(name):
    return hashlib.sha256((DATA / f"{name}.pkl").read_bytes()).hexdigest()


@pytest.fixture
def log(tmp_path):
    """A session that began with one model file and went over to another, and to the embedded one."""
    head = Header("1", FIRST, hash_of(FIRST), "a.flac", "bands", "", 100.0, defaults(), (128, 128))
    said = [["m", 1, FIRST, hash_of(FIRST)], ["b", 480, {"m": 1}], ["m", 2, OTHER, hash_of(OTHER)]]
    said += [["b", 960, {"m": 2}], ["m", 3, "builtin", load("builtin", size=128).sha256], ["b", 1440, {"m": 3}]]
    (tmp_path / "a.session").write_bytes(head.line() + b"".join(map(to_line, said)))
    return Log(tmp_path / "a.session")


def models_of(log, folder, model="builtin"):
    settings = Settings.of({"models": folder, "model": str(model), "device": "cpu"})
    return ReplayModels(log, settings, defaults() | {"/out/size": "128"})


def test_all_are_found_by_name_and_hash(log, tmp_path):
    for name in (FIRST, OTHER):
        shutil.copy(DATA / f"{name}.pkl", tmp_path)
    (tmp_path / f"{OTHER}.pt").write_bytes(b"another file of that name")
    models = models_of(log, tmp_path)
    assert models.first().sha256 == hash_of(FIRST)
    assert models.load(ModelName(OTHER, hash_of(OTHER)), {}).sha256 == hash_of(OTHER)


def test_the_first_one_may_be_named(log, tmp_path):
    shutil.copy(DATA / f"{OTHER}.pkl", tmp_path)
    assert models_of(log, tmp_path, DATA / f"{FIRST}.pkl").first().sha256 == hash_of(FIRST)


def test_one_that_is_missing_is_named_in_one_line(log, tmp_path):
    shutil.copy(DATA / f"{FIRST}.pkl", tmp_path)
    with pytest.raises(ParameterError, match=f"{OTHER} is missing; expected .*{hash_of(OTHER)[:12]} in --models"):
        models_of(log, tmp_path)


def test_one_with_other_weights_is_named_in_one_line(log, tmp_path):
    shutil.copy(DATA / f"{FIRST}.pkl", tmp_path)
    shutil.copy(DATA / f"{FIRST}.pkl", tmp_path / f"{OTHER}.pkl")
    with pytest.raises(ParameterError, match=rf"{OTHER}\.pkl has other weights; expected .*{hash_of(OTHER)[:12]}"):
        models_of(log, tmp_path)


def test_a_log_leads_out_of_no_folder(log, tmp_path):
    path = tmp_path / "b.session"
    path.write_bytes(log.path.read_bytes() + to_line(["m", 4, "../secret", "0" * 64]) + to_line(["b", 2000, {"m": 4}]))
    (tmp_path.parent / "secret.pkl").write_bytes(b"x" * 1000)
    for name in (FIRST, OTHER):
        shutil.copy(DATA / f"{name}.pkl", tmp_path)
    with pytest.raises(ParameterError, match="is missing"):
        models_of(Log(path), tmp_path)
