"""Limited places, counted by peer, so that one machine cannot take all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class CountedConnection(Protocol):
    """A connection that holds a place.

    peer:    the machine, as :func:`bandwalk.wire.peer_of` names it.
    is_idle: it holds the place but is not using it now.
    """

    peer: str

    @property
    def is_idle(self) -> bool:
        """Whether it may be closed for a newcomer."""


G = TypeVar("G", bound=CountedConnection)


class ConnectionLimit(Generic[G]):
    """The connections that hold places, the oldest first.

    Args:
        n_max:         most connections at a time.
        n_max_of_peer: most connections of one peer at a time.
    """

    def __init__(self, n_max: int, n_max_of_peer: int) -> None:
        self.n_max = n_max
        self.n_max_of_peer = n_max_of_peer
        self._connections: dict[G, None] = {}
        self._count: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def has_room(self, peer: str) -> bool:
        """Return whether there is a place for one more of a peer."""
        return len(self._connections) < self.n_max and self._count.get(peer, 0) < self.n_max_of_peer

    def add(self, connection: G) -> None:
        """Give a connection a place."""
        self._connections[connection] = None
        self._count[connection.peer] = self._count.get(connection.peer, 0) + 1

    def remove(self, connection: G) -> None:
        """Free a connection's place, if it has one."""
        if connection not in self._connections:
            return
        del self._connections[connection]
        self._count[connection.peer] -= 1
        if not self._count[connection.peer]:
            del self._count[connection.peer]

    def oldest_idle(self, peer: str) -> G | None:
        """Return an idle connection to close for a newcomer of a peer; None if there is none.

        It is of the same peer if that one has used all its places, else of the peer that holds the most.
        """
        if self._count.get(peer, 0) < self.n_max_of_peer:
            peer = max(self._count, key=self._count.__getitem__, default=peer)
        return next(
            (connection for connection in self._connections if connection.peer == peer and connection.is_idle), None
        )


class CountedSocket:
    """The place of one WebSocket.

    Args:
        peer:    the machine at the other end.
        is_idle: returns whether it may be closed for a newcomer.
        leave:   ends the connection.
    """

    def __init__(self, peer: str, is_idle: Callable[[], bool], leave: Callable[[], object]) -> None:
        self.peer = peer
        self.leave = leave
        self._is_idle = is_idle

    @property
    def is_idle(self) -> bool:
        """Whether it may be closed for a newcomer."""
        return self._is_idle()


@contextmanager
def counted(socket: CountedSocket, limit: ConnectionLimit[CountedSocket]) -> Iterator[bool]:
    """Hold a place while the block runs; yield whether there is one."""
    if not limit.has_room(socket.peer):
        idle = limit.oldest_idle(socket.peer)
        if idle is None:
            yield False
            return
        limit.remove(idle)
        idle.leave()
    limit.add(socket)
    try:
        yield True
    finally:
        limit.remove(socket)
