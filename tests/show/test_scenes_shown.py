"""Scenes of a running show, over real sockets."""

from pathlib import Path

import pytest
import soundfile
from frames import meta_of
from server import Frames, Osc, Server
from sounds import beat

DATA = Path(__file__).parents[1] / "data"
MANUAL = ("--beat-from", "manual", "--beat-bpm", "240", "--scene-glide", "1", "--auto-bars", "1", "--auto-enabled")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("scenes")
    for name, psi in (("tide", 0.9), ("neon", 0.8), ("bloom", 0.7)):
        (made / f"{name}.toml").write_text(f"[style]\npsi = {psi}\n")
    soundfile.write(made / "beat.wav", beat(4.0), 48_000)
    return made


@pytest.fixture(scope="module")
def server(folder):
    flags = ("--size", "64x64", "--threads", "1", "--presets", folder, "--music", folder, "--models", folder)
    with Server(folder / "beat.wav", *flags, *MANUAL) as running:
        yield running


@pytest.fixture
def osc(server):
    controller = Osc(server)
    yield controller
    controller.close()


def test_the_autopilot_changes_by_itself_and_says_so(server, osc):
    server.wait_for(r"autopilot: bar \d+: \w+ \(1 bars\)")  # no scenes yet: it takes the presets
    osc.send("/auto/enabled", 0)
    osc.send("/stats")
    assert osc.until("/auto/told")[0].startswith("bar ")


def test_scenes_are_put_in_order_and_changed_on_the_bar_and_all_are_told(server, osc, folder):
    other = Osc(server)
    osc.send("/auto/enabled", 0)
    for n, name in enumerate(("neon", "tide", "bloom"), 1):
        osc.send("/scene/add", name)
        osc.until("/scene/count", lambda count, n=n: count == n)
    osc.send("/scene/move", 1, 2)
    osc.until("/scene/item", lambda place, name, model: (place, name) == (1, "tide"))
    osc.send("/scene/go", 1)
    other.until("/scene/current", lambda name: name == "tide")
    osc.send("/scene/next")
    other.until("/scene/pending", lambda name: name == "neon")
    other.until("/style/psi", lambda psi: psi == pytest.approx(0.8))
    other.until("/scene/current", lambda name: name == "neon")
    osc.send("/scene/go", "bloom")
    other.until("/scene/place", lambda place: place == 3)
    osc.send("/scene/next")  # after the last the first
    other.until("/scene/current", lambda name: name == "tide")
    osc.send("/scene/previous")
    other.until("/scene/current", lambda name: name == "bloom")
    osc.send("/stats")
    osc.until("/scene/current", lambda name: name == "bloom")
    osc.send("/scene/remove", 3)
    osc.until("/scene/count", lambda count: count == 2)
    assert "bloom" not in (folder / "show.scenes.toml").read_text()
    other.close()


def test_what_cannot_be_is_refused_in_a_line(osc):
    for address, args in (
        ("/scene/go", ("nothing like it",)),
        ("/scene/add", ("nothing like it",)),
        ("/scene/add", ("tide", "no-such-model.pkl")),
        ("/scene/remove", (9,)),
    ):
        osc.send(address, *args)
        assert "expected" in osc.until("/error", lambda about, reason, address=address: about == address)[1]


def test_a_scene_with_a_model_waits_for_it_and_brings_it_on(osc, server, folder):
    (folder / "small.pkl").write_bytes((DATA / "a0_sg2ada_64_tiny.pkl").read_bytes())
    osc.send("/auto/enabled", 0)
    for name in ("bloom", "tide"):  # one of them is new
        osc.send("/preset/recall", name)
    osc.until("/scene/current", lambda name: name == "tide")
    osc.send("/scene/add", "neon", "small.pkl")
    place = osc.until("/scene/item", lambda place, name, model: (name, model) == ("neon", "small.pkl"))[0]
    osc.send("/scene/go", place)
    with Frames(server) as frames:
        osc.until("/scene/place", lambda at: at == place)
        frames.until(lambda message: "small" in meta_of(message)["model"])
