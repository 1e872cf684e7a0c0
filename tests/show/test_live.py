"""A show in a process of its own, watched and steered over real sockets."""

import io
import json
import re
import socket
import time
import urllib.request

import numpy as np
import pytest
import soundfile
from frames import meta_of, picture_of, pixels_of
from PIL import Image
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from server import Frames, Osc, Server
from sounds import beat, tone
from websockets.sync.client import connect

from bandwalk.params.signals import SHORT

SMALL = ("--size", "64x64", "--threads", "1")


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    soundfile.write(folder / "beat.wav", beat(8.0), 48_000)
    soundfile.write(folder / "low.wav", tone(60, 20), 48_000)
    (folder / "text.wav").write_text("this is no sound\n")
    return folder


@pytest.fixture(scope="module")
def server(music, tmp_path_factory):
    folders = ("--music", music, "--presets", tmp_path_factory.mktemp("presets"), "--models", music)
    with Server("demo", *SMALL, *folders, "--fps", "30") as running:
        yield running


@pytest.fixture
def frames(server):
    subscriber = Frames(server)
    yield subscriber
    subscriber.close()


@pytest.fixture
def osc(server):
    controller = Osc(server)
    yield controller
    controller.close()


def test_frames_are_jpeg_files_that_tell_what_they_are(frames):
    first = meta_of(frames.next())
    message = frames.next()
    meta = meta_of(message)
    assert meta["seq"] > first["seq"]
    frame_times = (meta["t_audio"] * 30, first["t_audio"] * 30)
    assert frame_times == pytest.approx([round(k) for k in frame_times], abs=1e-3)
    assert meta["t_audio"] > first["t_audio"]
    assert (meta["width"], meta["height"], meta["fps"], meta["model"]) == (64, 64, 30.0, "builtin")
    assert meta["t_capture"] <= meta["t_publish"] <= time.time()
    assert meta["t_publish"] - meta["t_capture"] < 5.0
    assert set(meta["features"]) == {"low", "mid", "high", "air", *SHORT, "key"}
    assert set(meta["features"]["low"]) == {"level", "change", "onset"}
    assert Image.open(io.BytesIO(message)).size == (64, 64)


def test_the_demo_moves_the_picture(frames):
    seen = {picture_of(frames.next()) for _ in range(45)}
    assert len(seen) > 10


def test_features_arrive_each_step_as_flat_numbers(osc):
    t0 = t = osc.until("/feature/time")[0]
    for step in range(1, 50):
        t = osc.until("/feature/time", lambda told, t=t: told != t)[0]  # it is in each bundle of a step
        assert t == pytest.approx(t0 + step * 0.01, abs=1e-4)
    level = osc.until("/feature/low/level")
    assert len(level) == 1
    assert 0 <= level[0] <= 1
    assert osc.until("/feature/high/onset")[0] in (0, 1)
    assert osc.until("/frame/seq")[0] >= 0
    assert 0 <= osc.until("/frame/age_ms")[0] < 5000


def test_a_change_by_osc_is_seen_in_the_picture_and_echoed_to_the_others(server, frames, osc):
    other = Osc(server)
    osc.until("/feature/time")
    other.until("/feature/time")
    osc.send("/master/blackout", 1)
    osc.send("/master/fade", 0.0)
    other.until("/master/blackout", lambda told: told == 1)
    frames.until(lambda message: pixels_of(message).max() < 8)
    osc.send("/master/blackout", 0)
    frames.until(lambda message: pixels_of(message).mean() > 20)
    other.close()


@pytest.mark.parametrize(("family", "ip"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_connected_socket_on_either_loopback_hears_state_features_and_frames(server, family, ip):
    """Such a socket, and a firewall that keeps state, take only what leaves from the port that was asked."""
    wanted = {"/style/psi", "/walk/low/kind", "/feature/low/level", "/frame/seq"}
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.connect((ip, server.base))
        sock.send(OscMessageBuilder("/subscribe").build().dgram)
        while wanted:
            packet = sock.recv(65536)
            if OscBundle.dgram_is_bundle(packet):
                wanted -= {content.address for content in OscBundle(packet) if isinstance(content, OscMessage)}
        sock.send(OscMessageBuilder("/unsubscribe").build().dgram)


def test_osc_over_tcp_has_the_number_of_the_udp_port(server):
    packet = OscMessageBuilder("/style/psi").build().dgram
    with socket.create_connection(("127.0.0.1", server.base), 30) as sock:
        sock.sendall(len(packet).to_bytes(4, "big") + packet)
        size = int.from_bytes(sock.recv(4, socket.MSG_WAITALL), "big")
        assert OscMessage(sock.recv(size, socket.MSG_WAITALL)).address == "/style/psi"


def test_freeze_rests_and_transform_still_turns(frames, osc):
    osc.send("/master/freeze", 1)
    still = frames.after(osc)
    osc.send("/transform/rotate", 45.0)
    frames.until(lambda m: np.abs(pixels_of(m) - pixels_of(still)).mean() > 5)
    osc.send("/transform/rotate", 0.0)
    frames.until(lambda m: picture_of(m) == picture_of(still))
    osc.send("/master/freeze", 0)
    frames.until(lambda m: picture_of(m) != picture_of(still))


def test_a_bump_moves_one_band_and_reset_brings_it_back(frames, osc):
    for band in ("low", "mid", "high"):
        osc.send(f"/walk/{band}/enabled", 0)
    for band in ("low", "mid", "high"):
        osc.send(f"/walk/{band}/reset")
    start = frames.after(osc)
    osc.send("/walk/low/enabled", 1)
    osc.send("/walk/low/gain", 0.0)
    osc.send("/walk/low/reset")
    frames.until(lambda m: picture_of(m) == picture_of(start))
    osc.send("/walk/low/gain", 8.0)
    osc.send("/walk/low/bump")
    frames.until(lambda m: picture_of(m) != picture_of(start))
    for band in ("low", "mid", "high"):
        osc.send(f"/walk/{band}/enabled", 1)
        osc.send(f"/walk/{band}/gain", 1.0)


def test_the_size_and_rate_change_while_it_runs(frames, osc):
    osc.send("/out/size", "160x128")
    frames.until(lambda m: Image.open(io.BytesIO(m)).size == (160, 128) and meta_of(m)["width"] == 160)
    osc.send("/out/size", 256)
    frames.until(lambda m: pixels_of(m).shape == (256, 256, 3))
    osc.send("/out/size", "77")
    osc.until("/error", lambda _, reason: "expected a side from 128 to 4096" in reason)
    osc.send("/out/size", "64x64")
    osc.send("/out/fps", 10.0)
    frames.until(lambda m: meta_of(m)["fps"] == 10.0 and meta_of(m)["width"] == 64)
    times = [meta_of(frames.next())["t_audio"] for _ in range(5)]
    assert np.diff(times) * 10 == pytest.approx(np.round(np.diff(times) * 10), abs=1e-3)
    assert min(np.diff(times)) > 0.09
    osc.send("/out/fps", 30.0)
    frames.until(lambda m: meta_of(m)["fps"] == 30.0)


def _until_the_tone(osc, steps=20):
    """Wait until low.wav is heard: for so many steps on end the RMS of its tone, which music has only in passing."""
    run = 0
    while run < steps:
        (rms,) = osc.until("/feature/low/rms")
        run = run + 1 if rms == pytest.approx(0.3 / np.sqrt(2), rel=0.1) else 0


def test_another_source_takes_over_and_a_missing_one_leaves_the_old(frames, osc):
    osc.send("/audio/source", "low.wav")
    _until_the_tone(osc)
    for name in ("nothing.wav", "text.wav", "../low.wav", "/etc/passwd"):
        osc.send("/audio/source", name)
        osc.until("/error", lambda address, _: address == "/audio/source")
        _until_the_tone(osc)
    osc.send("/audio/source")
    assert osc.until("/audio/source", lambda name: name == "low.wav")
    osc.send("/transport/pause")
    osc.until("/feature/low/rms", lambda rms: rms < 1e-6)
    osc.send("/transport/play")
    osc.until("/feature/low/rms", lambda rms: rms > 0.1)
    osc.send("/audio/source", "demo")
    frames.next()


def test_delay_holds_pictures_back(frames, osc):
    def age(message):
        meta = meta_of(message)
        return meta["t_publish"] - meta["t_capture"]

    frames.until(lambda m: age(m) < 0.4)  # a busy machine makes some older
    osc.send("/out/delay_ms", 500.0)
    ages = [age(frames.after(osc))]
    while min(ages[-5:]) < 0.45 or len(ages) < 5:  # pictures that were drawn before go out first
        ages.append(age(frames.next()))
    assert ages[-1] < 5.0
    osc.send("/out/delay_ms", 0.0)
    frames.until(lambda m: age(m) < 0.4)


def test_black_does_not_wait_for_the_delay(frames, osc):
    osc.send("/master/fade", 0.0)
    osc.send("/out/delay_ms", 2000.0)
    osc.send("/master/blackout", 1)
    sent = time.monotonic()
    frames.until(lambda m: pixels_of(m).max() < 8)
    assert time.monotonic() - sent < 2.0
    osc.send("/out/delay_ms", 0.0)
    osc.send("/master/blackout", 0)
    osc.send("/master/fade", 0.5)
    frames.until(lambda m: pixels_of(m).mean() > 20)


def test_with_idle_nothing_is_drawn_while_nobody_watches(server, osc):
    osc.send("/out/idle", 1)
    with Frames(server) as watcher:
        watcher.after(osc)
    seen = []

    def rests(address, *args):
        """Whether no picture was drawn in a second of sound; it takes a moment to notice that nobody is there."""
        if address == "/frame/seq":
            seen.clear()
        elif address == "/feature/time":
            seen.append(args[0])
        return bool(seen) and seen[-1] > seen[0] + 1.0

    osc.until_any(rests)
    with Frames(server) as again:
        again.next()
    osc.send("/out/idle", 0)


def test_a_browser_watches_the_bytes_that_zeromq_sends_and_wakes_an_idle_server(server, osc):
    osc.send("/out/idle", 1)
    with connect(f"ws://127.0.0.1:{server.base + 3}/frames") as browser, Frames(server, repeats=True) as frames:
        frames.next()  # both are there
        seen = {meta_of(message)["seq"]: message for message in (browser.recv(timeout=30) for _ in range(15))}
        same = frames.until(lambda message: meta_of(message)["seq"] in seen)
        assert same == seen[meta_of(same)["seq"]]
    with connect(f"ws://127.0.0.1:{server.base + 3}/frames") as browser:
        newest = meta_of(browser.recv(timeout=30))["seq"]
        assert meta_of(browser.recv(timeout=30))["seq"] > newest > max(seen)
    osc.send("/out/idle", 0)


def test_the_tree_shows_the_running_show(server, osc):
    osc.send("/style/psi", 0.5)
    osc.settle()
    base = f"http://127.0.0.1:{server.base + 3}"
    with urllib.request.urlopen(f"{base}/style/psi?VALUE", timeout=30) as answer:
        assert json.load(answer) == {"VALUE": [0.5]}
    with urllib.request.urlopen(f"{base}/feature/time?VALUE", timeout=30) as answer:
        assert json.load(answer)["VALUE"][0] > 0
    with urllib.request.urlopen(f"{base}/metrics", timeout=30) as answer:
        assert re.search(r"^bandwalk_frames_total [1-9]", answer.read().decode(), re.MULTILINE)
    osc.send("/style/psi", 1.0)


def test_a_preset_saves_and_recalls_the_whole_state(frames, osc):
    osc.send("/style/psi", 0.4)
    osc.send("/preset/save", "mine")
    osc.send("/style/psi", 1.2)
    osc.until_it_is("/style/psi", pytest.approx(1.2))
    osc.send("/preset/recall", "mine", 0.0)
    osc.until_it_is("/style/psi", pytest.approx(0.4))
    for name in ("../mine", "no-such"):
        osc.send("/preset/recall", name)
        osc.until("/error", lambda address, _: address == "/preset/recall")
    osc.send("/preset/recall", "page")
    osc.send("/style/psi", 1.0)


def test_models_are_listed_and_a_missing_one_leaves_the_old(frames, osc):
    osc.send("/model/list")
    osc.until("/model/name", lambda name: name == "builtin")
    osc.send("/model/load", "no-such.pkl")
    osc.until("/error", lambda address, _: address == "/model/load")
    assert meta_of(frames.next())["model"] == "builtin"


def test_styles_that_the_model_has_not_are_said_and_ignored(frames, osc):
    osc.send("/mix/low/layers", "0-2,12-20")
    osc.until("/error", lambda _, reason: "14 and up are ignored" in reason)
    osc.send("/mix/low/layers", "coarse")
    frames.next()


def test_bends_of_styles_that_the_model_has_not_are_said_once_they_are_asked_for(frames, osc):
    osc.send("/bend/a/layers", "20")
    osc.send("/bend/a/kind", "flip_x")
    osc.until("/error", lambda _, reason: reason.startswith("/bend/a/layers = 20: builtin has styles 0-13"))
    osc.send("/bend/a/kind", "none")
    osc.send("/bend/a/layers", "4")
    frames.next()


def test_stats_tell_every_stage(osc):
    osc.send("/stats")
    assert osc.until("/stats/synth/median_ms")[0] > 0
    assert osc.until("/stats/fps")[0] > 0
    assert osc.until("/stats/late")[0] >= 0
    osc.send("/ping", 42)
    osc.until("/pong", lambda number: number == 42)


def test_taps_set_the_beat_and_a_resync_begins_a_bar(osc):
    times = []
    for _ in range(6):
        osc.send("/beat/tap")
        times.append(time.monotonic())
        time.sleep(0.3)
    osc.until("/beat/from", lambda told: told == "tap")
    bpm = 60 * (len(times) - 1) / (times[-1] - times[0])
    osc.until("/feature/bpm", lambda told: told == pytest.approx(bpm, rel=0.15))
    osc.send("/beat/from", "manual")
    osc.send("/beat/bpm", 20.0)  # no bar for twelve seconds
    osc.until("/feature/bpm", lambda told: told == 20.0)
    osc.send("/beat/resync")
    osc.until("/feature/bar", lambda told: told == 1, timeout_s=11)
    osc.send("/beat/divide", "/2")
    osc.until("/feature/bpm", lambda told: told == 20.0)  # the slowest that is shown
    osc.send("/beat/divide", "x2")
    osc.until("/feature/bpm", lambda told: told == 40.0)
    for address, value in (("/beat/divide", "x1"), ("/beat/bpm", 120.0), ("/beat/from", "auto")):
        osc.send(address, value)
