"""The patch and a real server: menus, pictures, status, a server that goes and comes back, a token, keys, HTTPS."""

import itertools
import signal
import subprocess

import pytest
from server import Osc, Server, run_cli

TOKEN = "correct-horse.battery"


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    """A folder with what makes a server safe in a network: a token, a certificate, keys for frames."""
    folder = tmp_path_factory.mktemp("safe")
    (folder / "token").write_text(TOKEN + "\n")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"]
    files = ["-out", folder / "cert", "-keyout", folder / "key"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    assert run_cli("keys", folder / "keys").returncode == 0
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory, safe):
    arguments = ["demo", "--size", "64x64", "--threads", "1", "--presets", tmp_path_factory.mktemp("presets")]
    arguments += ["--token-file", safe / "token", "--cert", safe / "cert", "--key", safe / "key"]
    with Server(*arguments, "--curve", safe / "keys") as server:
        server.arguments, server.files = arguments, {"token_file": safe / "token", "certificate": safe / "cert"}
        server.files = {name: str(path) for name, path in server.files.items()}
        yield server


@pytest.fixture
def linked(build, until, server):
    """A component that has pictures, parameters and menus."""
    comp = build(port_base=server.base, **server.files)
    until(comp, lambda: comp.par.Status.eval() == "connected" and len(comp.customPages) > 3)
    until(comp, lambda: all(getattr(comp.par, name).menuNames for name in ("Look", "Model", "Source")))
    yield comp
    comp.op("every_frame").module.onExit()


def info(comp):
    return {row[0].val: row[1].val for row in comp.op("info").rows}


def channels(comp):
    return {channel.name: channel[0] for channel in comp.op("status_out").chans}


def test_menus_fill_and_a_choice_is_seen_in_the_picture(linked, until, server):
    assert {"builtin"} <= set(linked.par.Model.menuNames)
    assert "demo" in linked.par.Source.menuNames
    assert {"heartbeat", "tide"} <= set(linked.par.Look.menuNames)
    until(linked, lambda: (linked.par.Model.eval(), linked.par.Source.eval()) == ("builtin", "demo"))
    osc = Osc(server)
    osc.send("/color/brightness", -1.0)
    osc.send("/preset/save", "dark")
    until(linked, lambda: linked.op("picture").array[..., :3].max() < 8)
    until(linked, lambda: _asked_again(linked, "dark" in linked.par.Look.menuNames))
    until(linked, lambda: _asked_again(linked, linked.par.Look.eval() == "dark"))  # it is on
    linked.par.Look.val = "heartbeat"
    until(linked, lambda: linked.op("picture").array[..., :3].max() > 64)
    linked.par.Look.val = "dark"
    until(linked, lambda: linked.op("picture").array[..., :3].max() < 8)
    linked.par.Look.val = "heartbeat"
    until(linked, lambda: linked.op("picture").array[..., :3].max() > 64)
    osc.close()


def test_a_list_that_grows_fills_again_and_the_choice_stays(td, linked, until, server):
    linked.par.Look.val = "heartbeat"
    osc = Osc(server)
    osc.send("/preset/save", "added")
    osc.send("/scene/add", "added")
    osc.settle()
    until(linked, lambda: _asked_again(linked, "added" in linked.par.Look.menuNames))
    until(linked, lambda: _asked_again(linked, linked.par.Look.eval() == "added"))  # what was saved is on
    osc.send("/preset/recall", "tide")
    until(linked, lambda: _asked_again(linked, linked.par.Look.eval() == "tide"))
    until(linked, lambda: _asked_again(linked, "1 added" in linked.par.Scene.menuLabels))
    assert linked.par.Look.eval() == "tide"
    linked.par.Scene.val = "1"
    until(linked, lambda: linked.par.Look.eval() == "added")
    osc.send("/scene/remove", 1)
    osc.settle()
    until(linked, lambda: _asked_again(linked, not linked.par.Scene.menuNames))
    osc.close()


def _asked_again(comp, is_so):
    if not is_so and not comp.op("menus").module._came:
        comp.op("parameter_changed").module.onPulse(comp.par.Refresh)
    return is_so


def test_a_choice_that_is_refused_is_told_and_taken_back(linked, until):
    before = linked.par.Source.eval()
    linked.par.Source.val = "nothing.wav"
    until(linked, lambda: linked.par.Lasterror.eval().startswith("/audio/source"))
    until(linked, lambda: linked.par.Source.eval() == before)
    assert linked.op("errors").rows[-1][1].val == linked.par.Lasterror.eval()
    assert linked.op("errors").numRows <= 20


def test_what_is_set_here_is_sent_and_what_others_set_is_shown(linked, until, server):
    osc = Osc(server)
    linked.par.Stylenoise.val = 0.75
    until(linked, lambda: _told(osc, "/style/noise") == 0.75)
    osc.send("/walk/mid/kind", "orbit")
    osc.send("/master/freeze", 1)
    until(linked, lambda: (linked.par.Walkmidkind.eval(), linked.par.Masterfreeze.eval()) == ("orbit", True))
    osc.send("/master/freeze", 0)
    until(linked, lambda: linked.par.Masterfreeze.eval() is False)
    osc.close()


def _told(osc, address):
    osc.send(address)
    return osc.until(address)[0]


def test_channels_and_the_table_say_how_it_is(linked, until):
    until(linked, lambda: channels(linked)["fps"] > 0)
    assert channels(linked)["lost"] == 0
    assert 0 <= channels(linked)["age_ms"] < 60_000
    assert info(linked)["status"] == "connected"
    assert (info(linked)["model"], info(linked)["width"]) == ("builtin", "64")


def test_pasted_again_it_goes_on_with_what_was_set(linked, build, until, server):
    linked.par.Stylenoise.val = 0.25
    kept = linked.par.Stylenoise
    osc = Osc(server)
    until(linked, lambda: _told(osc, "/style/noise") == 0.25)
    osc.close()
    assert build() is linked
    until(linked, lambda: linked.par.Status.eval() == "connected" and linked.par.Look.menuNames)
    assert linked.par.Stylenoise is kept
    assert kept.eval() == 0.25
    linked.op("picture").array = None
    until(linked, lambda: linked.op("picture").array is not None)


@pytest.mark.parametrize("token", ["", "wrong-token-here\n", None])
def test_a_wrong_token_is_one_line(td, build, until, server, tmp_path, token, monkeypatch):
    monkeypatch.delenv("BANDWALK_TOKEN", raising=False)
    path = tmp_path / "token"
    if token is not None:
        path.write_text(token)
    comp = build(port_base=server.base, **{**server.files, "token_file": str(path)})
    until(comp, lambda: ("token" if token is not None else "Token file") in comp.par.Status.eval())
    line = comp.op("link").module._threads["control"]
    tries = line.tries
    until(comp, lambda: line.tries >= tries + 2)
    assert all(text != after for text, after in itertools.pairwise(td.textport))
    assert channels(comp)["lost"] == 1
    comp.op("every_frame").module.onExit()
    assert comp.op("picture").array is None


def test_frames_come_by_zeromq_to_who_has_the_keys(build, until, server, safe):
    comp = build(port_base=server.base, transport="zeromq", curve=str(safe / "keys"), **server.files)
    until(comp, lambda: comp.op("picture").array is not None and comp.par.Status.eval() == "connected")
    comp.op("every_frame").module.onExit()


@pytest.mark.parametrize("certificate", ["", "none.pem"])
def test_a_wrong_certificate_is_told_in_words(build, until, server, tmp_path, certificate):
    path = str(tmp_path / certificate) if certificate else ""
    comp = build(port_base=server.base, **{**server.files, "certificate": path})
    until(comp, lambda: comp.par.Status.eval().startswith("lost: "))
    assert "ertificate" in comp.par.Status.eval()
    comp.op("every_frame").module.onExit()


def test_a_server_that_says_nothing_is_lost_and_comes_back(linked, until, server):
    until(linked, lambda: channels(linked)["lost"] == 0)
    server.process.send_signal(signal.SIGSTOP)
    until(linked, lambda: channels(linked)["lost"] == 1)
    server.process.send_signal(signal.SIGCONT)
    until(linked, lambda: channels(linked)["lost"] == 0)


def test_a_server_that_was_killed_is_lost_and_another_one_there_is_found(linked, until, server):
    """The last one here: the server is gone after it."""
    until(linked, lambda: channels(linked)["lost"] == 0)
    server.process.kill()
    until(linked, lambda: channels(linked)["lost"] == 1)
    kept = linked.par.Stylenoise
    with Server(*server.arguments, "--style-noise", "0.125", base=server.base):
        until(linked, lambda: channels(linked)["lost"] == 0 and kept.eval() == 0.125)
        assert linked.par.Stylenoise is kept
