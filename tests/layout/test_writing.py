import json

import pytest

from bandwalk.errors import ParameterError
from bandwalk.layout import write_layout


def test_a_layout_is_written_and_said(tmp_path):
    told = write_layout("touchosc", tmp_path / "a.tosc")
    assert told.startswith(f"{tmp_path / 'a.tosc'}: ")
    assert (tmp_path / "a.tosc").read_bytes()[:1] == b"\x78"
    write_layout("open-stage-control", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["type"] == "session"


def test_another_kind_and_a_folder_are_refused(tmp_path):
    with pytest.raises(
        ParameterError, match="layout lemur: expected touchosc, open-stage-control, resolume or touchdesigner"
    ):
        write_layout("lemur")
    with pytest.raises(ParameterError, match="expected a file that can be written"):
        write_layout("touchosc", tmp_path)
