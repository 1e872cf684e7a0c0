"""What an OSC message does: parameters are set or told, commands acted on, everything else refused with a reason.

Who gets an answer: the controller of the datagram and nobody else, at the port it declared by /subscribe, or at the
port that it sent from. Beyond loopback only an address on the allow list is answered, since a controller can be forged;
parameters and commands of others still count, for to open the port to them was a decision. A controller with a line
of its own (a WebSocket) is answered there.
"""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bandwalk import osc
from bandwalk.clock import Clock
from bandwalk.control.file_jobs import Beside, Job, Later, Reply
from bandwalk.control.inbox import ERROR, Change, Refusal, Request, Run
from bandwalk.control.peers import name_of
from bandwalk.control.store import MAX_GLIDE_S, Store, parse_typed
from bandwalk.control.subscribers import Subscribers
from bandwalk.control.throttle import Throttle, Throttles
from bandwalk.errors import BandwalkError, ParameterError
from bandwalk.params import COMMANDS_BY_ADDRESS, missing
from bandwalk.params.controller import Address, ConnectedController, Controller
from bandwalk.params.row import INT32, Command, Row
from bandwalk.records import Counters

MAX_ERRORS = 5
"""Reports a second to one sender; the rest is counted."""

MAX_LOGGED = 5
"""Reports a second in the log."""

MAX_REASON = 500
"""Letters of a report."""

Handler = Callable[[list[Any], Controller], Iterable[Reply] | Later | None]
"""Acts on a command: gets its arguments, checked, and the controller; returns the answers, or what is left to be done
where it touches a disk. May raise BandwalkError."""

logger = logging.getLogger(__name__)


class Dispatcher:
    """Applies what :class:`~bandwalk.control.osc_in.OscIn` hands over.

    Args:
        store:       of the parameters.
        commands:    handlers by address; a command of the table without one is refused.
        subscribers: who may have an answer, and where.
        send:        sends a packet to a datagram's controller.
        clock:       limits the reports.
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
            "/ping": lambda args, _: [("/pong", args[0])],
            "/subscribe": self._subscribe,
            "/unsubscribe": self._unsubscribe,
            **commands,
        }
        self._reports = Throttles(MAX_ERRORS, clock=clock)
        self._logged = Throttle(MAX_LOGGED, clock=clock)
        self._strangers = Throttle(1, clock=clock)  # their own, so that they push nobody out of the log
        self._faults = Throttle(1, clock=clock)
        self._beside = Beside()

    @property
    def has_file_actions(self) -> bool:
        """Tell whether a command that acts on files waits or is being done."""
        return self._beside.has_actions

    def close(self) -> None:
        """Begin nothing more that touches a disk."""
        self._beside.close()

    def __call__(self, piece: Run | Refusal) -> None:
        """Apply a piece of what has gathered."""
        if isinstance(piece, Refusal):
            self.report(piece.controller, piece.address, piece.reason)
            return
        self._change(piece.changes.values())
        if piece.request is not None:
            with self._reporting_faults(piece.request.controller, piece.request.address):
                self._answer(piece.request)

    def report(self, controller: object, address: str, reason: str) -> None:
        """Tell a controller what went wrong, each a few times a second; from any thread.

        Args:
            controller:  the controller to tell, as handlers and listeners of the store get it; of one that may not be
                answered the log tells; anything else is only counted.
            address: what it had asked for; empty where that could not be read.
            reason:  one clear line.
        """
        self._counters.add("osc_errors")
        if not isinstance(controller, tuple | ConnectedController):
            return
        if not isinstance(controller, ConnectedController) and not self._subscribers.is_allowed(controller[0]):
            if self._strangers.passes():
                logger.warning("OSC from %s, which may not be answered: %s", name_of(controller), reason[:MAX_REASON])
            else:
                self._counters.add("errors_muted")
        elif self._reports.passes(controller):
            if self._logged.passes():
                logger.info("OSC from %s: %s", name_of(controller), reason)
            self._reply(controller, (ERROR, address, reason[:MAX_REASON]))
        else:
            self._counters.add("errors_muted")

    @contextmanager
    def _reporting_faults(self, controller: Controller, address: str) -> Iterator[None]:
        """Tell of a fault of ours: to the log where it lies, to the controller that there was one."""
        try:
            yield
        except Exception:
            self._counters.add("osc_failed")
            if self._faults.passes():
                logger.exception("acting on %s", address)
            self.report(controller, address, f"{address}: failed, see the log of the server")

    def _change(self, changes: Iterable[Change]) -> None:
        """Set what each controller asks for, together; tell those whose values had to be clamped."""
        by_controller: dict[Controller, list[Change]] = {}
        for change in changes:
            by_controller.setdefault(change.controller, []).append(change)
        for controller, group in by_controller.items():
            with self._reporting_faults(controller, group[0].address):
                gone = self._store.set_many({change.address: change.value for change in group}, controller=controller)
                for change in group:
                    if change.address in gone:  # another model came between the inbox and here
                        self.report(controller, change.address, str(missing(change.address)))
                    elif change.is_clamped:
                        self._tell_clamped(change)

    def _tell_clamped(self, change: Change) -> None:
        self._reply(change.controller, (change.address, change.value))
        reason = f"{change.address} = {change.asked}: {change.verb} to {change.value}"
        self.report(change.controller, change.address, reason)

    def _answer(self, request: Request) -> None:
        command = COMMANDS_BY_ADDRESS.get(request.address)
        with self._reporting_refusals(request):
            replies = self._tell(request.address) if command is None else self._act(command, request)
            if isinstance(replies, Later):
                self._do_beside(request, replies)
            else:
                self._reply_all(request.controller, replies)

    def _do_beside(self, request: Request, later: Later) -> None:
        """Let what touches a disk be done on another thread."""

        def do() -> None:
            with self._reporting_faults(request.controller, request.address), self._reporting_refusals(request):
                self._reply_all(request.controller, later.act() or ())

        def drop() -> None:
            self._counters.add("files_dropped")
            reason = f"{request.address}: too many commands wait for the disk; try again"
            self.report(request.controller, request.address, reason)

        self._beside.ask(Job((request.controller, request.address) if later.is_question else None, do, drop))

    @contextmanager
    def _reporting_refusals(self, request: Request) -> Iterator[None]:
        """Tell who asked why it is refused."""
        try:
            yield
        except BandwalkError as e:
            self.report(request.controller, request.address, str(e))

    def _reply_all(self, controller: Controller, replies: Iterable[Reply]) -> None:
        for reply in replies:
            self._reply(controller, reply)

    def _tell(self, address: str) -> Iterable[Reply]:
        value = self._store.values.get(address)
        if value is None:
            raise missing(address)
        return [(address, value)]

    def _act(self, command: Command, request: Request) -> Iterable[Reply] | Later:
        args = parse_args(command, request.args)
        if args is None:
            return ()
        handler = self._commands.get(command.address)
        if handler is None:
            raise ParameterError(f"{command.address}: not available here")
        return handler(args, request.controller) or ()

    def _reply(self, controller: Controller, reply: Reply) -> None:
        packet = osc.encode(*reply)
        target = self._subscribers.answer_to(controller)
        if isinstance(target, tuple):
            self._send(packet, target)
        elif target is not None:
            target.answer(packet)

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
    """Return a command's arguments as the table declares them, or None where a button is let go (0 or false).

    Arguments past the declared ones are ignored: some programs add their own.

    Raises:
        ParameterError: too few, or of a wrong type.
    """
    if not command.args:
        return [] if not args or _is_pressed(command, args) else None
    needed, _, optional = command.args.partition("[")
    tags = needed + optional.rstrip("]")
    if len(args) < len(needed):
        raise ParameterError(f"{command.address}: {len(args)} arguments, expected {command.args}")
    return [parse_typed(_ARGUMENTS[tag](command.address), arg) for tag, arg in zip(tags, args, strict=False)]


def _is_pressed(command: Command, args: tuple[osc.Argument, ...]) -> bool:
    button = args[0]
    if isinstance(button, osc.Unusable) and button.tag in osc.IMPULSES:
        return True
    if not isinstance(button, int | float) or not math.isfinite(button):
        raise ParameterError(f"{command.address}: expected no argument, or one number that is 0 for a button let go")
    return button != 0


_RANGES = {"/preset/recall": (0.0, MAX_GLIDE_S)}
_ARGUMENTS: dict[str, Callable[[str], Row]] = {
    "f": lambda address: Row(address, "f", 0.0, "", *_RANGES.get(address, (-1e9, 1e9))),
    "i": lambda address: Row(address, "i", 0, "", -INT32 - 1, INT32),
    "s": lambda address: Row(address, "s", "", ""),
}
