"""OSC of the viewer, met by a bare UDP socket and by liblo's oscdump."""

import socket
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from server import free_port_base

from bandwalk.errors import WireError
from bandwalk_client import Control
from bandwalk_client.packets import read_packet

DEADLINE_S = 30.0


@pytest.fixture
def control(osc_peer):
    with Control(*osc_peer.getsockname()) as control:
        yield control


def receive(osc_peer):
    datagram, source = osc_peer.recvfrom(65536)
    message = OscMessage(datagram)
    return message.address, message.params, source


def wait_for_answers(control):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if answers := control.answers():
            return answers
        time.sleep(0.005)
    raise AssertionError("no answer came")


def test_values_go_out_with_the_tags_that_every_program_reads(control, osc_peer):
    control.set("/master/intensity", 0.5)
    control.set("/style/seed", 42)
    control.set("/master/freeze", True)
    control.set("/walk/low/kind", "orbit")
    control.set("/walk/low/bump")
    datagrams = [osc_peer.recv(65536) for _ in range(5)]
    assert datagrams == [
        b"/master/intensity\0\0\0" + b",f\0\0" + b"\x3f\0\0\0",
        b"/style/seed\0" + b",i\0\0" + b"\0\0\0\x2a",
        b"/master/freeze\0\0" + b",i\0\0" + b"\0\0\0\x01",  # no T: Pure Data cannot read it
        b"/walk/low/kind\0\0" + b",s\0\0" + b"orbit\0\0\0",
        b"/walk/low/bump\0\0" + b",\0\0\0",
    ]


def test_oscdump_reads_what_is_sent():
    port = free_port_base()
    command = ["stdbuf", "-oL", "oscdump", "-L", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dump:
        try:
            deadline = time.monotonic() + DEADLINE_S
            while f":{port:04X} 00000000:0000 " not in Path("/proc/net/udp").read_text():  # until it listens
                assert time.monotonic() < deadline
                time.sleep(0.01)
            with Control("127.0.0.1", port) as control:
                control.set("/out/quality", 90)
            assert dump.stdout.readline().split()[-3:] == ["/out/quality", "i", "90"]
        finally:
            dump.kill()


def test_a_question_is_a_message_without_arguments_and_its_answer_is_heard(control, osc_peer):
    control.ask("/style/psi")
    address, params, source = receive(osc_peer)
    assert (address, params) == ("/style/psi", [])
    osc_peer.sendto(b"/style/psi\0\0" + b",f\0\0" + b"\x3f\0\0\0", ("127.0.0.1", source[1]))
    assert wait_for_answers(control) == [("/style/psi", [0.5])]
    assert control.answers() == []


def test_what_is_no_answer_is_passed_over(control, osc_peer):
    control.ask("/ping")
    *_, source = receive(osc_peer)
    target = ("127.0.0.1", source[1])
    endless = b"#bundle\0" + bytes(7) + b"\x01" + b"\xff\xff\xff\xfc"  # python-osc would parse it for ever
    for junk in (
        b"",
        b"/",
        b"/a\0\0,f\0\0",
        b"/a\0\0xx\0\0",
        b"\xff" * 100,
        b"/\xff\xff\xff,f\0\0",
        endless,
        b"/" * 60_000,
    ):
        osc_peer.sendto(junk, target)
    osc_peer.sendto(b"/pong\0\0\0" + b",i\0\0" + b"\0\0\0\x07", target)
    deadline = time.monotonic() + DEADLINE_S
    answers = []
    while ("/pong", [7]) not in answers and time.monotonic() < deadline:
        answers += control.answers()
    assert ("/pong", [7]) in answers


def test_the_messages_of_a_bundle_are_heard_in_order(control, osc_peer):
    control.set("/subscribe")
    *_, source = receive(osc_peer)
    one, two = b"/a\0\0,i\0\0\0\0\0\1", b"/b\0\0,s\0\0hi\0\0"
    sized = [len(packet).to_bytes(4, "big") + packet for packet in (one, two)]
    inner = b"#bundle\0" + bytes(7) + b"\1" + sized[1]
    osc_peer.sendto(
        b"#bundle\0" + bytes(7) + b"\1" + sized[0] + len(inner).to_bytes(4, "big") + inner, ("127.0.0.1", source[1])
    )
    assert wait_for_answers(control) == [("/a", [1]), ("/b", ["hi"])]


@given(st.binary(max_size=200).map(lambda data: b"#bundle\0" + data))
def test_any_bundle_is_read_to_an_end(packet):
    assert isinstance(read_packet(packet), list)


def test_what_a_stranger_sends_is_not_heard(control, osc_peer):
    control.ask("/ping")
    *_, source = receive(osc_peer)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"/pong\0\0\0" + b",i\0\0" + b"\0\0\0\x08", ("127.0.0.1", source[1]))
    osc_peer.sendto(b"/pong\0\0\0" + b",i\0\0" + b"\0\0\0\x07", ("127.0.0.1", source[1]))
    assert wait_for_answers(control) == [("/pong", [7])]


def test_a_flood_of_answers_is_read_in_portions(control, osc_peer):
    control.ask("/ping")
    *_, source = receive(osc_peer)
    for _ in range(2000):
        osc_peer.sendto(b"/pong\0\0\0" + b",i\0\0" + b"\0\0\0\x07", ("127.0.0.1", source[1]))
    assert 0 < len(control.answers()) <= 256


def test_a_host_without_an_address_is_one_line():
    with pytest.raises(WireError, match=r"OSC to no\.such\.host\.invalid:9000: .*expected the name or address"):
        Control("no.such.host.invalid", 9000)


def test_sending_to_nobody_is_no_error():
    with Control("127.0.0.1", 9) as control:
        for _ in range(20):
            control.set("/master/freeze", 1)
            assert control.answers() == []
