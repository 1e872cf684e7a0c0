"""Frames on their way into a Script TOP: golden bytes, the right way up, newest only, by WebSocket and by ZeroMQ."""

import importlib.util
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import zmq
from hypothesis import given
from hypothesis import strategies as st
from test_wire import FRAME, META, PLAIN, SEGMENT

DEADLINE_S = 30.0


FOLDER = Path(__file__).parents[2] / "clients" / "touchdesigner"


def load(name):
    """A module of the folder as plain Python."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


frames, osc = load("frames"), load("osc")


def make_picture(height=48, width=64):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x // width, 255 * y // height, 255 - 255 * x // width], axis=-1).astype(np.uint8)


def jpeg_of(rgb):
    return simplejpeg.encode_jpeg(rgb, 95, "RGB", "444")


def receive(comp, message):
    """Pass a frame on as the threads do: from another thread, which may use no operator."""
    thread = threading.Thread(target=comp.op("frames").module.NEWEST.put, args=(message, time.monotonic()))
    thread.start()
    thread.join()


def test_the_golden_bytes_come_out_as_the_picture_and_its_description(td, comp):
    receive(comp, FRAME)
    td.frame(comp)
    picture = comp.op("picture")
    assert picture.array.tolist() == [[[128, 128, 128, 255]] * 8] * 8
    assert picture.stored["meta"] == META


def test_a_picture_is_rgba_with_its_lowest_line_first(td, comp):
    rgb = make_picture()
    receive(comp, jpeg_of(rgb))
    td.frame(comp)
    array = comp.op("picture").array
    assert (array.shape, array.dtype) == ((48, 64, 4), np.uint8)
    assert np.abs(array[::-1, :, :3].astype(int) - rgb).mean() < 2
    assert (array[..., 3] == 255).all()


def test_of_many_frames_between_two_frames_of_touchdesigner_the_newest_is_shown_once(td, comp):
    for shade in (10, 100, 200):
        receive(comp, jpeg_of(np.full((16, 16, 3), shade, np.uint8)))
    td.frame(comp)
    td.frame(comp)
    picture, newest = comp.op("picture"), comp.op("frames").module.NEWEST
    assert (picture.cooks, newest.received, newest.skipped) == (1, 3, 2)
    assert abs(picture.array[..., 0].astype(int).mean() - 200) < 2


@pytest.mark.parametrize("message", [b"", b"text", FRAME[:30], b"\xff\xd8\xff\xd9"], ids=repr)
def test_what_is_no_picture_leaves_the_one_before(td, comp, message):
    receive(comp, FRAME)
    td.frame(comp)
    before = comp.op("picture").array
    receive(comp, message)
    td.frame(comp)
    assert np.array_equal(comp.op("picture").array, before)


@pytest.mark.parametrize(
    ("message", "meta"),
    [
        (FRAME, META),
        (PLAIN, {}),
        (PLAIN[:20] + SEGMENT + PLAIN[20:], META),
        (PLAIN[:2] + b"\xff\xff\xff" + SEGMENT + PLAIN[2:], META),
        (PLAIN[:2] + bytes.fromhex("ff e9 00 08 6f 74 68 65 72 00") + SEGMENT + PLAIN[2:], META),
        (b"\xff\xd8\xff\xe9\x00\x01" + bytes(9), {}),
        (b"\xff\xd8\xff\xe9\x00\x0ebandwalk\0\x01{" + PLAIN[2:], {}),
        (b"", {}),
    ],
)
def test_the_description_is_read_as_every_other_client_reads_it(message, meta):
    assert frames.describe(message) == meta


@pytest.mark.parametrize("side", [0, 9000])
def test_a_file_that_declares_a_picture_too_large_is_not_decoded(side):
    at = FRAME.index(b"\xff\xc0")
    assert frames.to_rgba(FRAME) is not None
    assert frames.to_rgba(FRAME[: at + 5] + side.to_bytes(2, "big") * 2 + FRAME[at + 9 :]) is None


@pytest.mark.parametrize("with_keys", [False, True])
def test_zeromq_gives_the_same_bytes_from_a_thread_that_touches_no_operator(td, build, until, tmp_path, with_keys):
    with zmq.Context() as context, context.socket(zmq.XPUB) as server:
        server.linger = 0
        if with_keys:
            (public, secret), own = zmq.curve_keypair(), zmq.curve_keypair()
            server.curve_server, server.curve_secretkey = True, secret
            files = {"server.public": public, "client.public": own[0], "client.secret": own[1]}
            for name, key in files.items():
                (tmp_path / name).write_bytes(key + b"\n")
        base = server.bind_to_random_port("tcp://127.0.0.1") - 2
        comp = build(port_base=base, transport="zeromq", curve=str(tmp_path) if with_keys else "")
        assert server.poll(DEADLINE_S * 1000), "no subscription came"
        server.recv()

        def has_come():
            server.send(FRAME)
            return comp.op("picture").array is not None

        until(comp, has_come)
        assert comp.op("picture").stored["meta"] == META
        (thread,) = [thread for thread in threading.enumerate() if thread.name == "bandwalk-frames"]
        comp.op("every_frame").module.onExit()
        assert not thread.is_alive()


def test_keys_that_are_not_there_are_one_line(td, build, tmp_path):
    comp = build(port_base=9500, transport="zeromq", curve=str(tmp_path))
    td.frame(comp)
    assert "server.public" in comp.par.Status.eval()
    comp.op("every_frame").module.onExit()


def test_the_stand_in_refuses_what_touchdesigner_refuses(td, comp):
    picture, refused = comp.op("picture"), []

    def elsewhere():
        try:
            comp.op("picture")
        except Exception as e:  # noqa: BLE001
            refused.append(str(e))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "main thread only" in refused[0]
    for wrong in (np.zeros((8, 8, 4)), np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8)[::-1]):
        with pytest.raises(Exception, match="copyNumpyArray"):
            picture.copyNumpyArray(wrong)
    picture.copyNumpyArray(np.zeros((8, 8, 1), np.float32))
    with pytest.raises(AttributeError, match="has no parameter"):
        picture.par.nosuch = 1
    with pytest.raises(AttributeError, match="has no colour"):
        comp.par.Host.colour = 1


def test_the_stand_in_refuses_names_menus_modes_and_storage_that_touchdesigner_refuses(td, comp):
    page = comp.appendCustomPage("X")
    for name in ("low_gain", "lowgain", "LowGain", "Low gain", "1low"):
        with pytest.raises(Exception, match="custom parameter"):
            page.appendFloat(name)
    with pytest.raises(Exception, match="a page X"):
        comp.appendCustomPage("X")
    with pytest.raises(Exception, match="cannot create"):
        comp.create(td.textDAT, "a-b")
    with pytest.raises(Exception, match="different families"):
        comp.op("out_picture").inputConnectors[0].connect(comp.op("features"))
    menu = page.appendMenu("Menu")[0]
    menu.menuNames, menu.menuLabels = ["a", "b"], ["A"]
    with pytest.raises(Exception, match="2 names and 1 labels"):
        menu.val = "a"
    with pytest.raises(TypeError, match="ParMode"):
        menu.mode = "EXPRESSION"
    for wrong in (threading.Lock(), lambda: 0):
        with pytest.raises(Exception, match="pickle"):
            comp.store("x", wrong)
    comp.create(td.executeDAT, "wrong").text = "def onFrame(frame): pass"
    with pytest.raises(Exception, match="never calls"):
        comp.op("wrong").module  # noqa: B018
    assert json.dumps(comp.op("picture").path) == '"/project1/bandwalk/picture"'


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_packet_a_picture_or_nothing(data):
    for message in (data, b"\xff\xd8" + data, b"\xff\xd8\xff\xe9" + data):
        assert isinstance(frames.describe(message), dict)
    for packet in (data, b"/x\0\0" + data, b"#bundle\0" + bytes(8) + data):
        assert all(isinstance(address, str) for address, _ in osc.decode(packet))
