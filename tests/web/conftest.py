"""A web server with real control behind it, and clients that are not written here: http.client and websockets."""

import contextlib
import http.client
import json
import socket

import pytest
from osc_wire import build, parse
from panels import CHROMIUM, Panels
from playwright.sync_api import sync_playwright
from server import Osc
from waiting import wait_until
from websockets.sync.client import connect

from bandwalk.clock import ManualClock
from bandwalk.control import Dispatcher, OscIn, Store, Subscribers
from bandwalk.params import defaults
from bandwalk.params.commands import COMMANDS
from bandwalk.records import Counters, Stats
from bandwalk.show.web_calls import calls_for_web
from bandwalk.web import Readings, Web
from bandwalk.web.show_calls import no_upload

DEADLINE_S = 30.0
ANSWER = ("/pong", "/clock/s", "/clock/us")  # to /ping, in one bundle
READINGS = Readings(29.97, 1234, 0.0375, (Stats("synth", 10, 17.5, 22.25),), {"late": 2, "web_dropped": 1})


class Desk:
    """The web server as a show composes it; commands are recorded."""

    def __init__(self, bind="127.0.0.1", upload=no_upload, **kwargs):
        self.counters, clock = Counters(), ManualClock(100.0)
        self.acted = []
        self.store = Store(defaults())
        self.osc_in = OscIn("127.0.0.1", 0, counters=self.counters, rows=self.store.rows)
        own = ("/ping", "/subscribe", "/unsubscribe")
        self.dispatcher = Dispatcher(
            self.store,
            {command.address: self._recorder(command.address) for command in COMMANDS if command.address not in own},
            subscribers=Subscribers(clock=clock, limit=4),
            send=self.osc_in.send,
            clock=clock,
            counters=self.counters,
        )
        self.web = Web(bind, 0, counters=self.counters, **kwargs)
        self.store.listen(self.web.echo)
        self.store.listen_rows(self.web.exchange)
        self.osc_in.start(self.dispatcher)
        self.web.start(calls_for_web(self.store, self.osc_in, readings=lambda: READINGS, upload=upload))
        self.port = self.web.port

    def _recorder(self, address):
        return lambda args, source: self.acted.append((address, args))

    def get(self, path, method="GET", **headers):
        """(status, headers, body) of a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, response.headers, body

    def ask(self, path):
        """What a path answers, as JSON."""
        status, _, body = self.get(path)
        assert status == 200, body
        return json.loads(body)

    def connect(self, path="/", **kwargs):
        kwargs = {"compression": None, "open_timeout": DEADLINE_S, "close_timeout": 1, **kwargs}
        return connect(f"ws://127.0.0.1:{self.port}{path}", **kwargs)

    def send_udp(self, address, *args):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(build(address, *args), ("127.0.0.1", self.osc_in.port))

    def close(self):
        self.web.close()
        self.osc_in.close()


class Controller:
    """An OSCQuery client on a WebSocket."""

    def __init__(self, ws):
        self.ws = ws

    def listen(self, *addresses, command="LISTEN"):
        for address in addresses:
            self.ws.send(json.dumps({"COMMAND": command, "DATA": address}))
        self.settle()

    def send(self, address, *args, tags=None):
        self.ws.send(build(address, *args, tags=tags))

    def receive(self):
        """The messages of one packet, or the one notice of a text."""
        message = self.ws.recv(timeout=DEADLINE_S)
        return [json.loads(message)] if isinstance(message, str) else parse(message)

    def settle(self):
        """All that has come before the answer to a /ping sent now."""
        self.send("/ping", 7)
        heard = []
        while ("/pong", [7]) not in (messages := self.receive()):
            heard += messages
        return heard + [message for message in messages if message[0] not in ANSWER]


@pytest.fixture
def open_desk():
    with contextlib.ExitStack() as stack:

        def open_one(**kwargs):
            desk = Desk(**kwargs)
            stack.callback(desk.close)
            return desk

        yield open_one


@pytest.fixture(scope="module")
def shared_desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def desk(shared_desk):
    """The module's server, its values at their defaults."""
    shared_desk.store.set_many(defaults())
    shared_desk.acted.clear()
    shared_desk.counters.counts.clear()
    return shared_desk


@pytest.fixture
def open_controller(desk):
    with contextlib.ExitStack() as stack:
        yield lambda: Controller(stack.enter_context(desk.connect()))


@pytest.fixture
def controller(open_controller):
    return open_controller()


@pytest.fixture(name="wait_until")
def wait_until_fixture():
    return wait_until


@pytest.fixture(scope="module")
def browser():
    """One for all tests of a module: it takes seconds to start."""
    with sync_playwright() as play:
        # the sandbox needs a user that is not root
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def panels(browser):
    panels = Panels(browser)
    yield panels
    panels.close()


@pytest.fixture(scope="module")
def shared_page(panels, server):
    """The panel of the module's server, for it takes seconds to open one."""
    return panels.open(server)


@pytest.fixture(scope="module")
def osc(server):
    """A controller of the module's server."""
    controller = Osc(server, subscribe=False)
    yield controller
    controller.close()
