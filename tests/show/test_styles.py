"""Saved styles in a real show: kept, gone to, undone, ended by a new seed, part of a look."""

import http.client
import io
import json
import time
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from server import Frames, Osc, Server

from bandwalk.pipeline.style_files import StyleFile, read_style, write_style
from bandwalk.walk import SavedStyle

SMALL = ("--size", "64x64", "--threads", "1", "--fps", "20", "--quality", "95")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("presets")


@pytest.fixture(scope="module")
def server(folder):
    with Server("demo", *SMALL, "--presets", folder) as running:
        yield running


@pytest.fixture
def osc(server):
    osc = Osc(server)
    osc.send("/style/name", "")
    osc.send("/master/freeze", 0)
    yield osc
    osc.close()


def _names(osc):
    osc.send("/style/save", "zz")  # the list's end: file jobs run in order
    osc.send("/style/list")
    found = []
    osc.until("/style/saved", lambda name: found.append(name) or name == "zz")
    return found


def _keep(osc, name):
    osc.send("/style/save", name)
    assert name in _names(osc)


def _pixels(message):
    return np.asarray(Image.open(io.BytesIO(message))).astype(int)


def _near(message, picture, most=2.0):
    return np.abs(_pixels(message) - picture).mean() < most


def test_what_is_seen_is_kept_gone_to_and_undone(server, osc, folder):
    with Frames(server) as frames:
        osc.send("/master/freeze", 1)
        before = _pixels(frames.after(osc))
        _keep(osc, "dawn")
        osc.send("/style/seed", 99)
        other = _pixels(frames.until(lambda message: np.abs(_pixels(message) - before).mean() > 8.0))
        osc.send("/style/recall", "dawn")
        osc.until_it_is("/style/name", "dawn")
        osc.send("/style/seed")
        assert osc.until("/style/seed") == [1]  # what it was saved with
        frames.until(lambda message: _near(message, before))
        osc.send("/style/undo")
        osc.until_it_is("/style/name", "")
        osc.until_it_is("/style/seed", 99)
        frames.until(lambda message: _near(message, other, 4.0))
        assert read_style(folder / "styles", "dawn").style.ws.shape == (14, 512)
        osc.send("/style/recall", "dawn", 0.3)
        frames.until(lambda message: _near(message, before))


def test_a_new_seed_ends_a_style_and_a_look_has_it(osc):
    _keep(osc, "noon")
    osc.send("/style/recall", "noon")
    osc.until_it_is("/style/name", "noon")
    osc.send("/preset/save", "with style")
    osc.send("/style/seed", 1234)
    osc.until_it_is("/style/name", "")
    osc.send("/preset/recall", "with style")
    osc.until_it_is("/style/name", "noon")
    osc.send("/style/seed")
    assert osc.until("/style/seed") != [1234]
    osc.send("/style/delete", "noon")
    assert "noon" not in _names(osc)
    osc.send("/style/seed", 1234)
    osc.until_it_is("/style/name", "")
    osc.send("/preset/recall", "with style")
    error = osc.until("/error", lambda address, reason: address == "/preset/recall")
    assert "no such style" in error[1]
    assert "the seed's picture" in error[1]
    osc.until_it_is("/style/name", "")


def test_what_cannot_be_gone_to_is_refused_in_a_line(osc, folder):
    _keep(osc, "home")
    style = read_style(folder / "styles", "home")
    write_style(folder / "styles", StyleFile(SavedStyle("small", style.style.ws[:3], "tiny", "0"), style.values, b""))
    write_style(folder / "styles", StyleFile(SavedStyle("kin", style.style.ws, "cousin", "0"), style.values, b""))
    osc.send("/style/recall", "small")
    reason = osc.until("/error", lambda address, reason: address == "/style/recall")[1]
    assert "3x512, of tiny" in reason
    osc.send("/style/recall", "kin")
    reason = osc.until("/error", lambda address, reason: address == "/style/recall")[1]
    assert "made with cousin" in reason
    osc.until_it_is("/style/name", "kin")
    osc.send("/style/name", "nowhere")
    osc.until("/error", lambda address, reason: address == "/style/name" and "no such style" in reason)
    osc.until_it_is("/style/name", "")
    osc.send("/style/save", "../out")
    osc.until("/error", lambda address, reason: address == "/style/save" and "expected a name" in reason)
    assert not list(folder.parent.glob("out*"))


def test_a_style_set_by_its_row_is_drawn(server, osc, folder):
    _keep(osc, "evening")
    style = read_style(folder / "styles", "evening")
    bright = SavedStyle("bright", -3 * style.style.ws, style.style.model, style.style.sha256)
    write_style(folder / "styles", StyleFile(bright, style.values, b""))
    with Frames(server) as frames:
        picture = _pixels(frames.next())
        osc.send("/style/name", "bright")
        frames.until(lambda message: not _near(message, picture, 15.0))


def _get(server, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.base + 3, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_the_web_server_has_each_styles_picture_and_no_other_file(server, osc):
    _keep(osc, "night & day")
    path = f"/thumb/style/{quote('night & day')}"
    response, body = _get(server, path)
    assert (response.status, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(body)).size == (160, 160)
    again, body = _get(server, path, If_None_Match=response.headers["ETag"])
    assert (again.status, body) == (304, b"")
    for name in ("nowhere", "..%2F..%2Fetc%2Fpasswd", "%2e%2e", "", "a" * 500, "%ff"):
        assert _get(server, f"/thumb/style/{name}")[0].status in (400, 404)
    assert _get(server, "/thumb/other/x")[0].status == 404


def _asked(server, path):
    """What a path answers; a server that is still at work says so and is asked again."""
    end = time.monotonic() + 60.0
    while True:
        response, body = _get(server, path)
        if response.status != 503:
            return response, body
        assert time.monotonic() < end, "it was not drawn in time"


def _drawn(server, seed):
    """A seed's picture."""
    response, body = _asked(server, f"/thumb/seed/{seed}")
    assert response.status == 200, body
    return body


def test_seeds_are_drawn_for_the_panel_beside_the_show(server, osc):
    body = _drawn(server, 3)
    assert Image.open(io.BytesIO(body)).size == (128, 128)
    assert _drawn(server, 3) == body
    assert _drawn(server, 4) != body
    for name in ("-1", "x", "99999999999", "", "3/4"):
        assert _asked(server, f"/thumb/seed/{name}")[0].status == 404


def test_looks_and_directions_are_pictures_and_a_look_has_values(server, osc):
    looks = {_asked(server, f"/thumb/look/{name}")[1] for name in ("tide", "ink")}
    assert len(looks) == 2
    assert all(Image.open(io.BytesIO(body)).size == (128, 128) for body in looks)
    response, body = _get(server, "/look/tide")
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    values = json.loads(body)
    assert values["/master/intensity"] == pytest.approx(0.3)
    assert "/master/blackout" not in values  # no part of a look
    at_rest = json.loads(_get(server, "/look/")[1])
    assert at_rest["/master/intensity"] == 1.0
    assert _get(server, "/look/tide", If_None_Match=response.headers["ETag"])[0].status == 304
    for path in ("/thumb/look/nowhere", "/thumb/direction/nowhere", "/look/nowhere", "/look/..%2F..%2Fetc%2Fpasswd"):
        assert _asked(server, path)[0].status == 404
