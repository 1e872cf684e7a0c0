"""Spout and Syphon with stand-ins for their libraries, which exist on Windows and macOS alone."""

import importlib
import sys
import types

import numpy as np
import pytest


class SpoutSender:
    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *args: self.calls.append((name, *args))


class SyphonMetalServer:
    def __init__(self, name):
        self.name, self.device, self.published, self.is_stopped = name, object(), [], False

    def publish_frame_texture(self, texture, *, is_flipped):
        self.published.append((texture["image"].copy(), is_flipped))

    def stop(self):
        self.is_stopped = True


def load(monkeypatch, kind, **modules):
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name.replace("__", "."), module)
    monkeypatch.delitem(sys.modules, f"bandwalk_client.bridge.{kind}", raising=False)
    return importlib.import_module(f"bandwalk_client.bridge.{kind}")


@pytest.fixture
def pictures(picture):
    return [picture, picture[:16, :32]]


def test_spout_gets_rgba_bytes_the_right_way_up(monkeypatch, pictures):
    module = load(monkeypatch, "spout", SpoutGL=types.SimpleNamespace(SpoutSender=SpoutSender))
    sink = module.Sink("stage")
    for rgb in pictures:
        sink.send(rgb, 30.0)
    sink.close()
    (_, name), *sent, (last,) = sink._sender.calls
    assert (name, last) == ("stage", "releaseSender")
    for rgb, (call, data, width, height, form, inverted, host_fbo) in zip(pictures, sent, strict=True):
        assert (call, form, inverted, host_fbo) == ("sendImage", 0x1908, False, 0)
        rgba = np.frombuffer(data, np.uint8).reshape(height, width, 4)
        assert np.array_equal(rgba[..., :3], rgb)
        assert (rgba[..., 3] == 255).all()


def test_syphon_gets_rgba_textures_of_the_pictures_size(monkeypatch, pictures):
    def create(device, width, height):
        return {"size": (width, height)}

    def copy(image, texture):
        assert (image.flags.c_contiguous, image.dtype) == (True, np.uint8)
        assert texture["size"] == (image.shape[1], image.shape[0])
        texture["image"] = image

    module = load(
        monkeypatch,
        "syphon",
        syphon=types.SimpleNamespace(SyphonMetalServer=SyphonMetalServer),
        syphon__utils=types.SimpleNamespace(),
        syphon__utils__numpy=types.SimpleNamespace(copy_image_to_mtl_texture=copy),
        syphon__utils__raw=types.SimpleNamespace(create_mtl_texture=create),
    )
    sink = module.Sink("stage")
    for rgb in (*pictures, pictures[1]):
        sink.send(rgb, 30.0)
    sink.close()
    assert (sink._server.name, sink._server.is_stopped) == ("stage", True)
    for rgb, (image, is_flipped) in zip((*pictures, pictures[1]), sink._server.published, strict=True):
        assert is_flipped
        assert np.array_equal(image[..., :3], rgb)
        assert (image[..., 3] == 255).all()
