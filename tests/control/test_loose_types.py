"""What other programs send where the table says something else: each habit is taken in one way, and no other."""

import pytest
from rows import EACH

from bandwalk.params.strips import WALK_KINDS


@pytest.mark.parametrize(
    ("address", "args", "tags", "value"),
    [
        ("/style/seed", [41.6], "f", 42),
        ("/style/seed", [41.4], "d", 41),
        ("/out/quality", [80.5], "f", 80),
        ("/style/psi", [0.5, 0.75, "extra"], "ffs", 0.5),
        ("/walk/low/kind", ["orbit", 1], "si", "orbit"),
        ("/walk/low/kind", [2], "i", "orbit"),
        ("/walk/low/kind", [2.0], "f", "orbit"),
        ("/walk/low/kind", [0], "h", "random"),
        ("/out/chroma", [444], "i", "444"),
        ("/out/chroma", [420.0], "f", "420"),
        ("/out/chroma", [1], "i", "444"),
        ("/bend/a/layers", [4], "i", "4"),
        ("/bend/a/layers", [4.0], "f", "4"),
        ("/mix/low/layers", [3], "i", "3"),
        ("/out/size", [256], "i", "256"),
        ("/out/size", [256.0], "f", "256"),
    ],
)
def test_it_is_taken(server, peer, address, args, tags, value):
    peer.ask(address, *args, tags=tags)
    assert server.store.values[address] == value


def test_a_rounded_value_is_told_and_reported_like_a_clamped_one(peer):
    assert peer.ask("/style/seed", 41.6) == [
        ("/style/seed", [42]),
        ("/error", ["/style/seed", "/style/seed = 41.6: rounded to 42"]),
    ]


@pytest.mark.parametrize(
    ("address", "args", "tags"),
    [
        ("/style/seed", [float("nan")], "f"),
        ("/walk/low/kind", [-1], "i"),
        ("/walk/low/kind", [len(WALK_KINDS)], "i"),
        ("/walk/low/kind", [1.5], "f"),
        ("/walk/low/kind", [True], "T"),
        ("/out/chroma", [2], "i"),
        ("/bend/a/layers", [4.5], "f"),
        ("/bend/a/layers", [-4], "i"),
        ("/bend/a/layers", [True], "T"),
        ("/audio/source", [3], "i"),
        ("/master/freeze", [0.5], "f"),
        ("/out/size", [100], "i"),
    ],
)
def test_it_is_refused(server, peer, address, args, tags):
    before = server.store.snapshot()
    ((report, (about, _)),) = peer.ask(address, *args, tags=tags)
    assert (report, about) == ("/error", address)
    assert server.store.snapshot() is before


@pytest.mark.parametrize("row", [row for row in EACH if row.choices], ids=lambda row: row.address)
def test_each_choice_may_come_as_its_index_unless_that_spells_another(row):
    for index, choice in enumerate(row.choices):
        assert row.parse(index, clamp=True) == (str(index) if str(index) in row.choices else choice)
