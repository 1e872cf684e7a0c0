"""Limited places, counted by peer, so that one machine cannot take all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class Guest(Protocol):
    """A connection that holds a place.

    peer:    the machine, as :func:`bandwalk.wire.peer_of` names it.
    is_idle: it holds the place but is not using it now.
    """

    peer: str

    @property
    def is_idle(self) -> bool:
        """Whether it may be closed for a newcomer."""


G = TypeVar("G", bound=Guest)


class Crowd(Generic[G]):
    """Guests, the oldest first.

    Args:
        n_max:         most guests at a time.
        n_max_of_peer: most guests of one peer at a time.
    """

    def __init__(self, n_max: int, n_max_of_peer: int) -> None:
        self.n_max = n_max
        self.n_max_of_peer = n_max_of_peer
        self._guests: dict[G, None] = {}
        self._count: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._guests)

    def has_room(self, peer: str) -> bool:
        """Return whether there is a place for one more of a peer."""
        return len(self._guests) < self.n_max and self._count.get(peer, 0) < self.n_max_of_peer

    def add(self, guest: G) -> None:
        """Give a guest a place."""
        self._guests[guest] = None
        self._count[guest.peer] = self._count.get(guest.peer, 0) + 1

    def remove(self, guest: G) -> None:
        """Free a guest's place, if it has one."""
        if guest not in self._guests:
            return
        del self._guests[guest]
        self._count[guest.peer] -= 1
        if not self._count[guest.peer]:
            del self._count[guest.peer]

    def oldest_idle(self, peer: str) -> G | None:
        """Return an idle guest to close for a newcomer of a peer; None if there is none.

        It is of the same peer if that one has used all its places, else of the peer that holds the most.
        """
        if self._count.get(peer, 0) < self.n_max_of_peer:
            peer = max(self._count, key=self._count.__getitem__, default=peer)
        return next((guest for guest in self._guests if guest.peer == peer and guest.is_idle), None)


class Seat:
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
def seated(seat: Seat, crowd: Crowd[Seat]) -> Iterator[bool]:
    """Hold a place while the block runs; yield whether there is one."""
    if not crowd.has_room(seat.peer):
        idle = crowd.oldest_idle(seat.peer)
        if idle is None:
            yield False
            return
        crowd.remove(idle)
        idle.leave()
    crowd.add(seat)
    try:
        yield True
    finally:
        crowd.remove(seat)
