"""Models that are not square, and such with opacity, through the whole way: shown, exchanged, rendered, on sheets."""

import io
import subprocess

import av
import numpy as np
import pytest
import soundfile
import torch
from frames import meta_of
from generator import shaped
from PIL import Image
from server import Frames, Osc, Server
from sounds import beat
from websockets.sync.client import connect

from bandwalk.commands import sheet
from bandwalk.commands.directions import make_directions
from bandwalk.commands.inspect_model import describe
from bandwalk.commands.requests import DirectionsRequest, SheetRequest
from bandwalk.generator import load
from bandwalk.generator.given import read_w
from bandwalk.params import defaults
from bandwalk.pipeline.joined_styles import join_styles
from bandwalk.pipeline.start import resolve
from bandwalk.render import render

OWN = {"human.pkl": (16, 32), "wide.pkl": (56, 32), "rgba.pkl": (512, 512), "builtin": (512, 512)}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    shaped.write_persistence(shaped.stylegan2(4, 2), folder / "human.pkl")
    shaped.write_tensorflow(shaped.to_tensorflow(shaped.stylegan2(4, 7)), folder / "wide.pkl")
    shaped.write_persistence(shaped.stylegan2(4, 4, colours=4), folder / "rgba.pkl")
    chosen = np.random.default_rng(2).standard_normal((1, 8, shaped.W)).astype(np.float32)
    np.savez(folder / "human.npz", w=chosen)
    soundfile.write(folder / "song.wav", beat(2.0), 48_000)
    return folder


def opened(message):
    return Image.open(io.BytesIO(message))


def test_a_show_has_the_shape_of_its_model_and_follows_it_when_that_is_exchanged(models):
    """Square, not square, with opacity, embedded, while a socket, a browser and a controller watch."""
    args = ("demo", "--model", models / "human.pkl", "--w", models / "human.npz", "--models", models, "--threads", 1)
    with Server(*args, "--fps", 20) as server, Frames(server) as frames:
        osc = Osc(server)
        with connect(f"ws://127.0.0.1:{server.base + 3}/frames") as browser:
            for name in ("human.pkl", "rgba.pkl", "wide.pkl", "builtin", "human.pkl"):
                if name != "human.pkl" or meta_of(frames.next())["model"] != "human":
                    osc.send("/model/load", name)
                width, height = OWN[name]
                stem = name.removesuffix(".pkl")
                is_own = lambda m, stem=stem, size=(width, height): (  # noqa: E731
                    (meta_of(m)["model"], meta_of(m)["width"], meta_of(m)["height"]) == (stem, *size)
                )
                message = frames.until(is_own)
                assert opened(message).size == (width, height)
                assert meta_of(message).get("alpha", False) is (name == "rgba.pkl")
                while not is_own(browser.recv(timeout=30)):
                    pass
        osc.send("/out/size", "48x64")  # a size that was chosen is kept
        frames.until(lambda m: opened(m).size == (48, 64))
        osc.send("/model/load", "wide.pkl")
        message = frames.until(lambda m: meta_of(m)["model"] == "wide")
        assert opened(message).size == (48, 64)
        osc.close()


def start_of(models, model, **flags):
    flags = {"model": str(models / model), "out_fps": "12", "threads": "1", **flags}
    return resolve({name: str(value) for name, value in flags.items()}, str(models / "song.wav"))


@pytest.mark.parametrize("farm", ["", "local:1"])
def test_a_clip_has_the_shape_of_its_model_whoever_draws_it(models, tmp_path, farm):
    render(start_of(models, "human.pkl", end=0.5, farm=farm), str(tmp_path / "clip.mp4"))
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-select_streams", "v", "-of", "csv=p=0"]
    found = subprocess.run([*probe, tmp_path / "clip.mp4"], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "16,32"


def shown_over_black(rgba):
    return rgba[..., :3].astype(float) * rgba[..., 3:] / 255.0


@pytest.mark.parametrize(("size", "tolerance"), [("32x32", 1.0), ("64x40", 3.0)])
def test_opacity_goes_into_pictures_and_prores_only(models, tmp_path, size, tolerance):
    for name in ("stills", "clip.mov", "clip.mp4", "clip.webm"):
        render(start_of(models, "rgba.pkl", end=0.25, out_size=size, exact=1, out_fit="fit"), str(tmp_path / name))
    still = np.asarray(Image.open(tmp_path / "stills" / "000000.png"))
    assert still.shape[2] == 4
    assert 10 < still[..., 3].mean() < 245
    with av.open(str(tmp_path / "clip.mov")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.pix_fmt, stream.codec_context.profile) == ("yuva444p12le", "4444")
        first = next(container.decode(video=0)).to_ndarray(format="rgba")
    assert np.abs(first[..., 3].astype(int) - still[..., 3]).max() <= 1
    assert np.abs(shown_over_black(first) - shown_over_black(still)).mean() < tolerance
    for name in ("clip.mp4", "clip.webm"):
        with av.open(str(tmp_path / name)) as container:
            assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
            first = next(container.decode(video=0)).to_ndarray(format="rgb24")
        assert np.abs(first - shown_over_black(still)).mean() < 12.0


def test_a_faded_clip_keeps_its_opacity(models, tmp_path):
    start = start_of(models, "rgba.pkl", end=0.1, out_size="32x32", master_blackout=1, master_fade=0)
    render(start, str(tmp_path / "stills"))
    still = np.asarray(Image.open(tmp_path / "stills" / "000001.png"))
    assert still[..., :3].max() == 0
    assert still[..., 3].mean() > 10


@pytest.mark.parametrize("kind", sheet.KINDS)
def test_sheets_show_whole_pictures(models, tmp_path, kind):
    line = sheet.write_sheet(str(models / "wide.pkl"), tmp_path / "a.png", SheetRequest(kind=kind, size=56))
    rgb = np.asarray(Image.open(tmp_path / "a.png"))
    assert line.endswith(f"{rgb.shape[1]}x{rgb.shape[0]}")
    G = load(models / "wide.pkl")
    one = sheet.tile(G, G.map(np.zeros((1, G.z_dim), np.float32)), "0", 56)
    rows, columns = {"seeds": (5, 6), "mix": (6, 6), "walk": (4, 8)}[kind]
    assert rgb.shape[:2] == (rows * (one.shape[0] + 4) - 4, columns * (one.shape[1] + 4) - 4)
    assert one.shape[1] == 56
    assert one.shape[0] > 32  # 56x32 over a caption


def test_a_sheet_begins_at_a_given_w(models, tmp_path):
    sheet.write_sheet(str(models / "human.pkl"), tmp_path / "a.png", SheetRequest(w=str(models / "human.npz")))
    G = load(models / "human.pkl")
    expected = G.render(read_w(models / "human.npz", G)[None])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png"))[:32, :16], expected)


def test_directions_are_found_and_shown_at_any_shape(models, tmp_path):
    request = DirectionsRequest(components=1, output=tmp_path / "a.safetensors", sheet=tmp_path / "a.png")
    assert "directions of human" in make_directions(str(models / "human.pkl"), request)
    rgb = np.asarray(Image.open(tmp_path / "a.png"))
    assert rgb.shape[1] == 7 * (128 + 4) - 4  # 16 across, repeated to 128


def test_inspect_says_the_shape_and_the_opacity(models):
    assert (describe(models / "human.pkl")["size"], describe(models / "human.pkl")["alpha"]) == ("16x32", False)
    assert describe(models / "rgba.pkl")["alpha"] is True


def test_walks_move_from_a_given_w_as_far_as_from_their_seed(models):
    G, values = load(models / "human.pkl", exact=True), defaults()
    z = np.random.default_rng(0).standard_normal((4, G.z_dim)).astype(np.float32)
    joined = join_styles(G, z, values)
    at_start = G.map(z[-1:], psi=values["/style/psi"])
    G.start = read_w(models / "human.npz", G)
    torch.testing.assert_close(join_styles(G, z, values), G.start + (joined - at_start))
    rested = join_styles(G, z[-1:].repeat(4, 0), values)
    torch.testing.assert_close(rested[0], G.start)


def test_a_clip_begins_at_a_given_w(models, tmp_path):
    start = start_of(models, "human.pkl", end=0.1, exact=1, w=models / "human.npz", master_freeze=1)
    render(start, str(tmp_path / "stills"))
    G = load(models / "human.pkl", exact=True)
    expected = G.render(read_w(models / "human.npz", G)[None])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "stills" / "000000.png")), expected)
