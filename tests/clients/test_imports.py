"""What a client machine needs: neither torch nor scipy, and of the server's package two small modules."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ImportError(name + " is not installed")

sys.meta_path.insert(0, Absent())
import importlib
for module in {modules!r}:
    importlib.import_module(module)
print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "bandwalk"]))
"""

HEAVY = ["torch", "scipy", "sounddevice", "soundfile", "soxr", "av", "turbojpeg", "typer", "rich", "platformdirs"]
MODULES = [
    "age",
    "control",
    "endpoint",
    "folders",
    "grab",
    "keys",
    "readout",
    "receiver",
    "recording",
    "steering",
    "viewer",
]
MODULES += ["bridge", "bridge.bridging", "bridge.resize", "bridge.sink"]
ALLOWED = {"bandwalk", "bandwalk.wire", "bandwalk.errors"}


def import_without(absent, modules):
    """Import modules in a fresh Python that lacks some packages; return which of bandwalk's came with them."""
    script = SCRIPT.format(absent=absent, modules=[f"bandwalk_client.{module}" for module in modules])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_all_but_the_window_imports_without_the_servers_libraries_and_without_pygame():
    assert import_without([*HEAVY, "pygame", "cyndilib", "PIL", "cv2"], MODULES) <= ALLOWED


def test_the_window_imports_without_the_servers_libraries():
    script_modules = ["overlay", "window"]
    script = SCRIPT.format(absent=HEAVY, modules=[f"bandwalk_client.{module}" for module in script_modules])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout.splitlines()[-1])) <= ALLOWED


@pytest.mark.parametrize("call", ["view('127.0.0.1:1')"])
def test_without_pygame_the_viewer_says_what_to_install(call):
    script = SCRIPT.format(absent=["pygame"], modules=["bandwalk_client.viewer"])
    script += f"from bandwalk_client.viewer import view\n{call}\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    expected = "ParameterError: opening the viewer: pygame is not installed; expected pip install 'bandwalk[viewer]'"
    assert done.stderr.strip().endswith(expected)
