"""Encoders: both libraries, read back by decoders that bandwalk does not use for writing."""

import io
import subprocess
import sys

import numpy as np
import pytest
import simplejpeg
import turbojpeg
from PIL import Image

from bandwalk.errors import ParameterError
from bandwalk.output.jpeg import open_encoder
from bandwalk.wire import insert_segment, parse_segment

KINDS = ("turbojpeg", "simplejpeg")
META = {"seq": 7, "t_audio": 1.25, "features": {"low": {"level": 0.5, "onset": True}}}


def make_picture(height=96, width=128):
    """A smooth picture whose channels differ, so that a swapped channel or axis shows."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red, green, blue = 255 * x / width, 255 * y / height, 127 + 100 * np.sin(x / 9) * np.cos(y / 7)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def decode_with_pil(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def decode_with_simplejpeg(jpeg):
    return simplejpeg.decode_jpeg(jpeg, "RGB")


def decode_with_turbojpeg(jpeg):
    return turbojpeg.TurboJPEG().decode(jpeg, pixel_format=turbojpeg.TJPF_RGB)


def decode_with_ffmpeg(jpeg):
    command = ["ffmpeg", "-v", "error", "-f", "mjpeg", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, input=jpeg, capture_output=True, check=True, timeout=30).stdout
    return np.frombuffer(raw, np.uint8).reshape(decode_with_pil(jpeg).shape)


def decode_with_imagemagick(jpeg):
    raw = subprocess.run(["convert", "jpeg:-", "rgb:-"], input=jpeg, capture_output=True, check=True, timeout=30).stdout
    return np.frombuffer(raw, np.uint8).reshape(decode_with_pil(jpeg).shape)


DECODERS = (
    decode_with_pil,
    decode_with_simplejpeg,
    decode_with_turbojpeg,
    decode_with_ffmpeg,
    decode_with_imagemagick,
)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize("chroma", ["420", "444"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_decoder_reads_a_frame_with_its_segment_as_the_picture(kind, chroma, decode):
    rgb = make_picture()
    jpeg = open_encoder(kind).encode(rgb, quality=90, chroma=chroma)
    decoded = decode(insert_segment(jpeg, META)).astype(int)
    assert decoded.shape == rgb.shape
    assert np.abs(decoded - rgb).mean() < 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_segment_changes_no_pixel(kind):
    jpeg = open_encoder(kind).encode(make_picture(), quality=85, chroma="420")
    assert np.array_equal(decode_with_pil(insert_segment(jpeg, META)), decode_with_pil(jpeg))
    assert parse_segment(insert_segment(jpeg, META)) == META


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("chroma", "sampling"), [("420", 2), ("444", 1)])
def test_frames_are_baseline_with_the_chroma_asked_for(kind, chroma, sampling):
    image = Image.open(io.BytesIO(open_encoder(kind).encode(make_picture(), quality=85, chroma=chroma)))
    assert "progressive" not in image.info
    assert image.layer[0][1:3] == (sampling, sampling)  # sampling factors of the brightness


@pytest.mark.parametrize("chroma", ["420", "444"])
@pytest.mark.parametrize("quality", [1, 50, 85, 100])
def test_both_encoders_write_the_same_size_and_quality(quality, chroma):
    rgb = make_picture(256, 256)
    one, other = (open_encoder(kind).encode(rgb, quality=quality, chroma=chroma) for kind in KINDS)
    assert len(one) == pytest.approx(len(other), rel=0.02)
    assert np.abs(decode_with_pil(one).astype(int) - decode_with_pil(other)).mean() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_a_view_is_encoded_as_it_looks(kind):
    rgb = make_picture(64, 64)
    encoder = open_encoder(kind)
    assert encoder.encode(rgb[:, ::-1], quality=85, chroma="444") == encoder.encode(
        rgb[:, ::-1].copy(), quality=85, chroma="444"
    )


def test_auto_takes_the_systems_library_where_it_loads():
    assert open_encoder("auto").name == "turbojpeg"


def test_auto_takes_simplejpeg_where_the_system_has_no_library(monkeypatch):
    def refuse():
        raise RuntimeError("Unable to locate turbojpeg library automatically")

    monkeypatch.setattr(turbojpeg, "TurboJPEG", refuse)
    assert open_encoder("auto").name == "simplejpeg"
    with pytest.raises(ParameterError, match=r"--encoder = turbojpeg: Unable to locate .* expected libturbojpeg"):
        open_encoder("turbojpeg")


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_whose_module_is_missing_says_what_to_install(kind, monkeypatch):
    monkeypatch.setitem(sys.modules, kind, None)  # Python's own way to make an import fail
    with pytest.raises(ParameterError, match=rf"--encoder = {kind}: .*; expected it installed \(pip install"):
        open_encoder(kind)


def test_an_unknown_encoder_is_refused_by_name():
    with pytest.raises(ParameterError, match="--encoder = mozjpeg: expected auto, turbojpeg, simplejpeg"):
        open_encoder("mozjpeg")
