"""Processes of this machine: the same pictures, no matter which one draws or dies."""

import multiprocessing
import os
import signal

import av
import pytest
from server import Started

from bandwalk.farm.ordering import frames_a_chunk
from bandwalk.render import render
from bandwalk.render.backends import open_farm
from bandwalk.render.plan import frame_inputs_of

from ..render.conftest import start_of
from .conftest import SECONDS, Killer, children_of, drawn, open_job, title_of, wait_for

WORKER = "spawn_main"


class Watched:
    """A render by two processes, one of which is killed after the first picture.

    pictures: all of them.   most: the most pictures that were begun and not yet seen.   left: processes after it.
    """

    def __init__(self, song):
        self.pictures, self.most, self._begun = [], 0, 0
        job, G = open_job(song, end=2, farm="local:2")
        with open_farm(job, G) as draw:
            for picture in draw(self._counted(frame_inputs_of([job], G))):
                self.most = max(self.most, self._begun - len(self.pictures))
                self.pictures.append(picture.tobytes())
                if len(self.pictures) == 1:
                    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        self.left = multiprocessing.active_children()

    def _counted(self, inputs):
        for frame_input in inputs:
            self._begun += 1
            yield frame_input


@pytest.fixture(scope="module")
def watched(short):
    return Watched(short)


def test_a_worker_that_is_killed_costs_no_picture(watched, short):
    assert watched.pictures == drawn(short, end=2)
    assert len(watched.pictures) == 48


def test_only_as_many_pictures_are_in_work_as_the_workers_need(watched):
    assert watched.most == 2 * 2 * frames_a_chunk(128, 128) < len(watched.pictures)


def test_workers_end_with_the_render(watched):
    assert watched.left == []


def test_a_picture_as_large_as_a_chunk_goes_alone():
    assert [frames_a_chunk(side, side) for side in (128, 512, 1024, 4096)] == [8, 8, 5, 1]


def _workers_of(pid):
    return [child for child in children_of(pid) if WORKER in title_of(child)]


def test_a_worker_that_always_dies_ends_the_render_and_a_resumed_one_is_the_same_clip(short, tmp_path):
    path, whole = tmp_path / "clip.mp4", tmp_path / "whole.mp4"
    with Started("render", short, "-o", path, "--size", "128", "--fps", "24", "--farm", "local:1") as process:
        wait_for(lambda: path.exists() and path.stat().st_size > 0)
        with Killer(process.pid, WORKER) as killer:
            assert process.wait(90) == 1
        said = [line for line in process.stderr().splitlines() if line.startswith("bandwalk: ")]
    assert len(killer.killed) >= 6
    assert len(said) == 1
    assert "6 workers in a row died" in said[0]
    assert "frames are kept, --resume goes on" in said[0]
    with av.open(str(path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert 0 < frames < SECONDS * 24
    assert f"its first {frames} frames" in said[0]
    render(start_of(short, resume=1), str(path))
    render(start_of(short), str(whole))
    assert path.read_bytes() == whole.read_bytes()


def test_workers_end_when_the_leading_process_is_killed(short, tmp_path):
    with Started("render", short, "-o", tmp_path / "clip.mp4", "--farm", "local:1", "--size", "128") as process:
        wait_for(lambda: _workers_of(process.pid))
        (worker,) = _workers_of(process.pid)
        process.send_signal(signal.SIGKILL)
        wait_for(lambda: WORKER not in title_of(worker))


def test_ctrl_c_in_a_terminal_is_for_the_leading_process_alone(short, tmp_path):
    path = tmp_path / "pictures"
    with Started("render", short, "-o", path, "--farm", "local:1", "--size", "128", "--fps", "24") as process:
        wait_for(lambda: path.is_dir() and any(path.iterdir()))
        for pid in (process.pid, *_workers_of(process.pid)):  # as a terminal sends it to all of them
            os.kill(pid, signal.SIGINT)
        assert process.wait(90) == 130
        assert "--resume goes on" in process.stderr()
        assert "Traceback" not in process.stderr()
        assert "died" not in process.stderr()
    assert list(path.iterdir())
