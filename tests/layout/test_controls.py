"""What both layouts share: every live parameter once, each control large enough for a thumb and none over another."""

import itertools

import pytest
from rows import BROUGHT, SHOWN

from bandwalk.layout.controls import CAPTION, HEIGHT, MIN_THUMB, TAB_BAR, WIDTH, addresses, pages
from bandwalk.params import COMMANDS_BY_ADDRESS, ROWS, rows_of
from bandwalk.pipeline.models import rows_brought

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


def test_master_comes_first_and_buttons_are_commands_without_arguments():
    assert PAGES[0].title == "Master"
    buttons = [control.address for page in PAGES for control in page.controls if control.kind == "button"]
    assert {"/walk/low/bump", "/walk/high/reset", "/transport/play"} <= set(buttons)
    assert all(not COMMANDS_BY_ADDRESS[address].args for address in buttons)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_controls_fit_a_thumb_and_the_page_and_cover_none_of_each_other(page):
    boxes = [control.box for control in page.controls]
    for x, y, width, height in boxes:
        assert height >= MIN_THUMB
        assert width >= 4 * MIN_THUMB
        assert 0 <= x <= x + width <= WIDTH
        assert CAPTION <= y <= y + height <= HEIGHT - TAB_BAR
    for (ax, ay, aw, ah), (bx, by, bw, bh) in itertools.combinations(boxes, 2):
        over = min(ax + aw, bx + bw) > max(ax, bx) and min(ay + ah, by + bh) > max(ay, by - CAPTION)
        assert not over


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
