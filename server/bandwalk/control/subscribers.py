"""The subscriptions, and where an answer goes."""

import threading
from collections.abc import Iterable

from bandwalk.clock import Clock
from bandwalk.control.peers import ip_of
from bandwalk.control.subscription import Subscription
from bandwalk.errors import ParameterError
from bandwalk.params.controller import Controller
from bandwalk.wire import Peers, parse_ip

LAPSE_S = 10.0
"""Seconds after which a subscription ends if it is not renewed."""

WHOLE_S = 1.0
"""Shortest time between two sendings of the whole state to one target: small requests must not cause much traffic."""

MAX_RATE = 1000.0
"""Highest rate that a subscriber may ask for, messages per second."""

MIN_REFRESH_S, MAX_REFRESH_S = 1.0, 600.0
"""Limits of the time in which the whole state is sent once more, seconds."""


class Subscribers:
    """The subscriptions, by target.

    Args:
        clock:    for their ends.
        limit:    most subscriptions at a time.
        allow:    IP addresses and networks beyond loopback that may subscribe and are answered.
        own_port: the port on which this server listens, which may not subscribe; 0: unknown.

    Raises:
        ParameterError: an entry of allow is neither an address nor a network.
    """

    def __init__(self, *, clock: Clock, limit: int, allow: Iterable[str] = (), own_port: int = 0) -> None:
        self.own_port = own_port
        self._clock = clock
        self._limit = limit
        self._allowed = Peers(allow, "--osc-allow")
        self._subscriptions: dict[Controller, Subscription] = {}  # by target; replaced, never changed
        self._whole: dict[Controller, float] = {}  # {target: time at which the whole state was due}
        self._lock = threading.Lock()

    def is_allowed(self, ip: str) -> bool:
        """Return whether anything may be sent to this address."""
        return ip in self._allowed

    def may_save(self, controller: Controller) -> bool:
        """Return whether a controller may save files: if there is an allow list, only those on it and this machine."""
        return not self._allowed or self.is_allowed(ip_of(controller))

    def subscribe(
        self, controller: Controller, port: int | None = None, rate: float = 0.0, refresh_s: float = 0.0
    ) -> None:
        """Start sending to this port of the controller's machine, or renew the subscription.

        Args:
            controller: may subscribe several ports.
            port:       None: the port from which the controller sends; ignored if it has a connection.
            rate:       most features, frames and echoes per second, each; 0: all of them.
            refresh_s:  seconds in which the whole state is sent once more, part by part; 0: never.

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
                raise ParameterError(f"/subscribe: {len(alive)} subscribers; expected at most {self._limit}")
            subscription = alive.get(target)
            if subscription is None or subscription.controller != controller:
                alive.pop(target, None)  # the newest comes last
                subscription = Subscription(controller, target)
                self._owe_whole(subscription, now)
            subscription.arrange(rate, refresh_s, now)
            subscription.expires = now + LAPSE_S
            self._subscriptions = alive | {target: subscription}

    def unsubscribe(self, controller: Controller, port: int | None = None) -> None:
        """Stop sending to this port of the controller's machine; None: as in :meth:`subscribe`."""
        target = _target_of(controller, port)
        with self._lock:
            self._subscriptions = {t: s for t, s in self._alive().items() if t != target}

    def alive(self) -> list[Subscription]:
        """Return the present subscriptions, the oldest first."""
        return list(self._alive().values())

    def targets(self) -> list[Controller]:
        """Return all targets, the oldest first."""
        return [subscription.target for subscription in self.alive()]

    def answer_to(self, controller: Controller) -> Controller | None:
        """Return where to answer: the port that the controller declared last, or else its own; None: nowhere."""
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
