"""Machines of their own, with a firewall and a cable between them."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from namespaces import CLIENT, DEADLINE_S, SERVER, STATEFUL, Machines

HERE = Path(__file__).parent


@pytest.fixture
def machines():
    with contextlib.closing(Machines()) as machines:
        yield machines


def test_behind_a_stateful_firewall_a_subscriber_gets_state_and_features(machines):
    machines.run(machines.client, "nft", "-f", "-", text=STATEFUL)
    command = [*machines.enter(machines.server), sys.executable, "network_server.py", SERVER, CLIENT]
    env = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=HERE, env=env, **pipes) as server:
        port = server.stdout.readline().strip()
        command = [*machines.enter(machines.client), sys.executable, "network_client.py", SERVER, port]
        done = subprocess.run(
            command, cwd=HERE, env=env, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        server.stdin.close()
    assert done.returncode == 0, done.stderr
    assert {"/style/psi", "/walk/low/kind", "/feature/time", "/feature/low/onset"} <= set(done.stdout.split())
