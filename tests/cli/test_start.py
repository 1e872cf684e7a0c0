"""What a command imports before it does its work: times vary from machine to machine, imports do not."""

import json
import subprocess
import sys

import pytest
from server import free_port_base

FIRST_FRAME = """
from bandwalk.pipeline.start import resolve
from bandwalk.show.parts import open_parts
from bandwalk.show import serve

parts = open_parts(resolve({{"size": "128", "port_base": "{base}"}}, "demo"))
values = parts.store.snapshot()
list(parts.pipeline.hear(next(parts.feed.blocks()), values))
parts.pipeline.draw(0.0, values)
parts.closing.close()
"""


def _imported(code):
    """The modules that a Python has imported after some code, in a process of its own."""
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120)
    return set(json.loads(out.stdout.splitlines()[-1]))


@pytest.mark.parametrize("command", [(), ("serve",), ("render",), ("view",), ("analyze",), ("inspect",)])
def test_help_is_made_without_numpy_and_torch(command):
    code = f"""
import contextlib, io, sys
sys.argv = ["bandwalk", *{command}, "--help"]
from bandwalk.__main__ import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()
"""
    assert not _imported(code) & {"numpy", "torch", "scipy", "zmq", "av", "aiohttp"}


def test_the_first_frame_waits_for_no_library_that_it_does_not_need():
    """What a server of the web imports is imported by its thread, what reads song files when there is one."""
    bare = _imported("import torch, bandwalk.show.serve")
    drawn = _imported(FIRST_FRAME.format(base=free_port_base()))
    late = {"scipy", "scipy.signal", "scipy.fft", "scipy.fftpack", "scipy.stats", "aiohttp", "zeroconf"}
    late |= {"matplotlib", "pygame", "ray", "openvino", "bandwalk.web.serving"}
    assert not late & (bare | drawn)


def test_a_clip_of_the_bands_needs_no_scipy_to_begin():
    assert not _imported("import torch, bandwalk.render") & {"scipy.signal", "scipy.stats", "ray", "matplotlib"}


def test_the_process_that_hears_imports_little():
    heard = _imported("import bandwalk.analysis.process.child")
    assert not heard & {"torch", "scipy", "scipy.fft", "numpy.ma", "zmq", "av"}
