"""Acts on OSC messages: sets and returns parameters, runs commands, refuses everything else with a reason.

Only the sender of a datagram gets the answer, at the port it declared by /subscribe, or at the port from which it sent.
Beyond loopback only addresses on the allow list are answered, because a sender's address can be forged. Parameters and
commands of others are still obeyed: the operator opened the port to them. A controller with its own connection (a
WebSocket, TCP) is answered there.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bandwalk import osc
from bandwalk.clock import Clock
from bandwalk.control.file_jobs import DiskWork, FileJob, FileThread, Reply
from bandwalk.control.inbox import ERROR, Batch, Change, Refusal, Request
from bandwalk.control.peers import name_of
from bandwalk.control.store import Store, parse_typed
from bandwalk.control.subscribers import Subscribers
from bandwalk.control.throttle import Throttle, Throttles
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.params import COMMANDS_BY_ADDRESS, missing
from bandwalk.params.controller import Address, ConnectedController, Controller
from bandwalk.params.row import INT32, Command, Row
from bandwalk.records import Counters

MAX_ERRORS = 5
"""Most reports per second to one controller; the rest is only counted."""

MAX_LOGGED = 5
"""Most reports per second in the log."""

MAX_OVERHEARD = 2
"""Most reports per second, of all controllers together, that others are told of."""

MAX_GLIDE_S = 3600.0
"""Longest glide of a recalled preset, seconds."""

MAX_REASON = 500
"""Most characters of a report."""

Handler = Callable[[list[Any], Controller], Iterable[Reply] | DiskWork | None]
"""Runs a command: takes its checked arguments and the controller; returns the answers, or a :class:`DiskWork` if it
needs the disk. May raise BandwalkError."""

logger = logging.getLogger(__name__)


class Dispatcher:
    """Applies what :class:`~bandwalk.control.osc_in.OscIn` receives.

    Args:
        store:       holds the parameters.
        commands:    handlers by address; a command without a handler is refused.
        subscribers: say who gets answers, and where.
        send:        sends a packet to an address.
        clock:       for the limits of reports.
        counters:    gets ``osc_errors``, ``errors_muted``, ``osc_failed``, ``files_dropped``.
    """

    def __init__(
        self,
        store: Store,
        commands: Mapping[str, Handler],
        *,
        subscribers: Subscribers,
        send: Callable[[bytes, Address], None],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._subscribers = subscribers
        self._send = send
        self._counters = counters
        self._commands: dict[str, Handler] = {
            "/ping": self._ping,
            "/subscribe": self._subscribe,
            "/unsubscribe": self._unsubscribe,
            **commands,
        }
        self._reports = Throttles(MAX_ERRORS, clock=clock)
        self._logged = Throttle(MAX_LOGGED, clock=clock)
        self._overheard = Throttle(MAX_OVERHEARD, clock=clock)
        self.overheard: Callable[[str], object] = lambda said: None
        """Told in one line what is refused, whoever asked for it; called by any thread, must not wait."""
        self._strangers = Throttle(1, clock=clock)  # a limit of their own, so that the log stays free for others
        self._faults = Throttle(1, clock=clock)
        self._files = FileThread()
        self._present = threading.local()  # requests come by OSC's thread and by MIDI's

    @property
    def arrived(self) -> float:
        """When the request came that this thread answers now, monotonic seconds: for handlers."""
        return float(getattr(self._present, "arrived", 0.0))

    @property
    def has_file_actions(self) -> bool:
        """Return whether a command that changes files is waiting or running."""
        return self._files.has_actions

    def close(self) -> None:
        """Start no more work that needs the disk."""
        self._files.close()

    def __call__(self, piece: Batch | Refusal) -> None:
        """Apply one piece of the inbox."""
        if isinstance(piece, Refusal):
            self.report(piece.controller, piece.address, piece.reason)
            return
        self._change(piece.changes.values())
        if piece.request is not None:
            with self._reporting_faults(piece.request.controller, piece.request.address):
                self._answer(piece.request)

    def report(self, controller: object, address: str, reason: str) -> None:
        """Report an error to a controller, at most a few times a second; callable from any thread.

        Args:
            controller: as handlers and listeners of the store get it. If it must not be answered, the report goes to
                the log; if it is not a controller, the report is only counted.
            address:    that it asked for; empty if it could not be read.
            reason:     one clear line.
        """
        self._counters.add("osc_errors")
        is_stranger = isinstance(controller, tuple) and not self._subscribers.is_allowed(controller[0])
        if not is_stranger and self._overheard.passes():
            self.overheard((reason if reason.startswith(address) else f"{address}: {reason}")[:MAX_REASON])
        if not isinstance(controller, tuple | ConnectedController):
            return
        if is_stranger:
            if self._strangers.passes():
                logger.warning("OSC from %s, which may not be answered: %s", name_of(controller), reason[:MAX_REASON])
            else:
                self._counters.add("errors_muted")
        elif self._reports.passes(controller):
            if self._logged.passes():
                logger.info("OSC from %s: %s", name_of(controller), reason)
            self.answer(controller, (ERROR, address, reason[:MAX_REASON]))
        else:
            self._counters.add("errors_muted")

    @contextmanager
    def _reporting_faults(self, controller: Controller, address: str) -> Iterator[None]:
        """Report an error in our code: the traceback to the log, one line to the controller."""
        try:
            yield
        except Exception:
            self._counters.add("osc_failed")
            if self._faults.passes():
                logger.exception("acting on %s", address)
            self.report(controller, address, f"{address}: failed; see the server's log")

    def _change(self, changes: Iterable[Change]) -> None:
        """Set each controller's values together; report clamped values to it."""
        by_controller: dict[Controller, list[Change]] = {}
        for change in changes:
            by_controller.setdefault(change.controller, []).append(change)
        for controller, group in by_controller.items():
            with self._reporting_faults(controller, group[0].address):
                gone = self._store.set_many({change.address: change.value for change in group}, controller=controller)
                for change in group:
                    if change.address in gone:  # the model was changed in the meantime
                        self.report(controller, change.address, str(missing(change.address)))
                    elif change.is_clamped:
                        self._report_clamped(change)

    def _report_clamped(self, change: Change) -> None:
        self.answer(change.controller, (change.address, change.value))
        reason = f"{change.address} = {change.asked}: {change.verb} to {change.value}"
        self.report(change.controller, change.address, reason)

    def _answer(self, request: Request) -> None:
        self._present.arrived = request.arrived
        command = COMMANDS_BY_ADDRESS.get(request.address)
        with self._reporting_refusals(request):
            replies = self._value_of(request.address) if command is None else self._act(command, request)
            if isinstance(replies, DiskWork):
                self._queue_file_job(request, replies)
            else:
                self._reply_all(request.controller, replies)

    def _queue_file_job(self, request: Request, later: DiskWork) -> None:
        """Run work that needs the disk on a separate thread."""

        def do() -> None:
            with self._reporting_faults(request.controller, request.address), self._reporting_refusals(request):
                self._reply_all(request.controller, later.act() or ())

        def drop() -> None:
            self._counters.add("files_dropped")
            reason = f"{request.address}: too many commands wait for the disk; try again"
            self.report(request.controller, request.address, reason)

        self._files.ask(FileJob((request.controller, request.address) if later.is_question else None, do, drop))

    @contextmanager
    def _reporting_refusals(self, request: Request) -> Iterator[None]:
        """Report to the controller why its request is refused."""
        try:
            yield
        except BandwalkError as e:
            self.report(request.controller, request.address, str(e))

    def _reply_all(self, controller: Controller, replies: Iterable[Reply]) -> None:
        for reply in replies:
            self.answer(controller, reply)

    def _value_of(self, address: str) -> Iterable[Reply]:
        value = self._store.values.get(address)
        if value is None:
            raise missing(address)
        return [(address, value)]

    def _act(self, command: Command, request: Request) -> Iterable[Reply] | DiskWork:
        args = parse_args(command, request.args)
        if args is None:
            return ()
        handler = self._commands.get(command.address)
        if handler is None:
            raise ParameterError(f"{command.address}: not available here")
        return handler(args, request.controller) or ()

    def answer(self, controller: Controller, reply: Reply) -> None:
        """Send a controller an answer; callable from any thread."""
        self._send_packet(controller, osc.encode(*reply))

    def _send_packet(self, controller: Controller, packet: bytes) -> None:
        target = self._subscribers.answer_to(controller)
        if isinstance(target, tuple):
            self._send(packet, target)
        elif target is not None:
            target.answer(packet)

    def _ping(self, args: list[Any], controller: Controller) -> None:
        """Answer in one bundle, the number first, then this machine's unix time."""
        us = time.time_ns() // 1000
        replies = (("/pong", args[0]), ("/clock/s", us // 10**6), ("/clock/us", us % 10**6))
        self._send_packet(controller, osc.encode_bundle(osc.encode(*reply) for reply in replies))

    def _subscribe(self, args: list[Any], controller: Controller) -> None:
        port, rate, refresh_s = args + [None, 0.0, 0.0][len(args) :]
        if isinstance(controller, ConnectedController) and port:
            controller.declare(port)
        if not isinstance(controller, ConnectedController) or controller.takes_features:
            self._subscribers.subscribe(controller, port, rate, refresh_s)
        elif not port:
            raise ParameterError(f"/subscribe from {controller.name}: expected LISTEN or IGNORE, or your UDP port")

    def _unsubscribe(self, args: list[Any], controller: Controller) -> None:
        self._subscribers.unsubscribe(controller, *args)


def parse_args(command: Command, args: tuple[osc.Argument, ...]) -> list[Any] | None:
    """Return a command's arguments as the table declares them; None if a button is released (0 or false).

    Arguments past the declared ones are ignored: some programs add their own.

    Raises:
        ParameterError: too few arguments, or a wrong type.
    """
    if not command.args:
        return [] if not args or _is_pressed(command, args) else None
    needed, _, optional = command.args.partition("[")
    tags = needed + optional.rstrip("]")
    if len(args) < len(needed):
        raise ParameterError(f"{command.address}: {len(args)} arguments; expected {command.args}")
    return [parse_typed(_ARGUMENTS[tag](command.address), arg) for tag, arg in zip(tags, args, strict=False)]


def _is_pressed(command: Command, args: tuple[osc.Argument, ...]) -> bool:
    button = args[0]
    if isinstance(button, osc.Unusable) and button.tag in osc.IMPULSES:
        return True
    if not isinstance(button, int | float) or not math.isfinite(button):
        raise ParameterError(f"{command.address}: expected no argument, or one number: 0 if a button is released")
    return button != 0


_CHECKS: dict[str, Callable[[str], object]] = {"/scene/go": str}  # so a whole number is taken for its text
_RANGES = dict.fromkeys(("/preset/recall", "/preset/recall_all"), (0.0, MAX_GLIDE_S))
_ARGUMENTS: dict[str, Callable[[str], Row]] = {
    "f": lambda address: Row(address, "f", 0.0, "", *_RANGES.get(address, (-1e9, 1e9))),
    "i": lambda address: Row(address, "i", 0, "", -INT32 - 1, INT32),
    "s": lambda address: Row(address, "s", "", "", check=_CHECKS.get(address)),
}
