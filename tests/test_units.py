"""Conversions and small notations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk import units
from bandwalk.errors import ParameterError


@pytest.mark.parametrize(
    ("text", "num_ws", "expected"),
    [
        ("0-2", 14, (0, 1, 2)),
        ("coarse", 14, (0, 1, 2)),
        ("middle", 14, (3, 4, 5)),
        ("fine", 14, tuple(range(6, 14))),
        ("6-", 18, tuple(range(6, 18))),
        ("0,2,4-6", 14, (0, 2, 4, 5, 6)),
        ("4, coarse ,4", 14, (0, 1, 2, 4)),
        ("fine", 4, ()),
        ("2-5", 4, (2, 3)),
        ("none", 14, ()),
        ("13", 14, (13,)),
    ],
)
def test_layers_are_read_as_written(text, num_ws, expected):
    assert units.parse_layers(text, num_ws) == expected


@pytest.mark.parametrize("text", ["", "a", "-2", "5-2", "1.5", "0--2", "1,,2", "1234", "²"])
def test_layers_that_are_none_are_refused(text):
    with pytest.raises(ParameterError, match="expected"):
        units.parse_layers(text, 14)


def test_layers_past_the_model_are_told():
    assert units.layers_past("0,2,4-6", 5) == (5, 6)
    assert units.layers_past("fine", 5) == ()


@given(st.text(max_size=30))
def test_any_text_is_layers_or_refused(text):
    try:
        layers = units.parse_layers(text, 14)
    except ParameterError:
        return
    assert all(0 <= i < 14 for i in layers)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512", (512, 512)),
        ("128", (128, 128)),
        ("1040", (1040, 1040)),
        ("3840X2160", (3840, 2160)),
        ("1920x1080", (1920, 1080)),
    ],
)
def test_sizes_are_read_as_written(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    ["77", "120", "4097", "0", "0x0", "-64x64", "1x8000", "1920x", "x1080", "-512", "8x8", "5000x100", "512.0", ""],
)
def test_sizes_that_cannot_be_drawn_are_refused(text):
    with pytest.raises(ParameterError, match="expected a side from 128 to 4096, or WIDTHxHEIGHT, each from 16 to 4096"):
        units.parse_size(text)


def test_a_host_and_port_are_read_and_a_bad_one_refused():
    assert units.parse_host_port("10.0.0.2:9001") == ("10.0.0.2", 9001)
    assert units.parse_host_port("7000") == ("127.0.0.1", 7000)
    assert units.parse_host_port("[::1]:7000") == ("::1", 7000)
    for text in ("host", "host:", "host:0", "host:70000", "host:x", ""):
        with pytest.raises(ParameterError):
            units.parse_host_port(text)


def test_channels_are_counted_from_one():
    assert units.parse_channels("3-4") == (2, 3)
    assert units.parse_channels("2") == (1, 1)
    assert units.parse_channels("") is None
    for text in ("0", "4-3", "a", "1-"):
        with pytest.raises(ParameterError):
            units.parse_channels(text)


def test_a_time_constant_covers_63_percent_in_its_time():
    coef = units.tau_to_coef(0.1, 0.01)
    left = (1 - coef) ** 10
    assert left == pytest.approx(np.exp(-1))
    assert units.tau_to_coef(0, 0.01) == 1


def test_the_same_seed_gives_the_same_z():
    z = units.seed_to_z(7, 512)
    assert z.dtype == np.float32
    assert np.array_equal(z, np.random.Generator(np.random.PCG64(7)).standard_normal(512).astype(np.float32))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/../../x", "/etc/passwd", ".hidden", "a//b", "c:x", "..\\x", "a\0"]
)
def test_no_name_leads_out_of_its_folder(tmp_path, name):
    with pytest.raises(ParameterError, match="expected the name of a file inside"):
        units.inside(tmp_path, name)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (folder / "door").symlink_to(outside)
    with pytest.raises(ParameterError):
        units.inside(folder, "door/x")
    assert units.inside(folder, "a b.wav") == folder / "a b.wav"
    assert units.inside(folder, "sub/a.wav") == folder / "sub/a.wav"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", 0, "")),
        ("local", ("local", 0, "")),
        ("local:3", ("local", 3, "")),
        ("ray", ("ray", 0, "")),
        ("ray:10.0.0.7:6379", ("ray", 0, "10.0.0.7:6379")),
        ("ray:6379", ("ray", 0, "127.0.0.1:6379")),
    ],
)
def test_a_farm_is_read_as_written(text, expected):
    assert units.parse_farm(text) == expected


@pytest.mark.parametrize(
    "text", ["local:", "local:0", "local:257", "local:-1", "local:²", "ray:", "ray:host", "ssh", ":3"]
)
def test_a_farm_that_is_none_is_refused(text):
    with pytest.raises(ParameterError, match="expected"):
        units.parse_farm(text)
