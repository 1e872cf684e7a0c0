"""Saved styles: exact on arrival, straight on the way, files that are whole or refused."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from sounds import beat

from bandwalk.errors import BandwalkError
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import defaults
from bandwalk.pipeline import style_files
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.style_files import StyleFile, begin_at_style, read_style, write_style
from bandwalk.pipeline.style_home import Going
from bandwalk.records import Block
from bandwalk.walk import SavedStyle

DATA = Path(__file__).parents[1] / "data"
BASE = defaults() | {"/out/size": "64x64"}
FROZEN = {"/master/freeze": True}
BLOCK = 4800  # a tenth of a second


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=64)


class Played:
    """A pipeline that hears a song a tenth of a second at a time."""

    def __init__(self, G):
        self.pipeline = Pipeline(G, BASE, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        self._y = beat(3.0)
        self._end = 0

    def hear(self, values, tenths=1):
        for _ in range(tenths):
            y = self._y[self._end : self._end + BLOCK]
            self._end += len(y)
            self.pipeline.hear(Block(y, self._end, self._end / 48_000), values)

    def draw(self, values):
        picture = self.pipeline.draw(self._end / 48_000, values)
        return self.pipeline.home.seen.ws[0].numpy().copy(), picture.rgb

    def go(self, style, seconds=0.0, **more):
        going = Going(style.name if style else "", seconds, **more)
        self.pipeline.home.ask({style.name: style} if style else {}, going)
        return going


def _named(name, **more):
    return BASE | {"/style/name": name} | more


def test_a_recalled_style_is_the_saved_one_bit_for_bit_and_so_is_its_picture(G):
    one = Played(G)
    one.hear(BASE, 5)
    ws, rgb = one.draw(BASE)
    style = SavedStyle("a", ws)
    one.hear(BASE, 5)
    assert np.abs(one.draw(BASE)[0] - ws).max() > 0.1
    one.go(style)
    one.hear(_named("a", **FROZEN))
    got, picture = one.draw(_named("a", **FROZEN))
    assert np.array_equal(got, ws)
    assert np.array_equal(picture, rgb)
    one.hear(_named("a"), 3)
    moved = one.draw(_named("a"))[0] - ws
    assert 0.1 < np.abs(moved).max() < 20


def test_walks_move_about_a_saved_style_as_they_do_about_the_seed(G):
    ws = np.random.default_rng(0).standard_normal((G.num_ws, G.w_dim)).astype(np.float32)
    at_seed, at_style = Played(G), Played(G)
    start = at_seed.draw(BASE)[0]
    at_style.go(SavedStyle("a", ws))
    for one, values in ((at_seed, BASE), (at_style, _named("a"))):
        one.hear(values, 6)
    way = at_seed.draw(BASE)[0] - start
    np.testing.assert_allclose(at_style.draw(_named("a"))[0], ws + way, atol=1e-5)


@pytest.mark.parametrize("to", ["style", "seed"])
def test_the_way_is_straight_and_ends_at_the_saved_style_or_the_seed(G, to):
    one = Played(G)
    seed = one.draw(BASE)[0]
    style = SavedStyle("a", seed + np.float32(3.0))
    first, end = (None, style) if to == "style" else (style, None)
    names = {None: "", style: "a"}
    if first is not None:
        one.go(first)
    values = _named(names[first], **FROZEN)
    one.hear(values, 2)
    begin = one.draw(values)[0]
    one.go(end, 0.4)
    values = _named(names[end], **FROZEN)
    target = seed if end is None else end.ws
    shares = []
    for _ in range(5):
        one.hear(values)
        ws = one.draw(values)[0]
        shares.append(float(((ws - begin) / (target - begin)).mean()))
        np.testing.assert_allclose(ws, begin + (target - begin) * shares[-1], atol=2e-5)
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0], abs=0.03)
    assert np.array_equal(ws, target)


def test_undone_walks_are_where_they_were(G):
    one = Played(G)
    one.hear(BASE, 6)
    before, _ = one.draw(BASE | FROZEN)
    going = one.go(SavedStyle("a", before + np.float32(1.0)))
    one.hear(_named("a"), 3)
    one.go(None, back=going.left)
    one.hear(BASE | FROZEN)
    assert np.array_equal(one.draw(BASE | FROZEN)[0], before)


def test_a_style_whose_name_is_not_known_changes_nothing(G):
    one, other = Played(G), Played(G)
    one.hear(_named("nowhere"), 4)
    other.hear(BASE, 4)
    assert np.array_equal(one.draw(_named("nowhere"))[0], other.draw(BASE)[0])


def test_a_model_of_another_shape_draws_its_seed_and_breaks_nothing(G):
    one = Played(G)
    one.go(SavedStyle("a", np.zeros((G.num_ws, G.w_dim), np.float32)))
    one.hear(_named("a"), 2)
    one.pipeline.use(load(DATA / "d0_sg1_64_tiny.pkl"), BASE)
    one.hear(_named("a"))
    ws, _ = one.draw(_named("a"))
    assert np.isfinite(ws).all()


@pytest.fixture
def file(G):
    ws = G.map(torch.ones(1, G.z_dim))[0].numpy().copy()
    style = SavedStyle("first light", ws, G.name, G.sha256)
    return StyleFile(
        style, {"/style/seed": 7, "/style/class": 2, "/style/class_b": 0, "/style/class_mix": 0.5}, b"\xff\xd8"
    )


def test_a_style_comes_back_from_its_file_as_it_was(tmp_path, file):
    write_style(tmp_path / "styles", file)
    back = read_style(tmp_path / "styles", "first light")
    assert np.array_equal(back.style.ws, file.style.ws)
    assert (back.values, back.thumbnail) == (file.values, file.thumbnail)
    assert (back.style.model, back.style.sha256) == (file.style.model, file.style.sha256)
    raw = (tmp_path / "styles" / "first light.safetensors").read_bytes()  # read as the format's own page says
    (size,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + size])
    begin, end = header["ws"]["data_offsets"]
    assert np.array_equal(np.frombuffer(raw[8 + size + begin : 8 + size + end], "<f4"), file.style.ws.ravel())
    assert header["__metadata__"]["model_sha256"] == file.style.sha256
    assert [path.name for path in (tmp_path / "styles").iterdir()] == ["first light.safetensors"]


@pytest.mark.parametrize("name", ["", "a/b", "..", "../a", "a\\b", ".hidden", "x" * 61, "two\nlines", "c:x"])
def test_no_name_leads_out_of_the_folder(tmp_path, file, name):
    style = SavedStyle(name, file.style.ws)
    for act in (
        lambda: write_style(tmp_path / "styles", StyleFile(style, file.values, b"")),
        lambda: read_style(tmp_path / "styles", name),
        lambda: style_files.delete_style(tmp_path / "styles", name),
    ):
        with pytest.raises(BandwalkError, match="expected"):
            act()
    assert not list(tmp_path.rglob("*.safetensors"))


def test_broken_files_are_refused_in_a_line(tmp_path, file):
    write_style(tmp_path, file)
    path = tmp_path / "first light.safetensors"
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    cases = [
        b"",
        whole[:100],
        whole[:-4],
        whole + bytes(2**20),
        b"\x80\x04" + whole[2:],
        whole.replace(b"style 1", b"style 9"),
    ]
    for _ in range(40):
        broken = bytearray(whole)
        for at in rng.integers(0, 700, 4):
            broken[at] = rng.integers(256)
        cases.append(bytes(broken))
    refusals = []
    for case in cases:
        path.write_bytes(case)
        try:
            read_style(tmp_path, "first light")
        except BandwalkError as e:
            refusals.append(str(e))
    assert len(refusals) > 20
    assert not [line for line in refusals if "\n" in line]


def test_the_folder_holds_a_limited_number(tmp_path, file, monkeypatch):
    monkeypatch.setattr(style_files, "MAX_SAVED", 2)
    for name in ("a", "b", "a"):
        write_style(tmp_path, StyleFile(SavedStyle(name, file.style.ws), file.values, b""))
    with pytest.raises(BandwalkError, match="2 styles are there"):
        write_style(tmp_path, StyleFile(SavedStyle("c", file.style.ws), file.values, b""))
    assert style_files.list_styles(tmp_path) == ["a", "b"]


def test_without_a_show_the_walks_begin_at_the_style_or_a_line_says_why_not(tmp_path, file):
    G = load("builtin", size=64)
    write_style(tmp_path, file)
    assert begin_at_style(G, BASE, tmp_path) == ""
    assert G.start is None
    assert begin_at_style(G, _named("first light"), tmp_path) == ""
    assert np.array_equal(G.start.numpy(), file.style.ws)
    write_style(tmp_path, StyleFile(SavedStyle("b", file.style.ws, "other", "0"), file.values, b""))
    assert "made with other" in begin_at_style(G, _named("b"), tmp_path)
    with pytest.raises(BandwalkError, match="no such style; expected one of b, first light"):
        begin_at_style(G, _named("c"), tmp_path)
    small = load(DATA / "d0_sg1_64_tiny.pkl")
    with pytest.raises(BandwalkError, match=r"style b: 14x512, of other; d0_sg1_64_tiny has \d+x\d+"):
        begin_at_style(small, _named("b"), tmp_path)
