"""What messages do and who hears of it, over real sockets; a /ping after each shows that nothing else came."""

import math
import time

import pytest

from bandwalk.clock import ManualClock
from bandwalk.control.dispatch import MAX_ERRORS, MAX_LOGGED, MAX_REASON, Dispatcher, parse_args
from bandwalk.control.inbox import Batch, Change, Refusal, Request
from bandwalk.control.osc_in import OscIn
from bandwalk.control.store import Store
from bandwalk.control.subscribers import Subscribers
from bandwalk.errors import ParameterError
from bandwalk.params import ROWS
from bandwalk.params.commands import COMMANDS
from bandwalk.records import Counters

STRANGER = ("192.0.2.8", 50001)


def test_a_parameter_is_set_and_nobody_is_bothered(server, peer):
    assert peer.ask("/style/psi", 0.5) == []
    assert server.store.values["/style/psi"] == 0.5


def test_a_parameter_without_arguments_is_answered_with_its_value(server, peer):
    server.store.set("/walk/mid/kind", "orbit", clamp=False)
    assert peer.ask("/walk/mid/kind") == [("/walk/mid/kind", ["orbit"])]
    assert peer.ask("/master/freeze") == [("/master/freeze", [0])]


def test_a_pattern_without_arguments_is_answered_for_each(peer):
    assert peer.ask("/mix/*/layers") == [
        ("/mix/low/layers", ["coarse"]),
        ("/mix/mid/layers", ["fine"]),
        ("/mix/high/layers", ["middle"]),
    ]


def test_the_whole_table_can_be_asked_for_at_once(peer):
    peer.send("/*/*")
    peer.send("/*/*/*")
    assert sorted(address for address, _ in peer.settle()) == sorted(row.address for row in ROWS)


def test_a_clamped_sender_is_told_the_real_value_and_that_it_was_clamped(server, peer):
    assert peer.ask("/style/psi", 9.0) == [
        ("/style/psi", [1.5]),
        ("/error", ["/style/psi", "/style/psi = 9.0: clamped to 1.5"]),
    ]
    assert server.store.values["/style/psi"] == 1.5


def test_the_side_of_a_square_may_be_sent_as_a_number(server, peer):
    assert peer.ask("/out/size", 256) == []
    assert server.store.values["/out/size"] == "256"


@pytest.mark.parametrize("value", [math.nan, math.inf, "loud"])
def test_what_is_refused_is_reported_and_changes_nothing(server, peer, value):
    before = server.store.snapshot()
    ((address, (about, reason)),) = peer.ask("/style/psi", value)
    assert (address, about) == ("/error", "/style/psi")
    assert "expected a number in 0..1.5" in reason
    assert server.store.snapshot() is before


def test_garbage_is_reported_without_an_address(server, peer):
    peer.send_raw(b"garbage!")
    ((address, (about, reason)),) = peer.settle()
    assert (address, about) == ("/error", "")
    assert reason.startswith("reading a message")


def test_reports_are_a_few_a_second_and_the_rest_is_counted(server, peer):
    heard = [message for _ in range(MAX_ERRORS + 3) for message in peer.ask("/nothing")]
    assert heard == [("/error", ["/nothing", "/nothing: unknown, expected an address of the table"])] * MAX_ERRORS
    assert server.counters.counts["errors_muted"] == 3
    server.clock.advance(1.0)
    assert len(peer.ask("/nothing")) == 1


def test_of_who_may_not_be_answered_the_log_tells_once_a_second_and_mutes_nobody(server, peer, caplog):
    for _ in range(MAX_ERRORS + 1):
        server.dispatcher(Refusal("/nothing", "/nothing: unknown", STRANGER))
    assert [record.message for record in caplog.records] == [
        "OSC from 192.0.2.8:50001, which may not be answered: /nothing: unknown"
    ]
    assert server.counters.counts == {"osc_errors": MAX_ERRORS + 1, "errors_muted": MAX_ERRORS}
    assert len(peer.ask("/nothing")) == 1


def test_whatever_a_command_or_a_listener_meets_who_asked_is_told(open_server, open_peer, caplog):
    server = open_server()
    peer = open_peer(server.port)

    def fail(*args):
        raise OSError("a\nb")

    server.dispatcher._commands["/model/load"] = fail
    server.store.listen(fail)
    for address, value in (("/model/load", "x"), ("/style/psi", 0.5)):
        assert peer.ask(address, value) == [("/error", [address, f"{address}: failed; see the server's log"])]
    assert server.counters.counts["osc_failed"] == 2
    assert [record.message for record in caplog.records if record.exc_info] == ["acting on /model/load"]


def test_a_report_is_never_long(server, peer):
    server.dispatcher.report(peer.address, "/x", "y" * 9000)
    assert peer.settle() == [("/error", ["/x", "y" * MAX_REASON])]


def test_what_went_wrong_later_is_reported_to_who_asked(server, peer):
    server.dispatcher.report(peer.address, "/audio/source", "no such file")
    server.dispatcher.report("the panel", "/audio/source", "no such file")
    assert peer.settle() == [("/error", ["/audio/source", "no such file"])]


@pytest.mark.parametrize(
    ("address", "args", "tags", "acts"),
    [
        ("/walk/low/reset", [], "", [[]]),
        ("/walk/low/reset", [1.0], "f", [[]]),
        ("/walk/low/reset", [1], "i", [[]]),
        ("/walk/low/reset", [True], "T", [[]]),
        ("/walk/low/reset", [0.0], "f", []),
        ("/walk/low/reset", [0], "i", []),
        ("/walk/low/reset", [False], "F", []),
        ("/transport/seek", [0.0], "f", [[0.0]]),
        ("/transport/seek", [12], "i", [[12.0]]),
        ("/transport/seek", [0.1], "d", [[0.1]]),
        ("/model/load", ["builtin"], "s", [["builtin"]]),
        ("/preset/recall", ["a"], "s", [["a"]]),
        ("/preset/recall", ["a", 2], "si", [["a", 2.0]]),
        ("/preset/recall", ["a", 2.0, 7, "x"], "sfis", [["a", 2.0]]),
        ("/walk/low/reset", [1, "x"], "is", [[]]),
        ("/walk/low/reset", [0, 1], "ii", []),
    ],
)
def test_a_command_acts_on_its_arguments_and_a_button_let_go_does_nothing(server, peer, address, args, tags, acts):
    assert peer.ask(address, *args, tags=tags) == []
    assert server.acted == [(address, act) for act in acts]


@pytest.mark.parametrize(
    ("address", "args", "tags"),
    [
        ("/walk/low/reset", ["now"], "s"),
        ("/walk/low/reset", ["1"], "s"),
        ("/walk/low/reset", [math.nan], "f"),
        ("/walk/low/reset", [b"blob"], "b"),
        ("/transport/seek", [], ""),
        ("/transport/seek", [True], "T"),
        ("/transport/seek", ["12"], "s"),
        ("/transport/seek", [math.inf], "f"),
        ("/model/load", [], ""),
        ("/model/load", [1], "i"),
        ("/model/load", ["x" * 1001], "s"),
        ("/preset/recall", ["a", "b"], "ss"),
        ("/ping", [2**40], "h"),
        ("/subscribe", ["9100"], "s"),
        ("/subscribe", [9100.5], "f"),
        ("/subscribe", [0], "i"),
    ],
)
def test_a_command_with_other_arguments_is_refused(server, peer, address, args, tags):
    ((report, (about, reason)),) = peer.ask(address, *args, tags=tags)
    assert (report, about) == ("/error", address)
    assert address in reason
    assert server.acted == []


@pytest.mark.parametrize("seconds", [math.nan, -1.0, 3601.0])
def test_a_recall_over_no_time_that_there_is_says_the_range(peer, seconds):
    ((_, (_, reason)),) = peer.ask("/preset/recall", "page", seconds)
    assert reason == f"/preset/recall = {seconds}: expected a number in 0..3600"


def test_every_command_of_the_table_takes_what_the_table_says():
    samples = {"i": 9100, "f": 1.5, "s": "name"}
    for command in COMMANDS:
        needed, _, optional = command.args.strip("]").partition("[")
        args = tuple(samples[tag] for tag in needed + optional)
        assert parse_args(command, args) == list(args)
        assert parse_args(command, args[: len(needed)]) == list(args[: len(needed)])
        if needed:
            with pytest.raises(ParameterError, match=command.address):
                parse_args(command, args[: len(needed) - 1])
        if args:
            assert parse_args(command, (*args, "more", "more")) == list(args)


def test_a_handlers_answers_reach_who_asked(open_peer):
    counters, clock = Counters(), ManualClock()
    ear = OscIn("127.0.0.1", 0, counters=counters)

    def refuse(args, source):
        raise ParameterError("/model/load = x: not there")

    ear.start(
        Dispatcher(
            Store({}),
            {"/model/list": lambda args, source: [("/model/name", "a"), ("/model/name", "b")], "/model/load": refuse},
            subscribers=Subscribers(clock=clock, limit=0),
            send=ear.send,
            clock=clock,
            counters=counters,
        )
    )
    peer = open_peer(ear.port)
    assert peer.ask("/model/list") == [("/model/name", ["a"]), ("/model/name", ["b"])]
    assert peer.ask("/model/load", "x") == [("/error", ["/model/load", "/model/load = x: not there"])]
    assert peer.ask("/stats") == [("/error", ["/stats", "/stats: not available here"])]
    ear.close()


def test_answers_go_to_the_port_that_the_sender_declared(server, open_peer):
    sender, listener = open_peer(), open_peer()
    sender.send("/subscribe", listener.port)
    assert listener.settle(through=sender) == []
    sender.send("/style/psi")
    sender.send("/nothing")
    assert {address for address, _ in listener.settle(through=sender)} == {"/style/psi", "/error"}
    sender.send("/unsubscribe", listener.port)
    assert sender.ask("/style/psi") == [("/style/psi", [1.0])]


def test_subscribers_over_the_limit_are_told_so(open_server, open_peer):
    server = open_server(limit=1)
    first, second = open_peer(server.port), open_peer(server.port)
    assert first.ask("/subscribe", first.port) == []
    ((_, (about, reason)),) = second.ask("/subscribe", second.port)
    assert (about, "at most 1" in reason) == ("/subscribe", True)
    server.clock.advance(10.0)
    assert second.ask("/subscribe", second.port) == []


def test_a_stranger_may_steer_where_the_port_is_open_to_it_but_nothing_is_sent_to_it(server):
    sent = []
    dispatcher = Dispatcher(
        server.store,
        {},
        subscribers=server.subscribers,
        send=lambda packet, target: sent.append(target),
        clock=server.clock,
        counters=server.counters,
    )
    dispatcher(Batch({"/style/psi": Change("/style/psi", 0.5, 9.0, STRANGER)}))
    dispatcher(Batch(request=Request("/style/psi", (), STRANGER)))
    dispatcher(Batch(request=Request("/ping", (1,), STRANGER)))
    dispatcher(Batch(request=Request("/subscribe", (9100,), STRANGER)))
    dispatcher(Refusal("", "garbage", STRANGER))
    assert server.store.values["/style/psi"] == 0.5
    assert sent == []
    assert server.subscribers.targets() == []


def test_what_is_refused_is_overheard_twice_a_second_but_not_of_strangers(server):
    said = []
    server.dispatcher.overheard = said.append
    server.dispatcher.report(STRANGER, "/style/psi", "a stranger's")
    server.dispatcher.report(None, "/audio/source", "opening x: no such file")
    for _ in range(10):
        server.dispatcher.report(("127.0.0.1", 9), "/style/psi", "/style/psi = 9.0: clamped to 1.5")
    assert said == ["/audio/source: opening x: no such file", "/style/psi = 9.0: clamped to 1.5"]


def test_a_noisy_sender_mutes_nobody_else_and_the_log_stays_short(server, open_peer, caplog):
    caplog.set_level("INFO")
    noisy = [open_peer() for _ in range(6)]
    for peer in noisy:
        for _ in range(60):
            peer.send("/nothing")
        assert len(peer.settle()) == MAX_ERRORS
    quiet = open_peer()
    assert len(quiet.ask("/style/psi", "loud")) == 1
    assert len([record for record in caplog.records if "OSC from" in record.message]) == MAX_LOGGED


def test_a_ping_is_answered_in_one_bundle_with_the_time_of_this_machine(server, peer):
    before = time.time()
    peer.send("/ping", 7)
    (pong, number), (s_address, (s,)), (us_address, (us,)) = peer.receive()
    assert (pong, number, s_address, us_address) == ("/pong", [7], "/clock/s", "/clock/us")
    assert before - 1e-6 <= s + us / 1e6 <= time.time()
    assert 0 <= us < 10**6


def test_a_command_knows_when_it_arrived(server, peer):
    before = time.monotonic()
    peer.ask("/walk/low/bump")
    assert before <= server.arrived[-1] <= time.monotonic()
