"""The connection to the server: its threads, and what the main thread does with what they have received. A module DAT.

The threads use no operators. They fill the inbox and the place of the newest picture; :func:`each_frame` looks there.
"""

import collections
import http.client
import json
import os
import queue
import threading
import time
from pathlib import Path

CONNECTION = ("Host", "Portbase", "Transport", "Tokenfile", "Certificate", "Curve")
"""Custom parameters that say where the server is."""

MAX_INBOX = 4096
MAX_AT_ONCE = 500  # messages in one frame of TouchDesigner
MAX_TREE = 16 * 2**20

_inbox = queue.Queue(MAX_INBOX)
_trees = queue.Queue(maxsize=1)
_threads = {}  # {"control": Line, "frames": Line or Receiver}
_server = None
_settings = None


class Clock:
    """How much later it is at the server, seconds: of the last questions, the one with the fastest answer counts."""

    def __init__(self):
        self.offset_s = None
        self._sent, self._found, self._number = {}, collections.deque(maxlen=16), 0

    def next(self):
        """Return the number of the next question (/ping), which is sent now."""
        self._number += 1
        self._sent = {self._number: time.time()}
        return self._number

    def hear(self, number, server_s):
        """Take an answer: the number, and the server's unix time."""
        sent = self._sent.pop(number, None)
        if sent is not None:
            received = time.time()
            self._found.append((received - sent, server_s - (sent + received) / 2))
            self.offset_s = min(self._found)[1]


CLOCK = Clock()


def follow(comp):
    """Connect to the server that the component's parameters name, if it is another one."""
    if _settings != _read_settings(comp):
        connect(comp)


def _read_settings(comp):
    return [getattr(comp.par, name).eval() for name in CONNECTION]


def connect(comp):
    """Connect to the server that the component's parameters name, instead of the one before."""
    global _server, _settings, CLOCK
    stop()
    _settings = _read_settings(comp)
    line = comp.op("line").module
    token, fault = _read_token(comp.par.Tokenfile.eval())
    host, base = comp.par.Host.eval().strip(), int(comp.par.Portbase.eval())
    _server = line.Server(host, base, token, comp.par.Certificate.eval())
    comp.op("features").par.port = base + 1
    send = comp.op("osc_out")
    send.par.netaddress, send.par.port = host, base
    CLOCK = Clock()
    _threads["control"] = _control_line(line, comp.op("osc").module, _server)
    try:
        _threads["frames"] = _frames_thread(comp, line)
    except (ImportError, OSError) as e:
        fault = f"frames by ZeroMQ: {e}"
    for thread in _threads.values():
        thread.start()
    comp.op("status").module.begin(fault)


def _read_token(path):
    """Return (token, what is wrong): the text of a file, or without one the variable BANDWALK_TOKEN."""
    if not path:
        return os.environ.get("BANDWALK_TOKEN", ""), ""
    try:
        return Path(path).expanduser().read_text(encoding="ascii").strip(), ""
    except (OSError, ValueError) as e:
        return "", f"Token file: {e}"


def _control_line(line, osc, server):
    clock, inbox = CLOCK, _inbox

    def take(messages):
        for kind, body in messages:
            found = osc.decode(body) if kind == line.BINARY else [("PATH", ())] if b'"PATH_' in body else []
            told = dict(found)
            if "/pong" in told and "/clock/s" in told and "/clock/us" in told:
                clock.hear(told["/pong"][0], told["/clock/s"][0] + told["/clock/us"][0] / 1e6)
            for message in found:
                if not message[0].startswith(("/clock/", "/pong")):
                    _put(inbox, message)

    def ping():
        return line.to_frame(line.BINARY, osc.encode("/ping", "i", clock.next()))

    return line.Line(server, "/", take, on_open=lambda: _put(inbox, ("OPEN", ())), make_ping=ping)


def _put(inbox, message):
    try:
        inbox.put_nowait(message)
    except queue.Full:  # the main thread has stood for long: open the line again, and ask for everything
        raise ConnectionError(f"more than {MAX_INBOX} messages were not taken") from None


def _frames_thread(comp, line):
    newest = comp.op("frames").module.NEWEST
    if comp.par.Transport.eval() == "zeromq":
        host = f"[{_server.host}]" if ":" in _server.host else _server.host
        endpoint, curve = f"tcp://{host}:{_server.base + 2}", comp.par.Curve.eval()
        make = comp.op("zmq_thread").module.Receiver
        return make(endpoint, lambda jpeg: newest.put(jpeg, time.monotonic()), curve)

    def take(messages):
        jpegs = [body for kind, body in messages if kind == line.BINARY]
        if jpegs:
            newest.put(jpegs[-1], time.monotonic(), len(jpegs) - 1)

    return line.Line(_server, "/frames", take)


def stop(wait_s=0.0):
    """End the threads; wait for each at most this long, seconds."""
    for thread in _threads.values():
        thread.stop()
    for thread in _threads.values():
        if wait_s and thread.is_alive():
            thread.join(wait_s)
    _threads.clear()
    while not _inbox.empty():
        _inbox.get_nowait()


def send(packet):
    """Send an OSC message, if the server is there."""
    control = _threads.get("control")
    if control:
        control.send(2, packet)


def listen(addresses):
    """Ask the server to send each change of these addresses."""
    control = _threads.get("control")
    for address in addresses if control else ():
        control.send(1, json.dumps({"COMMAND": "LISTEN", "DATA": address}).encode())


def state():
    """Return the state of the line to the server, in words: connected, connecting, or lost: and why."""
    control = _threads.get("control")
    return control.state if control else "not connected"


def each_frame(comp):
    """Do what the threads have found to do."""
    now = time.monotonic()
    for thread in list(_threads.values()):
        thread.attended = now
    if not all(thread.is_alive() for thread in _threads.values()):
        connect(comp)  # TouchDesigner stood still for long
    for _ in range(MAX_AT_ONCE):
        try:
            address, values = _inbox.get_nowait()
        except queue.Empty:
            break
        _take(comp, address, values, now)
    _take_tree(comp)
    comp.op("menus").module.each_frame(comp, now)
    comp.op("status").module.each_frame(comp, now)


def _take(comp, address, values, now):
    menus = comp.op("menus").module
    if address in ("OPEN", "PATH"):
        threading.Thread(target=_fetch, args=(comp.op("line").module, _server, _trees, _inbox), daemon=True).start()
        menus.ask(comp)
    elif address == "/error":
        comp.op("status").module.error(comp, ": ".join(map(str, values)))
        menus.refuse(comp, str(values[0]) if values else "")
    else:
        menus.hear(comp, address, values, now)
        if len(values) == 1:
            comp.op("parameters").module.hear(comp, address, values[0])


def _fetch(line, server, trees, inbox):
    """Read the tree of parameters, in a thread."""
    try:
        with line.open_socket(server) as sock:
            sock.sendall(line.head_of(server, "/", "Connection: close"))
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            trees.put_nowait(json.loads(answer.read(MAX_TREE)))
    except (OSError, ValueError, http.client.HTTPException) as e:
        _put(inbox, ("/error", ("parameters", str(e))))
    except queue.Full:  # one has just come
        return


def _take_tree(comp):
    try:
        tree = _trees.get_nowait()
    except queue.Empty:
        return
    parameters, menus = comp.op("parameters").module, comp.op("menus").module
    for packet in parameters.make(comp, tree, comp.op("osc").module):
        send(packet)
    menus.take_tree(comp, tree)
    listen([*parameters.addresses(), *menus.SIGNALS])
