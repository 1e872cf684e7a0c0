"""Pictures in the shape of the screen, through the whole way: changed live, refused, drawn smaller, in clips."""

import io
import json
import subprocess
from pathlib import Path

import pytest
import soundfile
from PIL import Image
from server import Frames, Osc, Server
from sounds import beat

from bandwalk.pipeline.start import resolve
from bandwalk.render import render

DATA = Path(__file__).parents[1] / "data"


def meta_of(message):
    length = int.from_bytes(message[4:6], "big")
    return json.loads(message[16 : 4 + length])


def test_a_show_is_drawn_in_the_screens_shape_and_changes_it_while_it_runs():
    """The embedded model and a StyleGAN3 draw the shape itself; a StyleGAN2 does if it is asked to."""
    args = ("demo", "--models", DATA, "--threads", 1, "--fps", 10, "--size", "192x128")
    with Server(*args) as server, Frames(server) as frames:
        osc = Osc(server)

        def until(model, size, drawn):
            def is_it(message):
                meta = meta_of(message)
                return (meta["model"], meta["width"], meta["height"], meta["drawn"]) == (model, *size, list(drawn))

            message = frames.until(is_it, 60)
            assert Image.open(io.BytesIO(message)).size == size

        until("builtin", (192, 128), (192, 128))
        osc.send("/out/size", "131x257")
        until("builtin", (131, 257), (131, 257))
        osc.send("/out/fit", "crop")
        until("builtin", (131, 257), (272, 272))
        osc.send("/out/fit", "native")
        for bad in ("0", "-64x64", "1x8000", "8192x8192", "wide"):
            osc.send("/out/size", bad)
            osc.until("/error", lambda _, reason, bad=bad: f"size = {bad}: expected a side" in reason)
        until("builtin", (131, 257), (131, 257))
        osc.send("/out/size", "512x256")
        osc.send("/out/scale", 0.5)
        until("builtin", (512, 256), (256, 128))
        osc.send("/model/load", "c1_sg3t.pkl")
        until("c1_sg3t", (512, 256), (128, 64))
        osc.send("/model/load", "a0_sg2ada_64_tiny.pkl")
        until("a0_sg2ada_64_tiny", (512, 256), (128, 64))
        osc.send("/out/fit", "auto")
        until("a0_sg2ada_64_tiny", (512, 256), (64, 64))
        osc.send("/model/load", "builtin")
        until("builtin", (512, 256), (256, 128))
        osc.close()


@pytest.mark.parametrize(("size", "level"), [("1080x1920", (40, 42)), ("3840x2160", (51, 52))])
def test_a_clip_of_any_screen_is_one_that_players_take(tmp_path, size, level):
    soundfile.write(tmp_path / "song.wav", beat(1.0), 48_000)
    flags = {"out_size": size, "out_fps": "30", "end": "0.05", "threads": "1", "x264_preset": "ultrafast"}
    render(resolve(flags, str(tmp_path / "song.wav")), str(tmp_path / "clip.mp4"))
    entries = "stream=width,height,codec_name,pix_fmt,level"
    probe = ["ffprobe", "-v", "error", "-show_entries", entries, "-select_streams", "v", "-of", "json"]
    found = subprocess.run([*probe, tmp_path / "clip.mp4"], capture_output=True, text=True, check=True).stdout
    stream = json.loads(found)["streams"][0]
    width, height = (int(side) for side in size.split("x"))
    assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")
    assert (stream["width"], stream["height"]) == (width, height)
    assert level[0] <= stream["level"] <= level[1]
