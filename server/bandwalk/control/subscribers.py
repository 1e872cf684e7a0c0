"""Who hears us: the subscriptions, and where an answer goes."""

import threading
from collections.abc import Iterable

from bandwalk.clock import Clock
from bandwalk.control.peers import Allowed, ip_of
from bandwalk.control.subscription import Subscription
from bandwalk.errors import ParameterError
from bandwalk.params.controller import Controller
from bandwalk.wire import parse_ip

LAPSE_S = 10.0
"""Seconds after which a subscription that was not renewed ends."""

WHOLE_S = 1.0
"""Shortest time between two times that one target gets the whole state: a few bytes must not call for many."""

MAX_RATE = 1000.0
"""Highest limit of messages a second that a subscriber may ask for."""

MIN_REFRESH_S, MAX_REFRESH_S = 1.0, 600.0
"""Shortest and longest turn of the whole state, seconds."""


class Subscribers:
    """Subscriptions by the target that they are sent to.

    Args:
        clock:    tells when they lapse.
        limit:    most of them at a time.
        allow:    IP addresses and networks beyond loopback that may subscribe and are answered.
        own_port: the port that this server listens on, so that it is not made to talk to itself; 0: unknown.

    Raises:
        ParameterError: an entry of allow is neither an address nor a network.
    """

    def __init__(self, *, clock: Clock, limit: int, allow: Iterable[str] = (), own_port: int = 0) -> None:
        self.own_port = own_port
        self._clock = clock
        self._limit = limit
        self._allowed = Allowed(allow)
        self._subscriptions: dict[Controller, Subscription] = {}  # by target, replaced and never changed
        self._whole: dict[Controller, float] = {}  # {target: when it was owed the whole state}
        self._lock = threading.Lock()

    def is_allowed(self, ip: str) -> bool:
        """Tell whether anything may be sent to this address on a datagram's word."""
        return ip in self._allowed

    def may_save(self, controller: Controller) -> bool:
        """Tell whether a controller may write files here: where some are named as allowed, only those may."""
        return not self._allowed or self.is_allowed(ip_of(controller))

    def subscribe(
        self, controller: Controller, port: int | None = None, rate: float = 0.0, refresh_s: float = 0.0
    ) -> None:
        """Send to this port of the controller's machine from now on, or renew that.

        Args:
            controller:    who asks; one that asks for several ports has all of them.
            port:      None: the one that the controller sends from; of a line it does not count.
            rate:      most features, frames and echoes a second, each, the newest; 0: all.
            refresh_s: seconds in which the whole state is sent once more, bit by bit; 0: never.

        Raises:
            ParameterError: the port is out of range or this server's own, rate or refresh_s is out of range, the
                controller is not allowed, or there are too many subscribers.
        """
        self._check(controller, port, rate, refresh_s)
        target = _target_of(controller, port)
        with self._lock:
            now = self._clock.now()
            alive = self._alive()
            if target not in alive and len(alive) >= self._limit:
                raise ParameterError(f"/subscribe: {len(alive)} subscribers there, expected at most {self._limit}")
            subscription = alive.get(target)
            if subscription is None or subscription.controller != controller:
                alive.pop(target, None)  # what is named last comes last
                subscription = Subscription(controller, target)
                self._owe_whole(subscription, now)
            subscription.arrange(rate, refresh_s, now)
            subscription.expires = now + LAPSE_S
            self._subscriptions = alive | {target: subscription}

    def unsubscribe(self, controller: Controller, port: int | None = None) -> None:
        """Send no more to this port of the controller's machine; None: as :meth:`subscribe`."""
        target = _target_of(controller, port)
        with self._lock:
            self._subscriptions = {t: s for t, s in self._alive().items() if t != target}

    def alive(self) -> list[Subscription]:
        """Return the subscriptions that hold, the oldest first."""
        return list(self._alive().values())

    def targets(self, but: object = None) -> list[Controller]:
        """Return where to send to; not to the subscriber that a change came from."""
        return [s.target for s in self.alive() if but is None or not s.is_of(but)]

    def answer_to(self, controller: Controller) -> Controller | None:
        """Return where an answer to this controller goes: to the port that it named last, or its own; None: nowhere."""
        if not isinstance(controller, tuple):
            return controller
        if not self.is_allowed(controller[0]):
            return None
        known = [target for target, subscription in self._alive().items() if subscription.controller == controller]
        return known[-1] if known else controller

    def _owe_whole(self, subscription: Subscription, now: float) -> None:
        self._whole = {target: at for target, at in self._whole.items() if now - at < WHOLE_S}
        last = self._whole.get(subscription.target, now - WHOLE_S)
        at = last if last > now else last + WHOLE_S if now - last < WHOLE_S else now
        self._whole[subscription.target] = at
        subscription.owe_whole(at)

    def _check(self, controller: Controller, port: int | None, rate: float, refresh_s: float) -> None:
        ip, is_connected = ip_of(controller), not isinstance(controller, tuple)
        if port is not None and not is_connected and not 1 <= port <= 65535:
            raise ParameterError(f"/subscribe = {port}: expected a port in 1..65535")
        if not 0 <= rate <= MAX_RATE:
            raise ParameterError(f"/subscribe at {rate:g} a second: expected 0..{MAX_RATE:g}")
        if refresh_s and not MIN_REFRESH_S <= refresh_s <= MAX_REFRESH_S:
            raise ParameterError(
                f"/subscribe, state in {refresh_s:g} s: expected 0 or {MIN_REFRESH_S:g}..{MAX_REFRESH_S:g}"
            )
        if not self.is_allowed(ip):
            raise ParameterError(f"/subscribe from {ip}: expected this machine, or an address of --osc-allow")
        if port == self.own_port and not is_connected and parse_ip(ip).is_loopback:
            raise ParameterError(f"/subscribe = {port}: this server's own port, expected one that you listen on")

    def _alive(self) -> dict[Controller, Subscription]:
        now = self._clock.now()
        return {target: s for target, s in self._subscriptions.items() if s.expires > now}


def _target_of(controller: Controller, port: int | None) -> Controller:
    if not isinstance(controller, tuple):
        return controller
    return controller[0], controller[1] if port is None else port
