"""The pages under clients/ do what they say: their commands are taken, their examples run."""

import contextlib
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from namespaces import DEADLINE_S, SERVER, Machines
from server import run_cli

from bandwalk.cli.app import app as cli
from bandwalk.control import open_routes
from bandwalk.params import BY_ADDRESS

ROOT = Path(__file__).parents[2]
PAGES = {path.parent.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "clients").rglob("README.md"))}
COMMANDS = sorted(
    {line.strip() for page in PAGES.values() for line in page.splitlines() if re.match(r" {4,8}bandwalk ", line)}
)
JOBS = [line for line in COMMANDS if line.startswith("bandwalk layout")]


def words(line):
    """The words of a command, places for machines filled in."""
    for place in ("COMPUTER", "TABLET", "TOUCHDESIGNER"):
        line = re.sub(rf"\b{place}\b", "127.0.0.1", line)
    return shlex.split(line)


def code(language, page="clients"):
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)
    return found


def test_every_page_is_there_and_every_link_leads_somewhere():
    assert set(PAGES) == {"clients", "resolume", "tablet", "touchdesigner"}
    for folder, page in PAGES.items():
        home = ROOT / "clients" / ("" if folder == "clients" else folder)
        for link in re.findall(r"\]\(([^)]+)\)", page):
            assert link.startswith("https://") or (home / link).is_file(), (folder, link)


def test_every_port_on_the_pages_is_the_servers():
    base = BY_ADDRESS["port_base"].default
    for page in PAGES.values():
        assert set(map(int, re.findall(r"\b90\d\d\b", page))) <= {*range(base, base + 4), 9011}


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("bandwalk serve")])
def test_every_server_on_the_pages_is_one_that_starts(line, monkeypatch, tmp_path):
    import bandwalk.show.serve

    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "clients" / "resolume" / "resolume.map", tmp_path)
    started = []

    def note(start, *parts, show):
        started.append(start)

    monkeypatch.setattr("bandwalk.cli.app.ensure_environment", dict)  # else it would begin again as another process
    monkeypatch.setattr("bandwalk.analysis.process.prepare_ear", dict)
    monkeypatch.setattr(bandwalk.show.serve, "serve", note)
    monkeypatch.setattr(os, "_exit", lambda status: None)  # what ends a show
    cli(words(line)[1:], standalone_mode=False)
    (start,) = started
    open_routes(start.settings.network.osc_map, start.settings.network.osc_map_file)


@pytest.mark.parametrize("line", [line for line in COMMANDS if re.match(r"bandwalk (view|grab|bridge)", line)])
def test_every_client_on_the_pages_is_one_that_starts(line, monkeypatch):
    called = []
    for module, name in (("viewer", "view"), ("grab", "grab"), ("bridge", "bridge")):
        told = importlib.import_module(f"bandwalk_client.{module}")
        monkeypatch.setattr(told, name, lambda *args, **kwargs: called.append(kwargs))
    cli(words(line)[1:], standalone_mode=False)
    assert len(called) == 1


def test_no_command_on_the_pages_is_left_untested():
    kinds = {line.split()[1] for line in COMMANDS}
    assert kinds <= {"serve", "view", "grab", "bridge", "layout"}
    assert len(COMMANDS) > 12


@pytest.mark.parametrize("line", JOBS)
def test_every_job_on_the_pages_ends_well(line, tmp_path):
    args = [str(tmp_path / word) if word.startswith(("bandwalk.", "resolume.")) else word for word in words(line)[1:]]
    done = run_cli(*args)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def until_it_ends(process, act):
    """Do something again and again until a process has ended: on a busy machine a frame comes too old to be taken."""
    end = time.monotonic() + DEADLINE_S
    while process.poll() is None:
        assert time.monotonic() < end
        act()
        time.sleep(0.05)


def test_the_ten_lines_of_python_show_frames(server, osc_peer):
    text = code("python").replace("127.0.0.1:9002", server.endpoint)
    text = text.replace("9000", str(osc_peer.getsockname()[1])).replace("range(10)", "range(1)")
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) as process:
        server.wait_for_subscriber()
        until_it_ends(process, lambda: server.send(7))
        assert process.returncode == 0
        assert re.fullmatch(r"7 \d+\.\d+ \(48, 64, 3\)\n", process.stdout.read())
    assert osc_peer.recv(1000).startswith(b"/style/psi\0\0,f")


OF_MAIN = """
#include <cstdio>
#include <cstring>
struct ofBuffer { const char *data; size_t size; ofBuffer(const char *d, size_t n) : data(d), size(n) {} };
struct ofImage { bool load(const ofBuffer &b) {
    bool ok = b.size > 4 && !memcmp(b.data, "\\xff\\xd8", 2) && !memcmp(b.data + b.size - 2, "\\xff\\xd9", 2);
    printf("%zu %d\\n", b.size, ok);
    return ok;
} };
"""
OF_APP = """
#include "frames.h"
#include <unistd.h>
int main(int, char **argv) {
    Frames frames(argv[1]);
    ofImage picture;
    for (int n = 0; n < 20000; n++) {
        if (frames.update(picture)) return 0;
        usleep(1000);
    }
    return 1;
}
"""


def build_app(folder, main):
    """Compile the page's lines of openFrameworks with a main function; return the program."""
    (folder / "frames.h").write_text(code("cpp"))
    (folder / "ofMain.h").write_text(OF_MAIN)  # a stand-in for its two classes
    (folder / "app.cpp").write_text(main)
    command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I.", "app.cpp", "-o", "app", "-lzmq"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return str(folder / "app")


def test_the_lines_of_openframeworks_compile_and_hand_over_a_whole_jpeg_file(server, tmp_path):
    app_path = build_app(tmp_path, OF_APP)
    with subprocess.Popen([app_path, server.endpoint], stdout=subprocess.PIPE, text=True) as app:
        server.wait_for_subscriber()
        until_it_ends(app, lambda: server.send(1))
        assert app.returncode == 0
        assert re.fullmatch(r"\d{3,} 1\n", app.stdout.read())


HERE = Path(__file__).parent
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
OF_LOOP = """
#include "frames.h"
#include <unistd.h>
int main(int, char **argv) {
    Frames frames(argv[1]);
    ofImage picture;
    for (;; usleep(1000)) if (frames.update(picture)) { puts("openframeworks"); fflush(stdout); }
}
"""


class Hearing:
    """When each receiver last had a frame."""

    def __init__(self):
        self.at = {}

    def follow(self, process):
        def read():
            for line in process.stdout:
                self.at[line.split()[-1]] = time.monotonic()

        threading.Thread(target=read, daemon=True).start()

    def wait_for(self, names, since):
        end = time.monotonic() + DEADLINE_S
        while not all(self.at.get(name, 0.0) > since for name in names):
            assert time.monotonic() < end, f"silent: {[n for n in names if self.at.get(n, 0.0) <= since]}"
            time.sleep(0.01)


@pytest.fixture
def machines():
    with contextlib.closing(Machines()) as machines:
        yield machines


def test_who_only_receives_finds_a_server_again_that_lost_its_power(machines, tmp_path):
    hearing = Hearing()
    endpoint = f"tcp://{SERVER}:9002"
    with contextlib.ExitStack() as stack:

        def start(machine, *command):
            process = subprocess.Popen([*machines.enter(machine), *command], cwd=HERE, **PIPES)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        def start_server():
            server = start(machines.server, sys.executable, "frame_server.py", SERVER, "9002")
            assert server.stdout.readline() == "9002\n"
            return server

        server = start_server()
        hearing.follow(start(machines.client, sys.executable, "frame_clients.py", endpoint))
        hearing.follow(start(machines.client, build_app(tmp_path, OF_LOOP), endpoint))
        names = ["receiver", "touchdesigner", "openframeworks"]
        hearing.wait_for(names, 0.0)
        machines.lose_server()
        server.kill()
        server.wait()
        machines.start_server()
        start_server()
        hearing.wait_for(names, time.monotonic())
