"""OSCQuery by a client that was not written here: npm's oscquery reads the tree, and finds it by mDNS."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bandwalk.links import UDP_ONLY
from bandwalk.params import COMMANDS, ROWS, SIGNALS

HERE = Path(__file__).parent
DEADLINE_S = 60


@pytest.fixture(scope="session")
def npm_oscquery():
    """The folder from which node finds npm's oscquery; fetched once, as package-lock.json says."""
    if not (HERE / "node_modules" / "oscquery").is_dir():
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([shutil.which("npm"), "ci", *flags], cwd=HERE, check=True, timeout=100)
    return HERE


def test_npms_oscquery_reads_every_node_with_its_range_and_value(desk, npm_oscquery):
    command = ["node", "oscquery_peer.js", str(desk.port)]
    done = subprocess.run(command, cwd=npm_oscquery, capture_output=True, text=True, check=True, timeout=DEADLINE_S)
    service = json.loads(done.stdout)
    methods = {method["path"]: method for method in service["methods"]}
    assert set(methods) == {x.address for x in (*ROWS, *SIGNALS, *COMMANDS)} - set(UDP_ONLY)
    for row in ROWS:
        method = methods[row.address]
        (argument,) = method["arguments"]
        assert (method["access"], method["description"]) == (3, row.doc)
        assert argument["value"] == desk.store.values[row.address]
        assert argument["type"] == {"b": "T" if row.default else "F"}.get(row.type, row.type)
        if row.type in "fi":
            assert (argument["range"]["min"], argument["range"]["max"]) == (row.lo, row.hi)
            assert argument["clipmode"] == "both"
        if row.choices:
            assert argument["range"]["vals"] == list(row.choices)
    assert service["host"]["oscPort"] == desk.osc_in.port


def test_npms_oscquery_finds_the_server_by_mdns(npm_oscquery):
    """In a network of its own, which has nothing but a loopback that takes multicasts."""
    inside = 'ip link set lo up; ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo; exec "$0" mdns_server.py'
    command = ["unshare", "--net", "--map-root-user", "bash", "-c", inside, sys.executable]
    done = subprocess.run(command, cwd=npm_oscquery, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    port, found = done.stdout.split("\n", 1)
    service = json.loads(found)
    assert service["port"] == int(port)
    assert len(service["methods"]) == len(ROWS) + len(SIGNALS) + len(COMMANDS) - len(UDP_ONLY)
