"""The files for other programs: found in a checkout, declared for the wheel, named by the command line."""

import ast
import tomllib
from pathlib import Path

import pytest
from server import run_cli

from bandwalk.errors import ParameterError
from bandwalk_client.folders import copy_module, copy_routes, folder_of, touchdesigner_line

ROOT = Path(__file__).parents[2]
FOLDERS = ("resolume", "tablet", "touchdesigner")


def test_each_folder_is_found_and_travels_in_the_wheel():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    listed = next(
        ast.literal_eval(node.value)
        for node in ast.parse((ROOT / "setup.py").read_text()).body
        if isinstance(node, ast.Assign)
    )
    assert listed == FOLDERS
    for folder in FOLDERS:
        assert folder_of(folder) == ROOT / "clients" / folder
        assert declared[f"bandwalk_client.{folder}"] == ["*"]
        assert all(path.is_file() for path in folder_of(folder).iterdir() if path.name != "__pycache__")


def test_the_line_for_touchdesigner_names_the_folder_of_the_patch():
    told = run_cli("layout", "touchdesigner")
    assert told.stdout.strip() == touchdesigner_line()
    assert str(ROOT / "clients" / "touchdesigner") in touchdesigner_line()


def test_resolumes_routes_are_copied_and_nothing_is_overwritten(tmp_path):
    path = tmp_path / "resolume.map"
    assert copy_routes(path).endswith(f"--osc-map-file {path}")
    assert path.read_bytes() == (ROOT / "clients" / "resolume" / "resolume.map").read_bytes()
    for wrong, complaint in ((path, "exists already"), (tmp_path / "no" / "x.map", "No such file")):
        with pytest.raises(ParameterError, match=complaint):
            copy_routes(wrong)


def test_the_tablets_module_is_written_over_itself_where_the_session_is_beside_it():
    module = folder_of("tablet") / "open-stage-control.js"
    before = module.read_bytes()
    assert str(module) in copy_module(module.with_name("bandwalk.json"))
    assert module.read_bytes() == before


def test_open_stage_controls_module_comes_with_its_session(tmp_path):
    told = copy_module(tmp_path / "stage.json")
    module = (tmp_path / "open-stage-control.js").read_text(encoding="utf-8")
    assert told.startswith(f"{tmp_path / 'open-stage-control.js'}: ")
    assert "/subscribe" in module
    with pytest.raises(ParameterError, match="expected a file that can be written"):
        copy_module(tmp_path / "nowhere" / "stage.json")
