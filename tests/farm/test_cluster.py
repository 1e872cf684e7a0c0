"""A real Ray cluster on loopback: the same pictures, no matter which worker draws or dies."""

import contextlib
import os
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from server import Started, run_cli

from bandwalk.cli.app import main
from bandwalk.errors import ParameterError, WorkError
from bandwalk.farm import cluster as cluster_module
from bandwalk.farm.clip_setup import to_chunk
from bandwalk.farm.cluster import Cluster, joined
from bandwalk.farm.ordering import in_order
from bandwalk.render.backends import clip_setup_of
from bandwalk.render.plan import frame_inputs_of

from .conftest import Killer, children_of, drawn, open_job

MODEL = Path(__file__).parents[1] / "data" / "a0_sg2ada_64_tiny.pkl"
AT_WORK = "ray::_draw_chunk"
PICTURE = 128 * 128 * 3


@pytest.fixture(scope="module")
def address():
    """Where the cluster is that this process has begun."""
    with joined("", 2):
        import ray

        yield ray.get_runtime_context().gcs_address


def test_a_worker_that_is_killed_at_work_costs_no_picture_of_a_clip(short, address):
    """Another process joins the cluster: what comes out of it is pictures and nothing else."""
    slow = {"exact": 1, "end": 1.0}  # so that there is time to be killed in
    flags = ("--size", "128", "--fps", "24", "--end", "1", "--exact", "--farm", f"ray:{address}")
    with (
        Started("render", short, "-o", "-", *flags, pipe=True) as process,
        Killer(os.getpid(), AT_WORK, most=1) as killer,
    ):
        pictures = list(iter(lambda: process.stdout.read(PICTURE), b""))
        assert process.wait(90) == 0, process.stderr()
    assert len(killer.killed) == 1
    assert len(pictures) == 24
    assert pictures == drawn(short, **slow)


def test_a_model_file_goes_to_the_workers_with_what_was_decided_about_it(short, address, tmp_path):
    model = tmp_path / MODEL.name
    model.write_bytes(MODEL.read_bytes())
    flags = {"model": model, "end": 0.5}
    expected = drawn(short, **flags)
    job, G = open_job(short, **flags)
    with closing(Cluster(clip_setup_of(job, G))) as cluster:
        model.unlink()  # as on another machine
        assert [picture.tobytes() for picture in in_order(frame_inputs_of([job], G), cluster, 8)] == expected


def test_a_worker_that_always_dies_ends_the_render(short, address, monkeypatch):
    monkeypatch.setattr(cluster_module, "_MAX_DEATHS", 1)  # each start takes seconds: Ray, torch
    job, G = open_job(short)
    with (
        closing(Cluster(clip_setup_of(job, G))) as cluster,
        Killer(os.getpid(), AT_WORK) as killer,
        pytest.raises(WorkError, match="--farm ray: "),
    ):
        cluster.end(cluster.begin(to_chunk(list(islice(frame_inputs_of([job], G), 4)))))
    assert len(killer.killed) == 2


def _listening(pids):
    """Addresses on which processes listen for TCP, as the kernel writes them."""
    sockets = set()
    for pid in pids:
        with contextlib.suppress(OSError):  # it has just ended, or closed one
            sockets |= {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path(f"/proc/net/{name}").read_text() for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {line[1].split(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}


def test_a_cluster_of_our_own_is_closed_to_all_others(address):
    assert address.startswith("127.0.0.1:")
    heard = _listening([os.getpid(), *children_of(os.getpid())])
    assert heard
    assert heard <= {"0100007F", "0000000000000000FFFF00000100007F"}  # 127.0.0.1, and the same for IPv6
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_a_cluster_without_room_is_refused(short, address):
    job, G = open_job(short, threads=200)
    with pytest.raises(ParameterError, match="no room for a worker; expected 200 cores"):
        Cluster(clip_setup_of(job, G))


def test_no_cluster_at_an_address_is_one_line(short):
    done = run_cli("render", short, "-o", "-", "--farm", "ray:127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "bandwalk: --farm = ray:127.0.0.1:1: Connection refused; expected a Ray cluster there"
    )


def test_without_ray_one_line_says_how_it_is_had(short, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("BANDWALK_ENVIRONMENT", "1")
    monkeypatch.setattr(sys, "argv", ["bandwalk", "render", str(short), "-o", str(tmp_path / "x.mp4"), "--farm", "ray"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("bandwalk: ")]
    assert said == ["bandwalk: this command needs ray: pip install 'bandwalk[ray]'"]
    assert list(tmp_path.iterdir()) == []
