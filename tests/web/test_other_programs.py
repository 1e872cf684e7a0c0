"""OSCQuery by a client that was not written here: npm's oscquery reads the tree, and finds it by mDNS."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bandwalk.params import ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.params.signals import SIGNALS
from bandwalk.show.web_calls import UDP_ONLY
from bandwalk.web.discovery import instance_name, is_inner_bridge

HERE = Path(__file__).parent
DEADLINE_S = 60


@pytest.fixture(scope="session")
def npm_oscquery():
    """The folder from which node finds npm's oscquery; fetched once, as package-lock.json says."""
    if not (HERE / "node_modules" / "oscquery").is_dir():
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([shutil.which("npm"), "ci", *flags], cwd=HERE, check=True, timeout=250)
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


def test_servers_of_one_name_that_begin_before_the_network_are_found_by_address():
    """On a machine whose name has 55 letters, and which has a bridge for containers."""
    inside = f'mount -t sysfs none /sys; hostname {"x" * 55}; ip link set lo up; exec "$0" mdns_network.py'
    command = ["unshare", "--net", "--uts", "--mount", "--map-root-user", "bash", "-ec", inside, sys.executable]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for kind, port in (("_oscjson._tcp.local.", 9003), ("_osc._udp.local.", 9000)):
        services = found[kind]
        assert len(services) == 2, found
        assert all(name.startswith("bandwalk on xxx") for name in services)
        assert len({server for server, _, _ in services.values()}) == 2
        assert [entry[1:] for entry in services.values()] == [[port, ["10.9.0.1"]]] * 2


@pytest.mark.parametrize("host", ["desk", "x" * 63, "bühne" * 12, "desk.studio.example"])
def test_a_name_fits_a_record_whatever_the_machine_is_called(host):
    name = instance_name(host, 65535, "0f1e")
    assert len(f"{name}-2".encode()) <= 63
    assert name.endswith(" 65535 0f1e")


def test_a_bridge_with_hardware_behind_it_is_a_network_and_one_without_is_not(tmp_path):
    for bridge, port in (("br0", "eth0"), ("docker0", "veth1")):
        (tmp_path / bridge / "bridge").mkdir(parents=True)
        (tmp_path / bridge / "brif" / port).mkdir(parents=True)
        (tmp_path / port).mkdir()
    (tmp_path / "eth0" / "device").mkdir()
    assert [name for name in ("br0", "docker0", "eth0", "veth1", "none") if is_inner_bridge(name, tmp_path)] == [
        "docker0"
    ]
