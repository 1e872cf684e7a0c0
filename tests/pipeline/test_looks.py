"""The looks that ship with bandwalk: complete, each with its sentence, made of what the embedded model has."""

import pytest

from bandwalk.control import presets
from bandwalk.params import parse_target
from bandwalk.params.row import Row
from bandwalk.params.setting_rows import FIRST_LOOK
from bandwalk.pipeline.models import rows_brought

PUBLISHED = {"page", "code"}


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    return {name: presets.recall(folder, name) for name in presets.list_presets(folder)}


def test_there_are_enough_and_no_two_are_the_same(looks):
    assert FIRST_LOOK in looks
    assert len(looks) - len(PUBLISHED) >= 12
    assert len({tuple(sorted(look.values.items())) for look in looks.values()}) == len(looks)
    assert len({look.description for look in looks.values()}) == len(looks)


def test_each_is_a_look_with_a_sentence_and_without_setup(looks):
    for name, look in looks.items():
        assert look.is_complete == (name not in PUBLISHED), name
        assert look.description.endswith("."), name
        assert not look.setup, name
        assert not look.unknown, name


def test_each_uses_what_the_embedded_model_has(looks):
    brought = {row.address for row in rows_brought("builtin")}
    for name, look in looks.items():
        routed = [parse_target(str(to)) for address, to in look.values.items() if address.endswith("/to")]
        named = {*look.values, *(target.address for target in routed if isinstance(target, Row))}
        assert {address for address in named if address.startswith("/direction/")} <= brought, name
