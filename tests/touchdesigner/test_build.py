"""The patch that one pasted line makes."""

import ast
import sys

import pytest


def test_the_network_is_there_and_wired(comp):
    assert comp.path == "/project1/bandwalk"
    assert comp.op("out_picture").inputConnectors[0].source is comp.op("picture")
    assert comp.op("osc_out").inputConnectors[0].source is comp.op("send")
    assert comp.op("out_features").inputConnectors[0].source is comp.op("features")


@pytest.mark.parametrize(("host", "base"), [("127.0.0.1", 9000), ("desk.local", 9100)])
def test_every_port_is_the_servers(build, host, base):
    comp = build(host=host, port_base=base)
    values = {
        (name, par): getattr(comp.op(name).par, par).eval()
        for name, par in [
            ("frames_in", "netaddress"), ("frames_in", "port"), ("control", "netaddress"), ("control", "port"),
            ("features", "port"), ("osc_out", "netaddress"), ("osc_out", "port"),
        ]
    }  # fmt: skip
    assert list(values.values()) == [f"{host}/frames", base + 3, f"{host}/", base + 3, base + 1, host, base]
    assert comp.op("frames_in").par.active.eval() is True


def test_pasted_again_it_replaces_what_is_there(td, build):
    first = build()
    second = build(port_base=9100)
    assert td.op("/project1/bandwalk") is second is not first
    assert second.par.Portbase.eval() == 9100


def test_another_server_is_named_by_a_parameter(td, comp):
    td.frame(comp)
    comp.par.Portbase = 9200
    td.frame(comp)
    assert comp.op("control").par.port.eval() == 9203


def test_without_pyzmq_zeromq_is_refused_in_words(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "zmq", None)
    with pytest.raises(ImportError, match="zmq"):
        build(transport="zeromq")


def imported_by(path):
    """The top names of all modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


def test_the_scripts_need_the_standard_library_numpy_and_cv2_alone(folder):
    for path in folder.glob("*.py"):
        allowed = {"numpy", "cv2", "td"} | ({"zmq"} if path.stem == "zmq_thread" else set())
        assert set(imported_by(path)) <= sys.stdlib_module_names | allowed, path


def test_the_page_says_the_line_that_is_pasted_and_that_it_was_not_run_in_touchdesigner(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "import build_patch; build_patch.build()" in page
    assert "not run inside TouchDesigner" in page
