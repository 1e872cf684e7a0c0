"""check-flashes: clips whose flashes are known."""

import av
import numpy as np
import pytest
from server import run_cli

FPS = 30


def write(path, pictures):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for rgb in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))


def flicker(on, off, hz, *, calm=1.0, part=1.0):
    """A calm second, then two that flicker in the left part of the picture."""
    for k in range(round((calm + 2) * FPS)):
        rgb = np.full((96, 128, 3), off, np.uint8)
        if k >= calm * FPS and int((k / FPS - calm) * 2 * hz) % 2:
            rgb[:, : round(part * 128)] = on
        yield rgb


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    write(folder / "fast.mp4", flicker(255, 0, 10))
    write(folder / "slow.mp4", flicker(255, 0, 2))
    write(folder / "small.mp4", flicker(255, 0, 10, part=0.2))
    write(folder / "left.mkv", flicker(255, 0, 5, part=0.4))
    write(folder / "red.mp4", flicker((230, 0, 0), (120, 0, 0), 5))
    (folder / "text.mp4").write_text("no clip\n" * 100)
    return folder


@pytest.mark.parametrize(
    ("name", "status", "general", "red"),
    [
        ("fast.mp4", 1, 10, 0),
        ("slow.mp4", 0, 2, 0),
        ("small.mp4", 0, 0, 0),
        ("left.mkv", 1, 5, 0),
        ("red.mp4", 1, None, 5),
    ],
)
def test_a_clip_is_counted_and_the_status_says_whether_it_is_within_the_limit(clips, name, status, general, red):
    run = run_cli("check-flashes", clips / name)
    assert run.returncode == status, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == f"{name}: 3.0 s"
    for line, kind, expected in zip(lines[1:3], ("general", "red"), (general, red), strict=True):
        words = line.split()
        assert words[:2] == [kind, "flashes:"]
        assert expected is None or float(words[4]) == pytest.approx(expected, abs=0.5)
    assert lines[3].startswith("OVER" if status else "within")
    if name == "left.mkv":
        assert "40 % of the picture about its middle left" in lines[1] or "41 %" in lines[1]


@pytest.mark.parametrize("name", ["text.mp4", "no-such.mp4", "."])
def test_what_cannot_be_read_is_one_line_and_status_2(clips, name):
    run = run_cli("check-flashes", clips / name)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert "expected a clip" in run.stderr
