import threading

import numpy as np
import pytest

from bandwalk.control.store import Store
from bandwalk.errors import ParameterError
from bandwalk.params import ROWS, defaults

GAIN, PSI, KIND, SEED, ON = "/walk/low/gain", "/style/psi", "/walk/low/kind", "/style/seed", "/walk/low/enabled"


@pytest.fixture
def store():
    return Store({})


@pytest.fixture
def heard(store):
    changes = []
    store.listen(lambda *change: changes.append(change))
    return changes


def test_it_begins_with_the_table_and_what_it_is_given():
    store = Store({GAIN: 2})
    assert store.snapshot() == {**defaults(), GAIN: 2.0}
    assert store.touched == frozenset()


def test_a_value_that_is_set_is_in_the_next_snapshot_and_not_in_the_last(store):
    before = store.snapshot()
    assert store.set(GAIN, 3, clamp=False) == 3.0
    assert (before[GAIN], store.snapshot()[GAIN]) == (1.0, 3.0)


def test_nobody_can_write_to_a_snapshot(store):
    with pytest.raises(TypeError):
        store.snapshot()[GAIN] = 2.0


def test_listeners_hear_a_change_with_its_origin(store, heard):
    store.set(GAIN, 3, clamp=False, controller="tablet")
    store.set_many({GAIN: 4, KIND: "orbit"}, controller="panel")
    assert heard == [(GAIN, 3.0, "tablet"), (GAIN, 4.0, "panel"), (KIND, "orbit", "panel")]


def test_the_present_value_written_back_changes_nothing_and_calls_nobody(store, heard):
    for row in ROWS:
        store.set(row.address, row.default, clamp=True)
    assert heard == []
    assert store.touched == frozenset()


def test_the_present_value_is_known_again_after_its_way_through_a_float32(store, heard):
    store.set("/walk/low/fall", 0.123456789012, clamp=False)
    heard.clear()
    store.set("/walk/low/fall", float(np.float32(0.123456789012)), clamp=False)
    assert heard == []
    assert store.values["/walk/low/fall"] == 0.123456789012


def test_a_number_out_of_range_is_clamped_or_refused(store):
    assert store.set(PSI, 9.0, clamp=True) == 1.5
    with pytest.raises(ParameterError, match=r"/style/psi = 9.0: expected a number in 0..1.5"):
        store.set(PSI, 9.0, clamp=False)


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (GAIN, "3"),
        (GAIN, True),
        (SEED, "3"),
        (SEED, False),
        (ON, "true"),
        (ON, 2),
        (KIND, 1.5),
        (KIND, 99),
        (KIND, "x"),
    ],
)
def test_another_type_is_refused(store, address, value):
    with pytest.raises(ParameterError, match=address):
        store.set(address, value, clamp=True)


@pytest.mark.parametrize("address", ["/nothing", "port_base", "/ping", ""])
def test_what_is_no_live_parameter_is_refused(store, address):
    with pytest.raises(ParameterError, match="unknown"):
        store.set(address, 1, clamp=True)


def test_many_are_set_all_or_none(store, heard):
    with pytest.raises(ParameterError):
        store.set_many({GAIN: 2.0, PSI: "loud"})
    assert heard == []
    assert store.snapshot() == defaults()


def test_a_listener_may_set_what_follows_from_a_change(store):
    store.listen(lambda address, value, origin: address == GAIN and store.set(PSI, 0.5, clamp=True))
    store.set(GAIN, 2.0, clamp=True)
    assert store.snapshot()[PSI] == 0.5


def test_it_remembers_what_somebody_has_set(store):
    store.set(GAIN, 2.0, clamp=True)
    store.set_many({PSI: 1.0}, is_recall=True)  # a recalled preset means what it says, the default too
    assert store.touched == {GAIN, PSI}


def test_a_models_own_value_gives_way_to_what_somebody_has_set():
    store = Store({GAIN: 2.0}, touched=[GAIN])
    store.offer(GAIN, 5.0)
    store.offer(PSI, 0.7)
    store.offer(PSI, 0.6)
    assert (store.snapshot()[GAIN], store.snapshot()[PSI]) == (2.0, 0.6)
    assert store.touched == {GAIN}


def test_two_writers_and_a_reader_never_see_half_a_change(store):
    pairs = [{GAIN: float(i % 8), "/walk/mid/gain": float(i % 8)} for i in range(300)]
    writers = [threading.Thread(target=lambda: [store.set_many(pair) for pair in pairs]) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen = store.snapshot()
        assert seen[GAIN] == seen["/walk/mid/gain"]
