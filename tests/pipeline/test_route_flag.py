"""--route: its short language, the slots it takes, and what it refuses."""

import pytest

from bandwalk.control import presets
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, ROWS, defaults
from bandwalk.params.routes import N_ROUTES, parse_route
from bandwalk.pipeline.start import resolve

PLAIN = {"from": "low/level", "to": "/style/psi"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("low/level=/style/psi", PLAIN),
        (" low/level = /style/psi : -0.5 ", PLAIN | {"amount": -0.5}),
        ("low/level=/style/psi:square", PLAIN | {"curve": "square"}),
        ("low/level=/style/psi:0.3:steps:replace", PLAIN | {"amount": 0.3, "curve": "steps", "mode": "replace"}),
        (
            "low/level=/style/psi:1e-1:offset=-.5:attack=0.1:release=2:trigger",
            PLAIN | {"amount": 0.1, "offset": -0.5, "attack_s": 0.1, "release_s": 2.0, "mode": "trigger"},
        ),
        ("lfo/sine/4=/walk/low/bump", {"from": "lfo/sine/4", "to": "/walk/low/bump"}),
    ],
)
def test_a_route_is_read(text, values):
    assert parse_route(text) == values


@pytest.mark.parametrize(
    "text",
    ["", "low/level", "low/level=", "=/style/psi", "low/level=style/psi", "a=/b:", "a=/b:0.1:0.2", "a=/b:square:0.1",
     "a=/b:square:root", "a=/b:add:replace", "a=/b:loud", "a=/b:offset", "a=/b:offset=", "a=/b:gain=1", "a=/b:attack=x",
     "a=/b:offset=1:offset=2"],
)  # fmt: skip
def test_what_is_no_route_is_refused_in_one_line(text):
    with pytest.raises(ParameterError, match=r"expected .*\bTO|expected once") as refused:
        parse_route(text)
    assert "\n" not in str(refused.value)
    with pytest.raises(ParameterError, match=r"^--route"):
        resolve({"route": [text]})


def _slot(values, slot):
    return {row.address.rpartition("/")[2]: values[row.address] for row in ROWS if f"/route/{slot}/" in row.address}


def test_routes_take_the_slots_in_order_and_leave_those_of_a_preset(tmp_path):
    flags = {"route": ["low/level=/style/psi:0.5", "beat=/walk/low/bump"]}
    values = resolve(flags | {"preset": "page"}).values
    assert _slot(values, 1) == _slot(defaults(), 1) | PLAIN | {"amount": 0.5}
    assert _slot(values, 2) == _slot(defaults(), 2) | {"from": "beat", "to": "/walk/low/bump"}
    assert _slot(values, 3) == _slot(defaults(), 3)
    kept = defaults() | {"/route/1/from": "flux", "/route/1/to": "/style/noise", "/route/2/amount": 1.0}
    presets.save(tmp_path / "look.toml", kept, LIVE)
    both = resolve(flags | {"preset": "look", "presets": str(tmp_path)}).values
    assert _slot(both, 1) == _slot(kept, 1)
    assert _slot(both, 2) == _slot(values, 1)  # what else an unused slot had is gone
    assert _slot(both, 3) == _slot(values, 2)


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["low/level=/master/blackout"], r"^--route low/level=/master/blackout: .*no route may move it"),
        (["lowlevel=/style/psi"], r"^--route lowlevel=/style/psi: .*lowlevel: unknown"),
        (["beat=/style/psi:3"], r"^--route beat=/style/psi:3: .*amount = 3.0: expected a number in -1..1"),
        (["beat=/style/psi"] * (N_ROUTES + 1), r"^--route beat=/style/psi: 16 routes are in use"),
    ],
)
def test_what_the_table_refuses_is_said_with_the_flag(texts, reason):
    with pytest.raises(ParameterError, match=reason):
        resolve({"route": texts})


def test_presets_keep_routes(tmp_path):
    kept = defaults() | {"/route/16/from": "lfo/saw/2", "/route/16/to": "/transform/zoom", "/route/16/mode": "replace"}
    presets.save(tmp_path / "look.toml", kept, LIVE)
    assert presets.load(tmp_path / "look.toml").over(LIVE).items() <= kept.items()
    assert '[route.16]\nfrom = "lfo/saw/2"' in (tmp_path / "look.toml").read_text()
