"""The page about routes: its commands are run, its examples parse, its words are those of the table."""

import re
import shlex
from pathlib import Path

import pytest
import soundfile
from server import Osc, Server, run_cli
from sounds import beat

from bandwalk.params import ROWS, find_row
from bandwalk.params.routes import ROUTE_CURVES, ROUTE_MODES, parse_route

PAGE = (Path(__file__).parents[2] / "docs" / "routes.md").read_text(encoding="utf-8")
LINES = [line.strip() for line in PAGE.splitlines() if line.startswith("    ")]
EXAMPLES = [*re.findall(r"--route ([\w/]+=/\S+)", PAGE), *re.findall(r"`(\w+(?:/\w+)*=/[^`]+)`", PAGE)]


def test_the_server_and_the_messages_of_the_page_move_what_they_name():
    (serve,) = [line for line in LINES if line.startswith("bandwalk serve")]
    messages = [shlex.split(line)[3:] for line in LINES if line.startswith("oscsend")]
    assert len(messages) + 2 == len(LINES)
    with Server(*shlex.split(serve)[2:], "--size", "64x64", "--threads", "1") as server:
        osc = Osc(server)
        for address, kind, text in messages:
            osc.send(address, {"s": str, "f": float}[kind](text))
        osc.until("/route/1/value", lambda zoom: 1.2 < zoom <= 4.0)
        osc.until("/route/2/value", lambda hit: 0.2 < hit <= 1.0)
        osc.until("/route/3/value", lambda turn: abs(turn) <= 36.0)
        osc.send("/route/4/to", "/style/noise")
        osc.send("/route/4/from", "osc/desk/fader")
        osc.until("/route/4/value", lambda noise: noise == 1.0)
        osc.send("/control", "desk/fader", 0.8)
        osc.until("/route/4/value", lambda noise: noise == pytest.approx(1.4))
        osc.send("/control", "no name", 0.8)
        assert "expected a name of letters" in osc.until("/error", lambda address, _: address == "/control")[1]
        osc.send("/transform/zoom")
        osc.until("/transform/zoom", lambda zoom: zoom == 1.0)
        osc.close()


def test_the_clip_of_the_page_is_rendered(tmp_path):
    (render,) = [line for line in LINES if line.startswith("bandwalk render")]
    soundfile.write(tmp_path / "song.ogg", beat(0.5), 48_000)
    args = [str(tmp_path / arg) if arg.startswith("song.") else arg for arg in shlex.split(render)[1:]]
    done = run_cli(*args, "--size", "64x64")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "song.mp4").stat().st_size > 1000


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_route(text):
    for last, value in parse_route(text).items():
        find_row(f"/route/1/{last}").parse(value)


def test_the_page_names_each_row_curve_and_mode():
    names = {row.address.rpartition("/")[2] for row in ROWS if row.address.startswith("/route/1/")}
    words = set(re.findall(r"`([\w/]+)`", PAGE))
    assert {*names, *ROUTE_CURVES, *ROUTE_MODES} <= words
    assert len(EXAMPLES) >= 5
