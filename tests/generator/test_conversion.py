"""A model is converted once, by a process of its own; what it wrote is read at each later start."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from generator.model_files import DATA

from bandwalk.errors import WorkError
from bandwalk.generator import conversion, load, network_files
from bandwalk.generator.conversion import FOLDER, network_of
from bandwalk.generator.convert_child import Order, convert
from bandwalk.generator.engines import OpenVino, convert_synthesis
from bandwalk.generator.network_files import NetworkFiles
from bandwalk.generator.screen import Screen

NAME = "a0_sg2ada_64_tiny.pkl"
WIDE = Screen(256, 128, "native")


@pytest.fixture(scope="module")
def G():
    return load(DATA / NAME, screen=WIDE)


@pytest.fixture(scope="module")
def network(G):
    return convert_synthesis(G.live_synthesis(full=True))


@pytest.fixture
def written(G, network, tmp_path):
    """A folder with the model's network, and its place."""
    files = NetworkFiles(tmp_path / FOLDER)
    files.write(files.path(G), network)
    return files, files.path(G)


def _runs(monkeypatch, program):
    """Let a program take the place of the one that converts."""
    monkeypatch.setattr(conversion, "python_command", lambda *args: [sys.executable, "-c", program])


def _draw(G):
    return G.render(G.map(np.ones((1, G.z_dim)))).astype(float)


def test_a_process_converts_a_model_once_and_its_network_draws_what_torch_draws(G, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "_NICE", 0)  # other tests want the machine too
    assert network_of(G, tmp_path) is not None
    _runs(monkeypatch, "1 / 0")
    fast = load(DATA / NAME, screen=WIDE)
    openvino = OpenVino(fast, network_of(fast, tmp_path))
    openvino.compile(1)
    openvino.take_over()
    assert _draw(fast).shape == (64, 128, 3)
    assert np.abs(_draw(fast) - _draw(G)).mean() <= 0.1


def test_what_is_written_is_read(G, written):
    files, path = written
    assert files.read(path) is not None
    assert [each.name for each in files.folder.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["network.xml", "network.bin", "sums.json"])
@pytest.mark.parametrize("how", ["cut", "changed", "gone"])
def test_a_damaged_network_is_as_none_and_is_written_anew(how, name, network, written):
    files, path = written
    data = (path / name).read_bytes()
    if how == "gone":
        (path / name).unlink()
    else:
        (path / name).write_bytes(data[: len(data) // 2] + (b"" if how == "cut" else b"?" + data[len(data) // 2 + 1 :]))
    assert files.read(path) is None
    files.write(path, network)
    assert files.read(path) is not None


def test_a_network_that_openvino_does_not_read_is_as_none(written):
    files, path = written
    (path / "network.xml").write_text("<net/>")
    network_files.write_kept(path / "sums.json", network_files._sums(path))
    assert files.read(path) is None


def test_the_networks_used_last_stay_and_what_is_not_ours(G, network, tmp_path, monkeypatch):
    monkeypatch.setattr(network_files, "MAX_NETWORKS", 3)
    files = NetworkFiles(tmp_path)
    kept = [tmp_path / f"{n:064x}" for n in range(4)]
    for n, path in enumerate(kept):
        path.mkdir()
        (path / "sums.json").write_text("{}")
        os.utime(path / "sums.json", (1000 - n, 1000 - n))
    others = [tmp_path / name for name in ("notes.txt", "0" * 63, ".0123456789abcdef.part", ".fedcba9876543210.part")]
    for path in others:
        path.mkdir()
    os.utime(others[2], (0, 0))
    files.write(files.path(G), network)
    assert set(tmp_path.iterdir()) == {files.path(G), *kept[:2], *others[:2], others[3]}
    monkeypatch.setattr(network_files, "MAX_BYTES", 10)
    files.write(files.path(G), network)
    assert set(tmp_path.iterdir()) == {files.path(G), *others[:2], others[3]}


def test_a_network_is_for_weights_a_size_and_what_they_were_completed_from(G, tmp_path):
    files = NetworkFiles(tmp_path)
    like = tmp_path / "like.pkl"
    like.write_bytes(b"1")
    shutil.copy(DATA / NAME, tmp_path / "same.pkl")
    square, same = load(DATA / NAME), load(tmp_path / "same.pkl", screen=WIDE)
    completed = load(DATA / NAME, screen=WIDE)
    completed.files = (*completed.files, str(like))
    paths = {files.path(each) for each in (G, square, completed)}
    like.write_bytes(b"12")
    assert len(paths | {files.path(completed)}) == 4
    assert files.path(same) == files.path(G)


def test_what_the_process_says_and_how_it_ends_is_one_line(G, tmp_path, monkeypatch):
    for program, said in (
        ("print('\"OSError: no space\"')", "OSError: no space"),
        ("import os; os.kill(os.getpid(), 9)", "its process ended with code -9"),
        ("print('\"\"')", "it cannot be read back"),
    ):
        _runs(monkeypatch, program)
        with pytest.raises(WorkError, match=rf"^converting a0_sg2ada_64_tiny for OpenVINO: {said}$"):
            network_of(G, tmp_path)
    monkeypatch.setattr(conversion, "MAX_WALL_S", 0.0)
    _runs(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(WorkError, match="not done after 0 s"):
        network_of(G, tmp_path)


def test_a_conversion_that_is_given_up_ends_its_process(G, tmp_path, monkeypatch):
    _runs(
        monkeypatch,
        f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(f'{{os.getpid()}}\\n'); time.sleep(600)",
    )
    pid = tmp_path / "pid"
    assert network_of(G, tmp_path, lambda: pid.exists() and pid.read_text().endswith("\n")) is None
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_the_process_ends_with_the_show(G, tmp_path):
    order = Order(G.files, G.sha256, (256, 128, "native", 1.0), (), str(tmp_path))
    command = [sys.executable, "-m", "bandwalk.generator.convert_child", order.packed()]
    ended = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert not list(tmp_path.iterdir())


def test_a_file_that_has_changed_is_not_converted(G, tmp_path):
    order = Order(G.files, G.sha256, (256, 128, "native", 1.0), (), str(tmp_path))
    assert "has changed since it was loaded" in convert(replace(order, sha256="0"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_line_before_any_work(G, tmp_path, monkeypatch):
    (tmp_path / FOLDER).write_text("")
    _runs(monkeypatch, "1 / 0")
    with pytest.raises(WorkError, match=r"^converting a0_sg2ada_64_tiny for OpenVINO: .*networks: File exists$"):
        network_of(G, tmp_path)
