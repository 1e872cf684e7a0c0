"""One frame to a file."""

import re
import threading

import pytest

from bandwalk.errors import ParameterError, WorkError
from bandwalk_client import grab


@pytest.fixture
def frames(server):
    """Frames sent without end by a thread."""
    stop = threading.Event()

    def send():
        seq = 0
        while not stop.wait(0.01):
            server.send(seq, age_s=3600.0)  # a clock that is wrong keeps nobody from grabbing
            seq += 1

    thread = threading.Thread(target=send)
    thread.start()
    yield server
    stop.set()
    thread.join()


def test_the_file_is_the_frame_as_it_was_sent(server, tmp_path):
    path = tmp_path / "frame.jpg"
    lines = []
    thread = threading.Thread(target=lambda: lines.append(grab(server.endpoint, path)))
    thread.start()
    server.wait_for_subscriber()
    server.send(41, model="builtin")
    thread.join(60)
    size = f"{path.stat().st_size / 1000:.0f} kB"
    assert re.fullmatch(rf"{path}: frame 41, {size}, \d+ ms old, from {server.endpoint}", lines[0])
    data = path.read_bytes()
    assert data[:4] == b"\xff\xd8\xff\xe9"
    assert b'"seq": 41' in data
    assert data[-2:] == b"\xff\xd9"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_replaced(frames, tmp_path):
    path = tmp_path / "frame.jpg"
    path.write_bytes(b"old")
    grab(frames.endpoint, path)
    assert path.read_bytes()[:2] == b"\xff\xd8"


def test_where_no_frame_comes_one_line_says_so(server, tmp_path):
    with pytest.raises(WorkError) as caught:
        grab(server.endpoint, tmp_path / "frame.jpg", timeout_s=0.2)
    assert str(caught.value) == f"grabbing from {server.endpoint}: no frame in 0.2 s; expected a server there"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("timeout_s", [1e9, float("inf")])
def test_it_may_wait_as_long_as_anybody_likes(frames, tmp_path, timeout_s):
    grab(frames.endpoint, tmp_path / "frame.jpg", timeout_s=timeout_s)
    assert (tmp_path / "frame.jpg").exists()


def test_a_timeout_that_is_no_number_is_refused(server, tmp_path):
    with pytest.raises(ParameterError, match="timeout = nan: expected seconds"):
        grab(server.endpoint, tmp_path / "frame.jpg", timeout_s=float("nan"))


@pytest.mark.parametrize("path", ["", ".", "/", ".."])
def test_a_folder_in_place_of_a_file_is_refused(frames, path):
    with pytest.raises(ParameterError, match=r"-o .*expected a file that can be written"):
        grab(frames.endpoint, path)


@pytest.mark.parametrize("name", ["missing/frame.jpg", "."])
def test_a_path_that_cannot_be_written_is_one_line_and_leaves_nothing(frames, tmp_path, name):
    with pytest.raises(ParameterError, match=r"-o .*expected a file that can be written"):
        grab(frames.endpoint, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
