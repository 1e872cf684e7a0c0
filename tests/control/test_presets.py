import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.control import presets
from bandwalk.control.safe_toml import MAX_BYTES, MAX_LINE
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, ROWS, defaults
from bandwalk.params.strips import MIX_TABLES

SHIPPED = presets.list_presets(Path("nowhere"))


def save(path, values):
    presets.save(path, values, LIVE)


def test_a_saved_look_is_loaded_as_the_same_look_and_has_no_setup(tmp_path):
    changed = {"/walk/low/max_step": 0.1 + 0.2, "/mix/low/layers": "0,2,4-6", "/style/seed": 2**31 - 1}
    changed |= {"/route/3/from": "low/level", "/bend/b/kind": "scale", "/band/low/f_hi": 90.0}
    setup = {"/master/blackout": True, "/master/freeze": True, "/audio/source": "song.ogg", "/out/fps": 25.0}
    save(tmp_path / "a.toml", defaults() | changed | setup)
    look = presets.load(tmp_path / "a.toml")
    assert look.is_complete
    assert not look.setup
    assert not look.unknown
    assert look.over(LIVE) == {a: v for a, v in (defaults() | changed).items() if LIVE[a].in_look}


def test_a_preset_reads_like_this(tmp_path):
    save(tmp_path / "a.toml", {"/walk/low/kind": "orbit", "/walk/low/max_step": 10.0, "/style/psi": 0.5})
    assert (tmp_path / "a.toml").read_text() == (
        'format = 2\n\n[walk.low]\nkind = "orbit"\nmax_step = 10.0\n\n[style]\npsi = 0.5\n'
    )  # in the order of the table


def test_slots_at_rest_are_not_written(tmp_path):
    save(tmp_path / "a.toml", defaults() | {"/bend/b/alpha": 0.5})
    text = (tmp_path / "a.toml").read_text()
    assert "[bend.b]" in text
    assert "[bend.a]" not in text
    assert "route" not in text


def test_a_complete_look_leaves_nothing_of_another_and_a_partial_one_sets_what_it_names(tmp_path):
    (tmp_path / "whole.toml").write_text("format = 2\nstyle.psi = 0.5\n")
    (tmp_path / "part.toml").write_text("style.psi = 0.5\n")
    assert presets.recall(tmp_path, "part").over(LIVE) == {"/style/psi": 0.5}
    neutral = {row.address: row.default for row in ROWS if row.in_look}
    assert presets.recall(tmp_path, "whole").over(LIVE) == neutral | {"/style/psi": 0.5}


def test_setup_and_what_is_unknown_stand_apart_and_are_reported(tmp_path):
    (tmp_path / "old.toml").write_text(
        "port_base = 9000\n[style]\npsi = 0.5\nglow = 1\n[out]\nfps = 25\n[master]\nblackout = 1\n"
    )
    look = presets.recall(tmp_path, "old")
    assert look.values == {"/style/psi": 0.5}
    assert look.setup == {"/out/fps": 25.0, "/master/blackout": True}
    assert look.unknown == {"/port_base": 9000, "/style/glow": 1}
    unknown = "unknown to this version: /port_base, /style/glow"
    assert look.remarks() == ["setup is left out: /out/fps, /master/blackout", unknown]
    assert look.remarks(with_setup=True) == [unknown]


def test_a_report_names_a_few_and_can_be_shown():
    look = presets.Look({}, unknown={f"/{'x' * 500}\n{n}": 0 for n in range(100)})
    (line,) = look.remarks()
    assert line.endswith("and 94 more")
    assert line.isprintable()
    assert len(line) < 500


NEWER = """format = 2
description = "Waves."
aim = [1, 2.5, {x = 1979-05-27}]

[style]
psi = 0.5
glow = 0.3

[walk]
low = 3

["a/b"]
"" = 1

[style.seed]
x = 1

[halo]
size = 7
"""


def test_what_a_newer_version_wrote_is_kept_when_this_one_saves_under_the_same_name(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(NEWER)
    before = presets.load(path)
    save(path, defaults() | {"/style/psi": 0.7})
    after = presets.load(path)
    assert after.values["/style/psi"] == 0.7
    assert after.description == "Waves."
    clash = {"/walk/low", "/style/seed/x"}  # there stands a table, or a value, that this version knows
    assert after.unknown == {a: v for a, v in before.unknown.items() if a not in clash}
    save(path, defaults())
    assert presets.load(path).unknown == after.unknown


def test_what_would_make_the_file_unreadable_is_not_kept(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("x = '''\n" + "\\\n" * 6000 + "'''")  # one line of 24,000 characters, once it is quoted
    assert presets.load(path).unknown
    save(path, defaults())
    assert not presets.load(path).unknown


def test_a_preset_may_name_a_few_parameters_by_hand(tmp_path):
    (tmp_path / "a.toml").write_text("style.psi = 1\nwalk.low.enabled = 0\n")
    assert presets.load(tmp_path / "a.toml").values == {"/style/psi": 1.0, "/walk/low/enabled": False}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[walk.low\n", "expected TOML"),
        ("\xff", "expected TOML"),
        ("a = " + "[" * 5000, "expected a preset in TOML"),
        ("format = 3\n", "format = 3: expected 2, or none"),
        ("format = true\n", "format = True: expected 2, or none"),
        ('format = "2"\n', "format = 2: expected 2, or none"),
        ("description = 7\n", "description: expected one sentence"),
        ('description = "a\\nb"\n', "description: expected one sentence"),
        ("[style]\npsi = 2.0\n", "/style/psi = 2.0: expected a number in 0..1.5"),
        ("[style]\npsi = nan\n", "/style/psi = nan"),
        ('[style]\npsi = "1"\n', "/style/psi = 1"),
        ("[style]\npsi = true\n", "/style/psi = True"),
        ("[style]\npsi = [1]\n", "/style/psi"),
        ("[style]\nseed = 1979-05-27\n", "/style/seed = 1979-05-27"),
        ("[style]\nseed = 99999999999999999999\n", "/style/seed"),
        (f"[style]\npsi = {10**400}\n", "/style/psi = a whole number of 1329 bits"),
        (f"[style]\npsi = 0x{'f' * 5000}\n", "/style/psi = a whole number of 20000 bits"),
        (f"[style]\npsi = {'9' * 5000}\n", "expected TOML"),
        ('[mix.low]\nlayers = "left"\n', "/mix/low/layers"),
        ('[walk.low]\nkind = "spiral"\n', "expected random, published, orbit, hold"),
        (".".join("a" * 100) + " = 1\n", "a key of more than 8 parts"),
        ("[" + " . ".join(["'a'", '"b"', "c"] * 3) + "]\n", "a key of more than 8 parts"),
        ("a = {" * 9, "brackets more than 8 levels deep"),
        ("#" * (MAX_LINE + 1), "a line of 12289 characters"),
        ("#\n" * (MAX_BYTES // 2 + 1), "more than 65536 bytes"),
    ],
)
def test_a_broken_preset_is_refused_and_named(tmp_path, text, reason):
    path = tmp_path / "broken.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ParameterError, match=r"broken\.toml: ") as refusal:
        presets.load(path)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_preset_that_is_not_there_or_is_a_folder_is_named(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ParameterError, match=f"preset {path}: "):
            presets.load(path)


def test_page_and_code_ship_with_it(tmp_path):
    assert {"code", "page"} <= set(presets.list_presets(tmp_path / "nowhere"))
    for name in ("page", "code"):
        look = presets.recall(tmp_path, name)
        assert look.values.items() >= MIX_TABLES[name].items()
        assert not look.is_complete


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_look_has_a_sentence_and_only_what_is_part_of_a_look(name):
    look = presets.recall(Path("nowhere"), name)
    assert look.description.endswith(".")
    assert look.is_complete or name in MIX_TABLES
    assert not look.setup
    assert not look.unknown


def test_a_users_file_takes_the_place_of_a_shipped_preset(tmp_path):
    save(presets.find(tmp_path, "page"), {"/style/psi": 0.5})
    assert presets.recall(tmp_path, "page").values == {"/style/psi": 0.5}
    listed = presets.describe_all(tmp_path)
    assert listed[0] == ("page", "", True)  # the user's own come first
    assert [preset.name for preset in listed[1:]] == [name for name in SHIPPED if name != "page"]
    assert not any(preset.is_own for preset in listed[1:])


def test_a_name_may_carry_its_suffix_and_a_folder(tmp_path):
    save(presets.find(tmp_path, "tour/opener"), {"/style/psi": 0.5})
    assert presets.recall(tmp_path, "tour/opener.toml").values == {"/style/psi": 0.5}


def test_an_unknown_preset_names_those_that_there_are(tmp_path):
    save(tmp_path / "mine.toml", {})
    with pytest.raises(ParameterError, match="preset = nothing: no such preset; expected one of mine, bloom, "):
        presets.recall(tmp_path, "nothing")


def test_a_name_too_long_for_a_file_is_one_clear_line(tmp_path):
    for use in (presets.find, presets.recall):
        with pytest.raises(ParameterError, match=r"^name = 'a{80}': expected"):
            use(tmp_path, "a" * 252)
    with pytest.raises(ParameterError, match=r"^preset = a: File name too long; expected"):
        presets.recall(Path("/" + "a/" * 3000), "a")


def test_a_preset_may_be_read_by_whom_the_umask_lets(tmp_path):
    old = os.umask(0o027)
    try:
        save(tmp_path / "a.toml", {})
    finally:
        os.umask(old)
    assert (tmp_path / "a.toml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["", "../a", "/etc/passwd", "a/../../b", ".hidden", "a\0b", "c:\\a", "\\\\host\\a"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    for use in (presets.find, presets.recall):
        with pytest.raises(ParameterError, match="inside"):
            use(tmp_path / "presets", name)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "out.toml").symlink_to(tmp_path / "secret.toml")
    with pytest.raises(ParameterError, match="inside"):
        presets.find(folder, "out")


def test_saving_replaces_the_old_file_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "a.toml"
    save(path, {"/style/psi": 0.5})
    with path.open() as old:
        save(path, {"/style/psi": 0.6})
        assert "0.5" in old.read()  # a reader of the old file is not disturbed
    assert presets.load(path).values == {"/style/psi": 0.6}
    assert os.listdir(path.parent) == ["a.toml"]


def test_a_disk_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "a.toml"
    save(path, {"/style/psi": 0.5})

    def fail(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ParameterError, match=r"saving preset .*a\.toml: No space left on device"):
        save(path, {"/style/psi": 0.6})
    assert presets.load(path).values == {"/style/psi": 0.5}
    assert os.listdir(tmp_path) == ["a.toml"]


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="saving preset"):
        save(tmp_path / "file" / "a.toml", {})


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_empty(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "random.toml"
    path.write_bytes(data)
    with contextlib.suppress(ParameterError):
        assert presets.load(path).values.keys() <= {row.address for row in ROWS}


def test_presets_in_folders_are_listed_by_their_place_and_hidden_ones_are_not(tmp_path):
    for folder in ("set", ".hidden"):
        (tmp_path / folder).mkdir()
    save(tmp_path / "set" / "one.toml", {"/style/psi": 0.5})
    save(tmp_path / ".hidden" / "two.toml", {"/style/psi": 0.5})
    save(tmp_path / ".three.toml", {"/style/psi": 0.5})
    assert presets.list_presets(tmp_path) == ["set/one", *SHIPPED]


def test_dots_and_brackets_in_texts_are_no_keys(tmp_path):
    text = "a.b.c.d.e.f.g.h.i.j.k.mp3 " + "[" * 20
    for quoted in (f'"{text}"', f"'{text}'", f'"""\n{text}"""', f"'''{text}'''", f'"{text}" # {text}'):
        (tmp_path / "a.toml").write_text(f"audio.source = {quoted}\n")
        assert presets.load(tmp_path / "a.toml").setup == {"/audio/source": text}


BOMBS = {
    "dotted key": ".".join("a" * 120_000) + "=1",
    "dotted key of 64 KB": ".".join("a" * 32_000) + "=1",
    "dotted key of one line": ".".join("a" * 6_000) + "=1",
    "many dotted keys": "\n".join(f"b{n}." + ".".join("a" * 600) + "=1" for n in range(50)),
    "quoted parts": ".".join(["''"] * 20_000) + "=1",
    "table": "[" + ".".join("a" * 32_000) + "]",
    "array of tables": "[[" + " . ".join("a" * 16_000) + "]]",
    "inline table": "x = {" + ".".join("a" * 6_000) + "=1}",
    "after an escape": 'x = "\\\\"\n' + ".".join("a" * 6_000) + "=1",
    "after strings that do not end": '"""\\""" \'\'\'' * 5_000 + ".".join("a" * 6_000) + "=1",
    "nested arrays": "x = " + "[" * 30_000,
    "nested tables": "x = " + "{a=" * 20_000,
    "many tables": "".join(f"[a.b{n}]\n" for n in range(7_000)),
    "long text": "x = '" + "a" * 60_000 + "'",
}


def test_no_preset_takes_memory_or_time_beyond_its_size(tmp_path):
    for name, text in BOMBS.items():
        (tmp_path / f"{name}.toml").write_text(text)
    ended = subprocess.run(
        [sys.executable, "-P", "-c", LOAD_ALL, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count("refused") == len(BOMBS)


LOAD_ALL = """
import resource, sys, time
from pathlib import Path
from bandwalk.control import presets
from bandwalk.errors import ParameterError

held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 64 * 2**20, -1))
for path in sorted(Path(sys.argv[1]).iterdir()):
    begun = time.process_time()
    try:
        presets.load(path)
    except ParameterError as e:
        print("refused", e)
    assert time.process_time() - begun < 10.0, path
"""


@pytest.mark.parametrize("name", ["a/b/c", ".a", "a/.b", "../a", "/a"])
def test_a_controller_saves_in_the_folder_or_in_one_of_its_folders(tmp_path, name):
    with pytest.raises(ParameterError):
        presets.find_room(tmp_path, name)
    assert presets.find_room(tmp_path, "set/one") == tmp_path / "set" / "one.toml"


def test_a_controller_saves_no_more_than_there_is_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(presets, "MAX_SAVED", 3)
    for name in ("a", "set/b", "c"):
        save(presets.find_room(tmp_path, name), {"/style/psi": 0.5})
    with pytest.raises(ParameterError, match="the folder has 3 presets"):
        presets.find_room(tmp_path, "d")
    presets.find_room(tmp_path, "set/b")  # in place of the old one


def test_the_list_has_each_files_sentence(tmp_path):
    texts = {
        "plain": 'description = "Slow."\n[style]\npsi = 0.5\n',
        "later": '[style]\npsi = 0.5\n[other]\ndescription = "no sentence of the file"\n',
        "broken": "description = [\n",
        "number": "description = 7\n",
        "long": f'description = "{"x" * 300}"\n',
        "lines": 'description = "a\\nb"\n',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "out.toml").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.toml")
    told = {name: text for name, text, is_own in presets.describe_all(tmp_path) if is_own}
    assert told == dict.fromkeys((*texts, "folder", "out", "pipe"), "") | {"plain": "Slow."}
    (tmp_path / "plain.toml").write_text('description = "Quicker."\n')
    assert ("plain", "Quicker.", True) in presets.describe_all(tmp_path)


def test_a_preset_is_renamed_and_deleted_and_its_map_stays(tmp_path):
    save(tmp_path / "a.toml", {"/style/psi": 0.5})
    (tmp_path / "a.midi.toml").write_text("")
    presets.rename(tmp_path, "a", "set/b")
    assert presets.recall(tmp_path, "set/b").values == {"/style/psi": 0.5}
    assert sorted(os.listdir(tmp_path)) == ["a.midi.toml", "set"]
    presets.delete(tmp_path, "set/b")
    assert presets.list_presets(tmp_path) == SHIPPED


def test_a_renamed_preset_takes_no_other_ones_place(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / f"{name}.toml", {"/style/psi": 0.5})
    with pytest.raises(ParameterError, match="there is a preset b; expected an unused name"):
        presets.rename(tmp_path, "a", "b")
    presets.rename(tmp_path, "a", "page")  # the user's own, in place of the shipped one
    assert presets.list_presets(tmp_path)[:2] == ["b", "page"]


@pytest.mark.parametrize("name", ["../a", "/a", "a/b/c", ".a", "a.midi", "", "none", "page", "folder"])
def test_only_a_users_own_preset_inside_the_folder_is_renamed_or_deleted(tmp_path, name):
    folder = tmp_path / "presets"
    (folder / "folder.toml").mkdir(parents=True)
    for path in (tmp_path / "a.toml", folder / "mine.toml", folder / "a.midi.toml"):
        path.write_text("")
    before = sorted(tmp_path.rglob("*"))
    for act in (lambda: presets.delete(folder, name), lambda: presets.rename(folder, name, "new")):
        with pytest.raises(ParameterError) as refusal:
            act()
        assert "\n" not in str(refusal.value)
    if name == "page":
        assert "it ships with bandwalk" in str(refusal.value)
    if name not in ("none", "page", "folder"):
        with pytest.raises(ParameterError):
            presets.rename(folder, "mine", name)
    assert sorted(tmp_path.rglob("*")) == before
    assert (presets.SHIPPED / "page.toml").is_file()
