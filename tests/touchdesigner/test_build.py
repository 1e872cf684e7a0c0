"""The patch that one pasted line makes."""

import ast
import sys

import pytest


def test_the_network_is_there_and_wired(comp):
    assert comp.path == "/project1/bandwalk"
    wires = {"out_picture": "picture", "out_features": "features", "out_status": "status_out", "out_info": "info"}
    for name, source in {**wires, "osc_out": "send"}.items():
        assert comp.op(name).inputs == [comp.op(source)]


@pytest.mark.parametrize(("host", "base"), [("127.0.0.1", 9600), ("desk.invalid", 9100)])
def test_every_port_is_the_servers(build, host, base):
    comp = build(host=host, port_base=base)
    values = [
        getattr(comp.op(name).par, par).eval()
        for name, par in [("features", "port"), ("osc_out", "netaddress"), ("osc_out", "port")]
    ]
    assert values == [base + 1, host, base]
    assert comp.op("link").module._server[:2] == (host, base)
    comp.op("every_frame").module.onExit()


def test_pasted_again_it_keeps_operators_wires_and_what_was_set(td, build):
    first = build(port_base=9100, host="127.0.0.1")
    kept = {name: first.op(name) for name in first.children}
    mine = td.op("/project1").create("nullCHOP", "mine")
    mine.inputConnectors[0].connect(first.op("out_features"))
    between = first.create("outTOP", "between")  # wired between the picture and the output
    first.op("out_picture").inputConnectors[0].connect(between)
    own = first.appendCustomPage("Mine").appendFloat("Mine")[0]
    own.val = 0.5
    first.par.Host.mode, first.par.Host.expr = td_mode(first).EXPRESSION, lambda: "127.0.0.2"
    first.op("status").text = "an old script"
    second = build()
    assert second is first
    assert {name: second.op(name) for name in kept} == kept
    assert second.par.Portbase.eval() == 9100
    assert second.par.Host.eval() == "127.0.0.2"
    assert (second.par.Mine is own, own.eval()) == (True, 0.5)
    assert mine.inputs == [second.op("out_features")]
    assert second.op("out_picture").inputs == [between]
    assert "NUMBERS" in second.op("status").text
    assert build(port_base=9200).par.Portbase.eval() == 9200
    first.op("every_frame").module.onExit()


def td_mode(comp):
    return type(comp.par.Host.mode)


def test_what_an_earlier_version_made_and_nobody_needs_is_taken_away(td, build):
    comp = td.op("/project1").create("baseCOMP", "bandwalk")
    comp.create("textDAT", "links")
    comp.create("outCHOP", "picture")  # a name with another kind of operator
    assert build(port_base=9300).op("links") is None
    assert comp.op("picture").OPType == "scriptTOP"
    comp.op("every_frame").module.onExit()


def test_another_server_is_named_by_a_parameter(td, comp):
    td.frame(comp)
    comp.par.Portbase = 9200
    td.frame(comp)
    assert comp.op("link").module._server.base == 9200


def test_without_pyzmq_zeromq_is_refused_in_words(td, build, monkeypatch):
    monkeypatch.setitem(sys.modules, "zmq", None)
    comp = build(transport="zeromq", port_base=9400)
    td.frame(comp)
    assert "zmq" in comp.par.Status.eval()
    assert len(td.textport) == 1
    comp.op("every_frame").module.onExit()


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
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))
        assert set(imported_by(path)) <= sys.stdlib_module_names | allowed, path


def test_the_page_says_the_line_that_is_pasted_and_that_it_was_not_run_in_touchdesigner(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "import build_patch; build_patch.build()" in page
    assert "not run inside TouchDesigner" in page
