"""A project of the stand-in with the patch built in it."""

import importlib
import importlib.util
import sys
import time
from pathlib import Path

import pytest
from server import free_port_base

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "clients" / "touchdesigner"


def load(name, folder):
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder():
    return FOLDER


@pytest.fixture
def td(monkeypatch):
    td = load("standin", HERE).Td()
    monkeypatch.setitem(sys.modules, "td", td)
    return td


@pytest.fixture
def build(td, folder):
    """The line that is pasted."""
    return load("build_patch", folder).build


@pytest.fixture
def comp(build):
    comp = build(port_base=free_port_base())  # nobody is there
    yield comp
    comp.op("every_frame").module.onExit()


@pytest.fixture
def until(td):
    """Let TouchDesigner draw frames until something is so."""

    def until(comp, is_so, timeout_s=60):
        deadline = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < deadline, (comp.par.Status.eval(), comp.par.Lasterror.eval(), td.textport)
            td.frame(comp)
            time.sleep(0.005)  # threads take their turns

    return until
