"""What both layouts share: every live parameter once, each control large enough for a thumb and none over another."""

import itertools
import re
from importlib import resources

import pytest
from rows import BROUGHT, SHOWN

from bandwalk.layout.controls import CAPTION, HEIGHT, MIN_THUMB, TAB_BAR, WIDTH, addresses, pages
from bandwalk.params import COMMANDS_BY_ADDRESS, ROWS, rows_of
from bandwalk.pipeline.models import rows_brought
from bandwalk.wire import BAND_COLOURS

PAGES = pages(BROUGHT)


def test_every_live_parameter_is_there_once():
    found = addresses(PAGES)
    assert sorted(found) == sorted(row.address for row in SHOWN)
    assert len(found) == len(set(found))


def test_without_a_model_the_rows_of_the_table_are_there():
    assert sorted(addresses(pages())) == sorted(row.address for row in ROWS if not row.folded)


def test_the_embedded_model_brings_what_the_layouts_are_made_of():
    assert {row.address for row in rows_brought("builtin")} == {row.address for row in BROUGHT}


@pytest.mark.parametrize("count", [1, 8, 9, 64])
def test_any_number_of_directions_that_a_model_may_have_is_laid_out(count):
    made, pages_of_the_table = pages(rows_of(f"walk-{k}" for k in range(count))), addresses(pages())
    assert len(addresses(made)) == len(set(addresses(made))) == len(pages_of_the_table) + 3 * count
    for page in made:
        for x, y, width, height in (control.box for control in page.controls):
            assert height >= MIN_THUMB
            assert x + width <= WIDTH
            assert y + height <= HEIGHT - TAB_BAR
    assert WIDTH / len(made) >= MIN_THUMB  # a tab each


def test_a_route_has_a_line_with_what_a_hand_moves_on_stage():
    found = [page for page in PAGES if page.title.startswith("Routes")]
    assert [[head for head, _, _ in page.heads] for page in found] == [["amount", "enabled"]] * 2
    for page in found:
        for control in page.controls:
            assert control.caption == control.address.split("/")[2]
    assert len(addresses(found)) == 2 * 16


def test_a_direction_has_a_line_of_its_own():
    lines = {}
    for page in PAGES:
        if page.title.startswith("Directions"):
            assert [head for head, _, _ in page.heads] == ["alpha", "drive", "amount"]
            for control in page.controls:
                lines.setdefault((page.title, control.box[1]), set()).add(control.address.split("/")[2])
                assert control.caption == control.address.split("/")[2]
    assert all(len(names) == 1 for names in lines.values())
    assert len(lines) == len(BROUGHT) // 3


def test_the_first_page_has_looks_scenes_bumps_and_blackout():
    first = PAGES[0]
    looks = [control.caption for control in first.controls if control.kind == "recall"]
    assert {"tide", "heartbeat"} <= set(looks)
    assert len(looks) == len(set(looks)) >= 19
    there = {control.address for control in first.controls}
    assert {"/walk/low/bump", "/walk/mid/bump", "/walk/high/bump", "/scene/next", "/scene/previous"} <= there
    assert {"/master/blackout", "/master/freeze", "/master/intensity", "/master/speed"} <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_no_page_is_two_thirds_empty(page):
    used = sum(c.box[2] * (c.box[3] + (CAPTION if c.row else 0)) for c in page.controls)
    assert used > WIDTH * (HEIGHT - TAB_BAR) / 3


def test_a_band_has_the_same_colour_on_the_panel_and_everywhere_else():
    css = resources.files("bandwalk.web.panel").joinpath("panel.css").read_text(encoding="utf-8")
    for band, rgb in BAND_COLOURS.items():
        assert re.search(rf"--{band}: *(#\w+);", css)[1] == "#{:02x}{:02x}{:02x}".format(*rgb)


def test_play_comes_first_and_buttons_are_commands_without_arguments():
    assert PAGES[0].title == "Play"
    buttons = [control.address for page in PAGES for control in page.controls if control.kind == "button"]
    assert {"/walk/low/bump", "/walk/high/reset", "/transport/play"} <= set(buttons)
    assert all(not COMMANDS_BY_ADDRESS[address].args for address in buttons)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_controls_fit_a_thumb_and_the_page_and_cover_none_of_each_other(page):
    boxes = [control.box for control in page.controls]
    for control in page.controls:
        x, y, width, height = control.box
        assert height >= MIN_THUMB
        assert width >= (2 if control.kind == "recall" else 4) * MIN_THUMB
        assert 0 <= x <= x + width <= WIDTH
        assert CAPTION <= y <= y + height <= HEIGHT - TAB_BAR
    tops = [box[1] - (CAPTION if control.row else 0) for control, box in zip(page.controls, boxes, strict=True)]
    for ((ax, ay, aw, ah), atop), ((bx, by, bw, bh), btop) in itertools.combinations(zip(boxes, tops, strict=True), 2):
        assert min(ax + aw, bx + bw) <= max(ax, bx) or min(ay + ah, by + bh) <= max(atop, btop)


def test_each_of_many_choices_fits_a_thumb():
    choices = [c for page in PAGES for c in page.controls if c.row and c.row.choices]
    assert max(len(control.offers) for control in choices) > 5
    for control in choices:
        rows, columns = control.grid
        assert rows * columns >= len(control.offers)
        assert control.box[2] / columns >= MIN_THUMB
        assert control.box[3] / rows >= MIN_THUMB, control.address


def test_what_a_control_can_send_its_row_takes():
    for control in (c for page in PAGES for c in page.controls if c.row):
        if control.kind == "fader":
            lo, hi = control.range
            assert (control.row.parse(lo), control.row.parse(hi)) == (lo, hi), control.address
            assert hi == control.row.hi or control.row.type == "i", control.address
        elif control.kind in ("choice", "text"):
            assert control.offers, control.address
            assert all(control.row.parse(text) == text for text in control.offers), control.address
            assert control.row.choices in ((), control.offers), control.address


def test_a_text_offers_only_what_its_parameter_takes():
    for page in pages():
        for control in page.controls:
            if control.kind == "text":
                for text in control.offers:
                    control.row.parse(text)
    offers = {
        control.address: control.offers for page in pages() for control in page.controls if control.kind == "text"
    }
    assert offers["/style/name"] == ("",)
    assert "coarse" in offers["/mix/low/layers"]
