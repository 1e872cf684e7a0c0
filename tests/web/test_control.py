"""OSC over the WebSocket: both ways, as by UDP, and everybody in step."""

import contextlib
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rows import EACH
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from bandwalk.control import presets
from bandwalk.osc import encode
from bandwalk.params import ROWS, rows_of
from bandwalk.records import THIRDS_HZ, Features
from bandwalk.web.sockets import MAX_OF_PEER

SILENCE = [0.0] * len(THIRDS_HZ)
STEP = {"rms": (0.1, 0.2, 0.3), "level": (0.25, 0.5, 0.75), "change": (0.0, 0.5, -0.5), "rms_full": 0.125}


def another(row):
    """A value of the row that is not its default, with the tag that OSCQuery declares."""
    if row.type == "b":
        return not row.default, "F" if row.default else "T"
    if row.choices:
        return next(choice for choice in row.choices if choice != row.default), "s"
    if row.type == "s":
        texts = {"size": "256x128", "source": "live", "from": "lfo/saw/2", "to": "/walk/low/bump", "seeds": "3 17"}
        return texts.get(row.address.rpartition("/")[2], "none"), "s"
    part = row.lo + (row.hi - row.lo) * 0.3
    value = int(part) if row.type == "i" else part
    return (value if value != row.default else row.hi), row.type


def test_every_parameter_is_changed_from_there_and_who_listens_hears_of_it(desk, open_controller):
    mover, listener = open_controller(), open_controller()
    for row in EACH:
        listener.listen(row.address)
        mover.listen(row.address)
        value, tag = another(row)
        mover.send(row.address, value, tags=tag)
        assert mover.settle() == []
        assert desk.ask(row.address)["VALUE"] == [pytest.approx(value)]
        heard = (row.address, [pytest.approx(value) if row.type == "f" else value])
        assert listener.receive() == [heard]
        listener.send(row.address, value, tags=tag)
        assert listener.settle() == []
        assert mover.settle() == []


def test_only_who_listens_is_told_and_only_until_ignore(desk, controller):
    desk.store.set("/style/psi", 0.5, clamp=False)
    assert controller.settle() == []
    controller.listen("/style/psi")
    desk.store.set("/style/psi", 0.25, clamp=False)
    desk.store.set("/style/noise", 0.25, clamp=False)
    assert controller.receive() == [("/style/psi", [0.25])]
    controller.listen("/style/psi", command="IGNORE")
    desk.store.set("/style/psi", 1.0, clamp=False)
    assert controller.settle() == []


def test_changes_by_udp_and_by_presets_are_told(desk, controller, tmp_path):
    controller.listen("/walk/low/gain", "/mix/low/layers")
    desk.send_udp("/walk/low/gain", 2.0)
    assert controller.receive() == [("/walk/low/gain", [2.0])]
    (tmp_path / "a.toml").write_text("mix.low.layers = 'fine'")
    desk.store.set_many(presets.load(tmp_path / "a.toml").values, is_recall=True)
    assert controller.receive() == [("/mix/low/layers", ["fine"])]


def test_a_boolean_is_told_as_the_tag_that_its_type_declares(desk, controller):
    controller.listen("/master/freeze")
    desk.send_udp("/master/freeze", 1)
    assert controller.ws.recv(timeout=30) == b"/master/freeze\0\0,T\0\0"


def test_the_present_value_written_back_changes_nothing_and_is_not_echoed(desk, open_controller):
    one, other = open_controller(), open_controller()
    other.listen(*(row.address for row in ROWS))
    for row in ROWS:
        node = desk.ask(row.address)
        one.send(row.address, node["VALUE"][0], tags=node["TYPE"])
    assert one.settle() == []
    assert other.settle() == []
    assert desk.store.touched <= {row.address for row in ROWS}


def test_writing_back_does_not_count_as_touching(open_desk):
    desk = open_desk()
    with desk.connect() as ws:
        node = desk.ask("/style/psi")
        ws.send(b"/style/psi\0\0,f\0\0\x3f\x80\0\0")
        ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
        assert b"/pong\0\0\0,i\0\0\0\0\0\7" in ws.recv(timeout=30)
    assert node["VALUE"] == [1.0]
    assert desk.store.touched == frozenset()


def test_a_clamped_sender_is_told_the_real_value_and_why(controller):
    controller.send("/style/psi", 9.0)
    assert controller.settle() == [
        ("/style/psi", [1.5]),
        ("/error", ["/style/psi", "/style/psi = 9.0: clamped to 1.5"]),
    ]


@pytest.mark.parametrize(
    ("address", "args"), [("/mix/low/layers", ["9-3"]), ("/walk/low/kind", ["jump"]), ("/nothing", [1.0])]
)
def test_what_is_refused_is_answered_with_the_reason(controller, address, args):
    controller.send(address, *args)
    ((told, (about, reason)),) = controller.settle()
    assert (told, about) == ("/error", address)
    assert "expected" in reason


def test_an_address_alone_asks_for_its_value(controller):
    controller.send("/walk/low/kind")
    assert controller.settle() == [("/walk/low/kind", ["random"])]


@pytest.mark.parametrize(("tags", "args"), [("", []), ("I", [None]), ("N", [None]), ("T", [True]), ("i", [1])])
def test_a_command_is_pushed_by_an_impulse_by_nothing_or_by_a_number(desk, controller, tags, args):
    packet = b"/walk/low/bump\0\0," + tags.encode() + bytes(3 - len(tags)) + (b"\0\0\0\1" if tags == "i" else b"")
    controller.ws.send(packet)
    assert controller.settle() == []
    assert desk.acted == [("/walk/low/bump", [])]


def test_arguments_of_a_command_arrive(desk, controller):
    controller.send("/preset/recall", "page", 2.0)
    controller.send("/transport/seek", 12.5)
    assert controller.settle() == []
    assert desk.acted == [("/preset/recall", ["page", 2.0]), ("/transport/seek", [12.5])]


def test_a_websocket_listens_and_subscribes_only_to_be_one_with_its_udp_port(controller):
    controller.send("/subscribe")
    ((address, (about, reason)),) = controller.settle()
    assert (address, about) == ("/error", "/subscribe")
    assert "LISTEN or IGNORE, or your UDP port" in reason


def test_who_sets_by_udp_and_listens_by_websocket_hears_nothing_of_its_own(desk, open_controller):
    mine, other = open_controller(), open_controller()
    for one in (mine, other):
        one.listen("/style/psi")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        mine.send("/subscribe", sock.getsockname()[1])
        assert mine.settle() == []
        for i in range(120):
            sock.sendto(encode("/style/psi", i / 100), ("127.0.0.1", desk.osc_in.port))
        heard = other.receive()
        while ("/style/psi", [pytest.approx(1.19)]) not in heard:
            heard += other.receive()
    assert mine.settle() == []
    desk.send_udp("/style/psi", 0.5)
    assert mine.receive() == [("/style/psi", [0.5])]


def test_features_reach_who_listens_as_one_bundle_and_no_onset_is_lost(desk, controller):
    controller.listen("/feature/low/level", "/feature/low/onset", "/frame/seq")
    for step in range(7):
        onset = (step == 1, False, False)
        desk.web.hear(Features(step=step, t_audio=step / 100, t_capture=0.0, onset=onset, **STEP), lambda: SILENCE)
    heard = controller.settle()
    while ("/feature/low/onset", [1]) not in heard or heard[-1] != ("/feature/low/onset", [0]):
        heard += controller.receive()
    assert heard.count(("/feature/low/onset", [1])) == 1
    assert ("/feature/low/level", [0.25]) in heard
    assert {address for address, _ in heard} == {"/feature/low/level", "/feature/low/onset"}
    assert desk.ask("/feature/low/level?VALUE") == {"VALUE": [0.25]}


def test_the_spectrum_is_read_thirty_three_times_a_second_and_told_by_the_centres_of_its_bands(desk, controller):
    controller.listen("/spectrum/31.5", "/spectrum/1000", "/spectrum/16000")
    controller.settle()
    read = []

    def spectrum():
        read.append(len(read))
        return [len(read) / 100, *SILENCE[3:], 0.5, len(read) / 100]

    for step in range(1000, 1100):
        features = Features(step=step, t_audio=step / 100, t_capture=0.0, onset=(False,) * 3, **STEP)
        desk.web.hear(features, spectrum)
    assert len(read) == 34
    heard = controller.settle()
    while ("/spectrum/16000", [pytest.approx(0.34)]) not in heard:
        heard += controller.receive()
    assert {address for address, _ in heard} == {"/spectrum/31.5", "/spectrum/1000", "/spectrum/16000"}
    assert desk.ask("/spectrum/12500?VALUE") == {"VALUE": [0.5]}
    assert len(desk.ask("/spectrum")["CONTENTS"]) == len(THIRDS_HZ)


def test_while_nobody_listens_the_spectrum_is_read_once_a_second(open_desk):
    desk, read = open_desk(), []
    for step in range(2000, 2300):
        features = Features(step=step, t_audio=step / 100, t_capture=0.0, onset=(False,) * 3, **STEP)
        desk.web.hear(features, lambda: read.append(1) or [0.5] * len(THIRDS_HZ))
    assert len(read) == 3
    assert desk.ask("/spectrum/12500?VALUE") == {"VALUE": [0.5]}


def test_what_a_model_brings_is_told_to_all_and_is_steered_as_the_rest(desk, open_controller):
    controllers = [open_controller(), open_controller()]
    for controller in controllers:
        controller.settle()
    desk.store.bring(rows_of(["age"]))
    for controller in controllers:
        assert controller.receive() == [{"COMMAND": "PATH_CHANGED", "DATA": "/direction"}]
    assert desk.ask("/direction/age/alpha")["RANGE"] == [{"MIN": -8.0, "MAX": 8.0}]
    controllers[0].listen("/direction/age/alpha")
    controllers[1].send("/direction/age/alpha", 2.0)
    assert controllers[0].receive() == [("/direction/age/alpha", [2.0])]
    desk.store.bring(())
    heard = [*controllers[0].receive(), *controllers[0].receive()]
    for told in ({"COMMAND": "PATH_CHANGED", "DATA": "/direction"}, ("/direction/age/alpha", [0.0])):
        assert told in heard
    assert desk.get("/direction/age/alpha")[0] == 404


def test_what_leaves_is_forgotten(desk, controller, wait_until):
    controller.listen("/style/psi")
    controller.ws.close()
    wait_until(lambda: not desk.web._hub.clients, "the client to be forgotten")
    assert desk.web._hub.listened == frozenset()


def test_a_message_that_is_too_long_ends_the_connection_and_nobody_elses(desk, open_controller):
    bad, good = open_controller(), open_controller()
    bad.ws.send(bytes(65 * 1024))
    with pytest.raises(ConnectionClosedError, match="1009"):
        bad.ws.recv(timeout=30)
    assert good.settle() == []


def speak(ws):
    ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
    assert b"/pong" in ws.recv(timeout=30)


def test_one_peer_has_only_so_many_clients_and_others_come_in(open_desk):
    desk = open_desk()
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_OF_PEER):
            speak(stack.enter_context(desk.connect()))
        with pytest.raises(InvalidStatus, match="503"):
            stack.enter_context(desk.connect())
        stack.enter_context(desk.connect("/frames"))
        speak(stack.enter_context(desk.connect(source_address=("127.0.0.2", 0))))


def test_a_client_that_never_said_anything_gives_way(open_desk):
    desk = open_desk()
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(desk.connect()) for _ in range(MAX_OF_PEER)]
        speak(stack.enter_context(desk.connect()))
        with pytest.raises(ConnectionClosed):
            silent[0].recv(timeout=30)
        silent[1].ping().wait(30)


def test_a_client_that_does_not_read_loses_the_oldest_and_holds_nobody_up(open_desk):
    desk = open_desk()
    with desk.connect(max_queue=1) as stalled, desk.connect() as lively:
        for ws in (stalled, lively):
            ws.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/audio/source"}))
            speak(ws)  # it listens by then
        for i in range(3000):
            desk.store.set("/audio/source", f"{i:04}" + "x" * 990, clamp=False)
        while lively.recv(timeout=30)[20:24] != b"2999":
            pass
        assert sum(len(client.outbox._waiting) for client in desk.web._hub.clients) <= 1


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"COMMAND": "LISTEN"}', '{"COMMAND": "LISTEN", "DATA": "/nothing"}', "[" * 5000]
)
def test_a_text_that_is_no_request_is_counted_and_passed_over(desk, controller, text):
    controller.ws.send(text)
    assert controller.settle() == []
    assert desk.counters.counts == {"web_malformed": 1}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.one_of(st.binary(max_size=200), st.text(max_size=100)))
def test_whatever_a_client_sends_it_is_answered_after(controller, message):
    controller.ws.send(message)
    assert all(address in ("/error", "") for address, _ in controller.settle())
