"""Maps: files beside the presets that say which control moves what."""

import pytest

from bandwalk.control import presets
from bandwalk.control.midi import map_files
from bandwalk.control.midi.messages import Control
from bandwalk.control.midi.targets import Target, parse_target
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, defaults

TARGETS = {
    Control("nanoKONTROL2", 1, "cc", 0): Target("/style/psi"),
    Control("nanoKONTROL2", 1, "cc14", 1): Target("/direction/hair/alpha"),
    Control("nanoKONTROL2", 16, "bend"): Target("/transform/x"),
    Control("any", 10, "note", 36): parse_target("/preset/recall 'my look' 4"),
}


def test_a_map_is_written_as_it_reads(tmp_path):
    map_files.save(tmp_path, "set/stage", TARGETS)
    assert (tmp_path / "set" / "stage.midi.toml").read_text() == (
        '[nanoKONTROL2]\n"1/cc/0" = "/style/psi"\n"1/cc14/1" = "/direction/hair/alpha"\n"16/bend" = "/transform/x"\n\n'
        '[any]\n"10/note/36" = "/preset/recall \'my look\' 4"\n'
    )
    assert map_files.load(tmp_path, "set/stage") == TARGETS


def test_maps_and_presets_of_one_name_stand_side_by_side(tmp_path):
    presets.save(presets.find_room(tmp_path, "look"), defaults(), LIVE)
    map_files.save(tmp_path, "look", TARGETS)
    map_files.save(tmp_path, "alone", TARGETS)
    assert map_files.list_maps(tmp_path) == ["alone", "look"]
    assert presets.list_presets(tmp_path) == ["look", *presets.list_presets(tmp_path / "nowhere")]
    assert map_files.has_map(tmp_path, "look")
    assert not map_files.has_map(tmp_path, "page")
    assert not map_files.has_map(tmp_path, "../look")


def test_a_preset_cannot_take_the_place_of_a_map(tmp_path):
    with pytest.raises(ParameterError, match=r"does not end with \.midi"):
        presets.find_room(tmp_path, "look.midi")


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/b/c", ".hidden", "", "a/../../b"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(ParameterError):
        map_files.save(tmp_path / "presets", name, TARGETS)
    with pytest.raises(ParameterError):
        map_files.load(tmp_path / "presets", name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[x", "expected TOML"),
        ('a = "b"', "expected a table"),
        ('[a]\n"1/cc/200" = "/style/psi"', "expected CHANNEL/KIND/NUMBER"),
        ('[a]\n"1/cc/20" = 5', "expected the address"),
        ('[a]\n"1/cc/20" = "/style/nothing"', "unknown"),
        ('[a]\n"1/cc/20" = "/preset/save x"', "acts on the show"),
        ("[a]\n" + "\n".join(f'"1/nrpn/{n}" = "/style/psi"' for n in range(513)), "513 controls; expected at most 512"),
        ("#" * 70_000, "more than 65536 bytes"),
        (f'["{"d" * 101}"]\n"1/cc/20" = "/style/psi"', "expected a table of controls"),
    ],
)
def test_a_file_that_is_no_map_is_refused_whole_with_the_reason(tmp_path, text, reason):
    (tmp_path / "bad.midi.toml").write_text(text)
    with pytest.raises(ParameterError, match=rf"^MIDI map bad: .*{reason}"):
        map_files.load(tmp_path, "bad")


def test_a_map_that_is_not_there_says_where_to_look(tmp_path):
    with pytest.raises(ParameterError, match="expected one of /midi/maps"):
        map_files.load(tmp_path, "none")


def test_a_map_too_long_to_be_read_again_is_not_saved(tmp_path):
    long = {Control("any", 1, "nrpn", n): parse_target(f"/preset/recall {'x' * 250}") for n in range(300)}
    with pytest.raises(ParameterError, match="expected a shorter map"):
        map_files.save(tmp_path, "long", long)
    assert map_files.list_maps(tmp_path) == []
