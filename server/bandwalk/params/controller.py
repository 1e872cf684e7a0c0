"""Controllers: who sets parameters, over UDP, TCP or a WebSocket."""

from bandwalk.wire import is_same_machine

Address = tuple[str, int]
"""(ip, port)."""


class ConnectedController:
    """A controller with its own connection (a WebSocket, TCP): it gets its answers there.

    Args:
        name: for the log.
        ip:   address of its machine.
    """

    takes_features = True
    """Whether /subscribe sends features on the connection; if not, the controller asks for them differently."""

    def __init__(self, name: str, ip: str) -> None:
        self.name = name
        self.ip = ip
        self._udp_port: int | None = None

    def answer(self, packet: bytes) -> None:
        """Send an OSC packet to the controller; callable from any thread, never waits."""
        raise NotImplementedError

    def declare(self, port: int) -> None:
        """Note the UDP port from which the same program sets parameters, so that these are not echoed to it."""
        self._udp_port = port

    def is_one_with(self, controller: object) -> bool:
        """Return whether the other controller is this one, or the UDP port that this one has declared."""
        if controller is self or self._udp_port is None:
            return controller is self
        if not isinstance(controller, tuple) or controller[1] != self._udp_port:
            return False
        return is_same_machine(controller[0], self.ip)


Controller = Address | ConnectedController
"""Who sent a message; ``isinstance(controller, tuple)``: one that sends datagrams."""
