"""The list of scenes as a file in the presets folder."""

import pytest

from bandwalk.control import presets
from bandwalk.control.scenes import FILE, MAX_SCENES, Scene, SceneList
from bandwalk.errors import ParameterError


@pytest.fixture
def scenes(tmp_path):
    made = SceneList(tmp_path)
    for name in ("tide", "neon", "7"):
        made.add(Scene(name))
    return made


def _names(scenes):
    return [each.preset for each in scenes.scenes]


def test_it_is_kept_as_toml_and_is_no_preset(scenes, tmp_path):
    scenes.add(Scene("bloom", "faces.pkl"))
    assert (tmp_path / FILE).read_text().endswith('    { preset = "bloom", model = "faces.pkl" },\n]\n')
    assert SceneList(tmp_path).scenes == scenes.scenes
    assert "show.scenes" not in presets.list_presets(tmp_path)
    with pytest.raises(ParameterError, match=r"does not end with \.scenes"):
        presets.find_room(tmp_path, "show.scenes")


def test_scenes_are_moved_and_removed_by_their_places(scenes):
    scenes.move(3, 1)
    assert _names(scenes) == ["7", "tide", "neon"]
    scenes.move(1, 2)
    assert _names(scenes) == ["tide", "7", "neon"]
    scenes.remove(2)
    assert _names(scenes) == ["tide", "neon"]
    for act in (
        lambda: scenes.remove(3),
        lambda: scenes.remove(0),
        lambda: scenes.move(1, 3),
        lambda: scenes.move(-1, 1),
    ):
        with pytest.raises(ParameterError, match=r"expected a place in 1\.\.2"):
            act()


def test_a_scene_is_found_by_its_name_or_else_by_its_place(scenes):
    assert [scenes.find(name) for name in ("neon", "1", "7", "4", "0", "-1", "none", "", "9" * 9)] == [
        *(2, 1, 3, 0, 0, 0, 0, 0, 0)
    ]


def test_there_is_an_end_to_it(tmp_path):
    scenes = SceneList(tmp_path)
    scenes.scenes = (Scene("tide"),) * MAX_SCENES
    with pytest.raises(ParameterError, match="256 scenes"):
        scenes.add(Scene("neon"))
    scenes.scenes = (Scene("n" * 1000),) * 100
    with pytest.raises(ParameterError, match="shorter names"):
        scenes.add(Scene("neon"))
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[scene]\n", "expected TOML"),
        ("scene = 3\n", "expected a list of scenes"),
        ("scene = [3]\n", "scene 1: expected preset"),
        ('[[scene]]\npreset = "tide"\n[[scene]]\nmodel = "faces"\n', "scene 2: expected preset"),
        ('[[scene]]\npreset = "tide"\nmodel = 3\n', "scene 1: expected preset"),
        ('[[scene]]\npreset = "tide"\n' * (MAX_SCENES + 1), "at most 256"),
    ],
)
def test_a_broken_file_is_named_and_left_as_it_is(tmp_path, text, reason):
    (tmp_path / FILE).write_text(text)
    scenes = SceneList(tmp_path)
    assert scenes.scenes == ()
    assert FILE in scenes.fault
    assert reason in scenes.fault
    with pytest.raises(ParameterError, match="not changed before"):
        scenes.add(Scene("tide"))
    assert (tmp_path / FILE).read_text() == text
