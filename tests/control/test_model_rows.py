"""Parameters that a model brings: there while it plays, gone with it, and set, asked for and kept as any other."""

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control import Store, presets
from bandwalk.control.inbox import Batch, Change, Request
from bandwalk.errors import ParameterError
from bandwalk.params import LIVE, MODEL_ROWS, find_row, rows_of

SMILE, AGE = "/direction/smile/alpha", "/direction/age/alpha"


@pytest.fixture
def clock():
    return ManualClock(50.0)


@pytest.fixture
def store(clock):
    made = Store({}, clock=clock)
    made.bring(rows_of(["smile", "age"]))
    return made


@pytest.mark.parametrize("row", MODEL_ROWS, ids=lambda row: row.address)
def test_a_template_is_a_row_of_each_name(row):
    address = row.address.replace("{name}", "pca-1")
    assert find_row(address).address == address
    assert find_row(address).parse(row.default) == row.default
    assert row.doc.endswith(".")


@pytest.mark.parametrize(
    "address",
    [
        *("/direction/Smile/alpha", "/direction/a b/alpha", "/direction//alpha", f"/direction/{'x' * 33}/alpha"),
        *("/direction/smile", "/direction/smile/", "/direction/smile/alpha/x", "/direction/smile/colour"),
        *("direction/x/alpha", "/direction/{name}/alpha", "/direction/x/alpha/", "model", ""),
    ],
)
def test_what_is_like_no_template_has_no_row(address):
    with pytest.raises(ParameterError, match="unknown"):
        find_row(address)


def test_the_rows_of_a_model_stand_behind_the_tables_at_rest(store):
    assert list(store.rows()) == [*LIVE, *(row.address for row in rows_of(["smile", "age"]))]
    assert store.rows().keys() == store.values.keys()
    assert store.values[SMILE] == 0.0
    assert store.values["/direction/smile/drive"] == "none"
    assert all(store.rows()[row.address] is row for row in LIVE.values())


def test_a_name_that_both_models_have_keeps_its_values_and_others_go_to_rest(store):
    store.set_many({SMILE: 2.0, AGE: 3.0})
    store.bring(rows_of(["age", "red"]))
    assert SMILE not in store.values
    assert store.values[AGE] == 3.0
    store.bring(rows_of(["smile", "age"]))
    assert store.values[SMILE] == 0.0
    assert store.values[AGE] == 3.0


def test_who_listens_is_told_what_went_to_rest_then_what_went_and_came(store):
    store.set(SMILE, 2.0, clamp=False)
    heard = []
    store.listen(lambda address, value, origin: heard.append((address, value)))
    store.listen_rows(lambda went, came: heard.append((sorted(went), sorted(came))))
    store.bring(rows_of(["age", "red"]))
    addresses = [sorted(row.address for row in rows_of([name])) for name in ("smile", "red")]
    assert heard == [(SMILE, 0.0), tuple(addresses)]
    store.bring(rows_of(["red", "age"]))
    assert len(heard) == 2  # the same ones


def test_a_glide_goes_on_over_an_exchange_and_ends_with_its_row(store, clock):
    store.set_many({SMILE: 2.0, AGE: 4.0}, 2.0)
    clock.advance(1.0)
    store.bring(rows_of(["age"]))
    assert store.snapshot()[AGE] == 2.0
    assert SMILE not in store.snapshot()
    store.bring(rows_of(["age", "smile"]))
    assert store.snapshot()[SMILE] == 0.0


def test_what_the_model_has_not_is_refused_by_name_and_left_out_of_many(store):
    for address in ("/direction/red/alpha", "/direction/red/drive"):
        with pytest.raises(ParameterError, match="/direction/list"):
            store.set(address, find_row(address).default, clamp=True)
    with pytest.raises(ParameterError, match="/direction/list"):
        Store({SMILE: 1.0}, clock=ManualClock())
    assert store.set_many({"/direction/red/alpha": 1.0, SMILE: 1.5, "/style/psi": 0.5}) == ("/direction/red/alpha",)
    assert (store.values[SMILE], store.values["/style/psi"]) == (1.5, 0.5)
    with pytest.raises(ParameterError, match="99"):
        store.set_many({"/direction/red/alpha": 99.0})


def test_a_preset_holds_them_as_tables(store, tmp_path):
    store.set_many({SMILE: 1.5, "/direction/smile/drive": "mid", "/direction/smile/amount": -2})
    presets.save(tmp_path / "a.toml", store.values, store.rows())
    text = (tmp_path / "a.toml").read_text()
    assert '[direction.smile]\nalpha = 1.5\ndrive = "mid"\namount = -2.0\n' in text
    look = presets.load(tmp_path / "a.toml").over(store.rows())
    assert look == {a: value for a, value in store.values.items() if store.rows()[a].in_look}
    store.set_many({SMILE: 2.0, "/direction/age/alpha": 3.0})
    store.set_many(look, 0.0)  # a look is complete, also in what the model brings
    assert (store.values[SMILE], store.values["/direction/age/alpha"]) == (1.5, 0.0)


def test_over_osc_they_are_set_asked_for_clamped_and_echoed_as_any_other(server, open_peer):
    server.store.bring(rows_of(["smile", "age"]))
    one, two = open_peer(), open_peer()
    two.ask("/subscribe", two.port)
    assert one.ask("/direction/*/alpha", 1.5) == []
    assert (server.store.values[SMILE], server.store.values[AGE]) == (1.5, 1.5)
    assert sorted(two.settle()) == [(AGE, [1.5]), (SMILE, [1.5])]
    assert one.ask("/direction/smile/drive", "high") == []
    assert one.ask("/direction/smile/*") == [
        (SMILE, [1.5]), ("/direction/smile/drive", ["high"]), ("/direction/smile/amount", [0.0]),
    ]  # fmt: skip
    told, (_, (address, reason)) = one.ask(SMILE, 99.0)
    assert told == (SMILE, [8.0])
    assert (address, "clamped" in reason) == (SMILE, True)


def test_an_unknown_one_is_refused_with_a_line_that_says_who_knows_the_names(server, peer):
    server.store.bring(rows_of(["smile"]))
    ((_, (address, reason)),) = peer.ask("/direction/red/alpha", 1.0)
    assert address == "/direction/red/alpha"
    assert "/direction/list" in reason
    server.store.bring(())
    ((_, (address, reason)),) = peer.ask(SMILE)
    assert "/direction/list" in reason


def test_what_waits_while_the_model_is_exchanged_is_reported_and_the_rest_applied(server, open_peer):
    peer = open_peer()
    source = peer.address
    changes = [Change(SMILE, 2.0, 2.0, source), Change("/style/psi", 0.5, 0.5, source)]
    server.dispatcher(Batch({change.address: change for change in changes}, Request(AGE, (), source)))
    refused = peer.settle()
    assert [told for _, (told, _) in refused] == [SMILE, AGE]
    assert all("/direction/list" in reason for _, (_, reason) in refused)
    assert server.store.values["/style/psi"] == 0.5
