"""The one table: every row parses, refuses and clamps as it says."""

import math
import re
import typing
from pathlib import Path

import pytest

from bandwalk import params
from bandwalk.cli.docs import table_markdown
from bandwalk.errors import ParameterError
from bandwalk.params import BY_ADDRESS, LIVE, MODEL_ROWS, ROWS, SETTINGS
from bandwalk.params.clips import RENDER
from bandwalk.params.commands import COMMANDS
from bandwalk.params.settings import Settings
from bandwalk.params.strips import MIX_TABLES
from bandwalk.params.titles import TITLES, title_of

ALL = [*ROWS, *SETTINGS, *RENDER]
NUMBERS = [row for row in ALL if row.type in "fi"]


def test_addresses_flags_and_names_are_unique():
    assert len({row.address for row in ALL}) == len(ALL)
    assert len({row.option for row in ALL}) == len(ALL)
    assert len({row.name for row in ALL}) == len(ALL)
    assert not {c.address for c in COMMANDS} & {row.address for row in ALL}


def test_every_default_passes_its_own_row():
    for row in ALL:
        assert row.parse(row.default) == row.default, row.address
        assert row.doc.endswith("."), row.address


FOR_ENGINEERS = re.compile(r"1/40|time constant|feature maps?|\bz\b|\balpha\b|truncation|\bgain\b|WCAG|max_step", re.I)


def test_what_panels_show_is_short_and_for_who_plays_the_show():
    for row in (*ROWS, *MODEL_ROWS, *COMMANDS):
        assert not FOR_ENGINEERS.search(row.doc), row.address
        assert 0 < len(row.title) <= 18, row.address
        assert row.title.strip() == row.title
        assert row.exact == "" or row.exact.endswith("."), row.address


def test_each_short_name_is_of_a_row_or_a_command():
    named = {title_of(row.address) for row in (*ROWS, *MODEL_ROWS, *COMMANDS)}
    assert set(TITLES.values()) <= named
    assert title_of("/walk/low/max_step") == "step"
    assert title_of("/out/delay_ms") == "delay"
    assert title_of("/direction/brightness/alpha") == "how far"


def test_the_document_has_the_exact_meaning_and_the_panel_does_not():
    row = LIVE["/walk/low/max_step"]
    assert "1/40 s" in row.exact
    assert f"{row.doc} {row.exact}" in table_markdown()


def test_every_number_keeps_both_ends_and_refuses_or_clamps_beyond():
    for row in NUMBERS:
        for end, beyond in ((row.lo, row.lo - 1), (row.hi, row.hi + 1)):
            assert row.parse(end) == end, row.address
            assert row.parse(beyond, clamp=True) == end, row.address
            with pytest.raises(
                ParameterError, match=rf"^{row.address} = .*: expected .*{row.lo:.10g}\.\.{row.hi:.10g}"
            ):
                row.parse(beyond)


def test_every_number_refuses_what_is_none():
    for row in NUMBERS:
        for value in (math.nan, math.inf, -math.inf, None, "much", b"1", [1.0]):
            with pytest.raises(ParameterError, match=f"^{row.address} = "):
                row.parse(value, clamp=True)


def test_every_whole_number_takes_a_whole_float_and_no_other():
    for row in (row for row in ALL if row.type == "i"):
        assert row.parse(float(row.default)) == row.default, row.address
        assert isinstance(row.parse(float(row.default)), int), row.address
        with pytest.raises(ParameterError, match=f"^{row.address} = "):
            row.parse(row.default + 0.5)


def test_every_switch_takes_0_and_1_in_any_type_and_nothing_else():
    for row in (row for row in ALL if row.type == "b"):
        assert [row.parse(v) for v in (0, 1, 0.0, 1.0, True, False, "true", "0")] == [
            False, True, False, True, True, False, True, False,
        ]  # fmt: skip
        for value in (2, 0.5, "on", None):
            with pytest.raises(ParameterError, match=f"^{row.address} = "):
                row.parse(value, clamp=True)


def test_every_text_refuses_numbers_control_characters_and_endless_ones():
    for row in (row for row in ALL if row.type == "s"):
        for value in (1.5, None, "a\0b", "x" * 1001):
            with pytest.raises(ParameterError, match=f"^{row.address} = "):
                row.parse(value, clamp=True)
        for choice in row.choices:
            assert row.parse(choice) == choice, row.address
        if row.choices:
            with pytest.raises(ParameterError, match="expected"):
                row.parse("nothing-of-the-kind")


def test_a_picture_size_may_come_as_a_whole_number():
    assert BY_ADDRESS["/out/size"].parse(512) == "512"
    assert BY_ADDRESS["/out/size"].parse("1920x1080") == "1920x1080"
    with pytest.raises(ParameterError, match="77: expected a side from 128 to 4096"):
        BY_ADDRESS["/out/size"].parse("77")


def test_the_default_layers_are_the_pages_and_the_codes_swap_mid_and_high():
    page, code = MIX_TABLES["page"], MIX_TABLES["code"]
    assert {address: BY_ADDRESS[address].default for address in page} == page
    assert page == {"/mix/low/layers": "coarse", "/mix/mid/layers": "fine", "/mix/high/layers": "middle"}
    assert code == {"/mix/low/layers": "coarse", "/mix/mid/layers": "middle", "/mix/high/layers": "fine"}


def test_a_live_row_has_an_address_and_a_setting_has_none():
    assert all(row.live for row in ROWS)
    assert not any(row.live for row in (*SETTINGS, *RENDER))
    assert params.BY_ADDRESS.keys() == {row.address for row in ALL}


FIELD_TYPES = {"f": (float,), "i": (int,), "b": (bool,), "s": (str, Path), "l": (tuple[str, ...],)}


def _fields():
    """(name, type) of every field of every record of settings."""
    records = typing.get_type_hints(Settings).values()
    return [field for record in records for field in typing.get_type_hints(record).items()]


def test_every_setting_has_one_row_and_one_field_of_its_type():
    rows = {row.address: row for row in (*SETTINGS, *RENDER)}
    fields = _fields()
    assert sorted(name for name, _ in fields) == sorted(rows)
    for name, of in fields:
        assert of in FIELD_TYPES[rows[name].type], name


def test_settings_are_the_defaults_of_the_rows_and_what_is_given():
    settings = Settings.of({"threads": 3, "music": "songs"})
    by_name = settings.by_name()
    assert by_name.pop("threads") == settings.draw.threads == 3
    assert by_name.pop("music") == settings.folders.music == Path("songs")
    assert by_name == {
        row.address: Path(row.default) if row.address in ("models", "presets") else row.default
        for row in (*SETTINGS, *RENDER)
        if row.address in by_name
    }


def test_each_row_says_which_commands_use_it():
    no_flag = ("/route/", "/transport/position", "/loop/", "/cue/")
    flagged = {row.address for row in (*ROWS, *SETTINGS) if not row.address.startswith(no_flag)}
    assert {row.address for row in params.rows_used_by("serve")} == flagged
    clip, song = ({row.address for row in params.rows_used_by(command)} for command in ("render", "analyze"))
    assert song < clip
    assert {"/band/low/gain", "channels", "bpm"} <= song
    assert {"/style/psi", "model", "crf"} <= clip - song
    assert not clip & {"/audio/source", "/out/quality", "bind", "music", "loop"}


SETUP = (
    "/audio/",
    "/out/",
    "/safe/",
    "/beat/",
    "/auto/",
    "/schedule/",
    "/scene/",
    "/model/",
    "/transport/",
    "/loop/",
    "/cue/",
)
SETUP_OF_MASTER = {"/master/freeze", "/master/blackout", "/master/fade"}


def test_a_look_holds_all_that_is_seen_and_no_setup():
    for row in (*ROWS, *params.MODEL_ROWS):
        is_setup = row.address.startswith(SETUP) or row.address in SETUP_OF_MASTER
        assert row.in_look is not is_setup, row.address
