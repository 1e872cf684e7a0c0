import queue
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message_builder import OscMessageBuilder

from bandwalk.control.inbox import MAX_PATTERNS, MAX_REFUSALS, MAX_REFUSALS_OF_ONE, MAX_REQUESTS, Batch, Inbox, Refusal
from bandwalk.osc import MAX_MESSAGES, encode, encode_bundle
from bandwalk.params import BY_ADDRESS, COMMANDS_BY_ADDRESS, ROWS
from bandwalk.records import Counters

A, B = ("127.0.0.1", 50001), ("127.0.0.1", 50002)


@pytest.fixture
def counters():
    return Counters()


@pytest.fixture
def inbox(counters):
    return Inbox(counters)


def written(runs):
    """Return what runs say: {address: value} and (address, args) in turn."""
    said = []
    for run in runs:
        assert isinstance(run, Batch)
        if run.changes:
            said.append({change.address: change.value for change in run.changes.values()})
        if run.request:
            said.append((run.request.address, run.request.args))
    return said


def test_of_each_parameter_the_last_value_waits(inbox):
    for i in range(5000):
        inbox.put(encode(f"/walk/{('low', 'mid')[i % 2]}/gain", i % 7 / 2), A)
    assert written(inbox.take()) == [{"/walk/low/gain": 4998 % 7 / 2, "/walk/mid/gain": 4999 % 7 / 2}]


def test_no_value_passes_a_command(inbox):
    for packet in (
        encode("/style/psi", 0.1),
        encode("/style/psi", 0.2),
        encode("/preset/save", "a"),
        encode("/style/psi", 0.3),
        encode("/preset/recall", "b", 2.0),
        encode("/style/psi"),
    ):
        inbox.put(packet, A)
    assert written(inbox.take()) == [
        {"/style/psi": 0.2},
        ("/preset/save", ("a",)),
        {"/style/psi": 0.3},
        ("/preset/recall", ("b", 2.0)),
        ("/style/psi", ()),
    ]


def test_a_value_that_is_refused_does_not_push_out_a_good_one(inbox):
    for value in (0.5, "loud", float("nan")):
        inbox.put(encode("/style/psi", value), A)
    *refusals, run = inbox.take()
    assert [refusal.address for refusal in refusals] == ["/style/psi", "/style/psi"]
    assert written([run]) == [{"/style/psi": 0.5}]


def test_a_bundle_is_taken_out_together(inbox):
    inbox.put(encode_bundle([encode("/style/psi", 0.5), encode("/style/seed", 3)]), A)
    (run,) = inbox.take()
    assert [(change.address, change.controller) for change in run.changes.values()] == [
        ("/style/psi", A),
        ("/style/seed", A),
    ]


def test_a_pattern_sets_all_that_it_matches(inbox):
    inbox.put(encode("/walk/{low,mid}/[g]a*", 2), A)
    inbox.put(encode("/walk/low/gain", 3), A)
    assert written(inbox.take()) == [{"/walk/low/gain": 3.0, "/walk/mid/gain": 2.0}]


def test_a_pattern_that_asks_sets_no_command_off(inbox):
    inbox.put(encode("/walk/low/*"), A)
    asked = [address for address, _ in written(inbox.take())]
    assert asked == [row.address for row in ROWS if row.address.startswith("/walk/low/")]


def test_a_pattern_for_commands_alone_sets_them_off(inbox):
    inbox.put(encode("/walk/*/reset"), A)
    inbox.put(encode("/walk/*/bump", 1), A)
    said = [
        (f"/walk/{band}/{do}", args) for do, args in (("reset", ()), ("bump", (1,))) for band in ("low", "mid", "high")
    ]
    assert written(inbox.take()) == said


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (encode("/nothing", 1), "/nothing: unknown"),
        (encode("/port_base", 1), "/port_base: unknown"),
        (encode("/nothing/*"), "matches nothing"),
        (encode("/walk/[low", 1), "without its partner"),
        (encode("/style/psi", "0.5"), "expected a number in 0..1.5"),
        (b"/style/psi\0\0,b\0\0\0\0\0\0", "a blob (b): expected a number"),
        (b"/style/psi\0\0,N\0\0", "nil (N): expected a number"),
        (b"/style/psi\0\0,q\0\0\0\0\0\0", "an unknown type (q): expected a number"),
        (b"/style/psi\0\0,T\0\0", "True: expected a number"),
        (b"garbage!", "reading a message"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(inbox, message, reason):
    inbox.put(message, A)
    (refusal, run) = inbox.take()
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert written([run]) == []


def test_a_report_that_comes_in_is_not_answered(inbox):
    inbox.put(encode("/error", "/error", "unknown"), A)
    inbox.put(encode("/ping", 1), A)
    assert written(inbox.take()) == [("/ping", (1,))]


def test_too_many_requests_drop_the_oldest_and_no_value(inbox, counters):
    for i in range(MAX_REQUESTS + 10):
        inbox.put(encode("/style/seed", i), A)
        inbox.put(encode("/style/psi" if i % 2 else "/walk/low/gain", i / 10000), B)
        inbox.put(encode("/ping", i), A)
    taken = written(inbox.take())
    assert [said[1][0] for said in taken if isinstance(said, tuple)] == list(range(10, MAX_REQUESTS + 10))
    assert taken[0] == {"/style/seed": 10, "/walk/low/gain": 0.001, "/style/psi": 0.0009}
    assert counters.counts == {"osc_dropped": 10}


def test_a_noisy_sender_pushes_nobody_elses_refusals_out(inbox, counters):
    for i in range(1000):
        inbox.put(encode(f"/nothing/{i}"), A)
    inbox.put(encode("/nothing/mine"), B)
    *refusals, _ = inbox.take()
    assert [refusal.controller for refusal in refusals] == [A] * MAX_REFUSALS_OF_ONE + [B]
    assert counters.counts == {"errors_muted": 1000 - MAX_REFUSALS_OF_ONE}


def test_refusals_of_many_senders_are_bounded(inbox, counters):
    for i in range(MAX_REFUSALS + 5):
        inbox.put(encode("/nothing"), ("127.0.0.1", 40000 + i))
    assert len(inbox.take()) == MAX_REFUSALS + 1
    assert counters.counts == {"errors_muted": 5}


@pytest.mark.parametrize(
    ("address", "most", "reason"),
    [("/*/*/*", MAX_PATTERNS, "9 patterns; expected at most 8"), ("/style/psi", MAX_MESSAGES, "at most 256")],
)
def test_a_packet_of_too_many_messages_or_patterns_is_refused_whole(inbox, counters, address, most, reason):
    message = encode(address, 1.0)
    inbox.put(encode_bundle([message] * (most + 1)), A)
    (refusal, run) = inbox.take()
    assert reason in refusal.reason
    assert written([run]) == []
    assert counters.counts == {"osc_malformed": 1}
    inbox.put(encode_bundle([message] * most), A)
    assert any(isinstance(piece, Batch) and piece.changes for piece in inbox.take())


OSC_TYPES = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "h": st.integers(-(2**63), 2**63 - 1),
    "f": st.floats(width=32),
    "d": st.floats(),
    "s": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "b": st.binary(min_size=1),
    "T": st.just(True),
    "F": st.just(False),
    "N": st.none(),
}
ADDRESSES = [row.address for row in ROWS] + list(COMMANDS_BY_ADDRESS) + ["/*/*/*", "/*/{low,mid}/[a-z]*", "/nothing"]


@given(st.sampled_from(ADDRESSES), st.lists(st.sampled_from(sorted(OSC_TYPES)), max_size=3), st.data())
def test_whatever_stands_in_a_message_it_ends_as_a_value_in_range_a_request_or_a_refusal(address, tags, data):
    builder = OscMessageBuilder(address)
    for tag in tags:
        builder.add_arg(data.draw(OSC_TYPES[tag]), tag)
    inbox = Inbox(Counters())
    inbox.put(builder.build().dgram, A)
    gathered = inbox.take()
    assert len(gathered) >= 1
    for run in gathered:
        for change in run.changes.values() if isinstance(run, Batch) else ():
            assert BY_ADDRESS[change.address].parse(change.value) == change.value


def test_it_wakes_who_waits_and_ends_when_closed(inbox):
    taken = queue.Queue()
    waiting = threading.Thread(target=lambda: [taken.put(inbox.take()), taken.put(inbox.take())])
    waiting.start()
    inbox.put(encode("/style/psi", 0.5), A)
    assert written(taken.get(timeout=30)) == [{"/style/psi": 0.5}]
    inbox.close()
    assert taken.get(timeout=30) is None
    waiting.join()
