"""Who is here, counted by peer, so that one machine cannot take every place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class Guest(Protocol):
    """Somebody who holds a place.

    peer:    as :func:`bandwalk.peer.peer_of` names it.
    is_idle: it holds the place and does nothing with it just now.
    """

    peer: str

    @property
    def is_idle(self) -> bool:
        """Whether it may be sent away for somebody else."""


G = TypeVar("G", bound=Guest)


class Crowd(Generic[G]):
    """Guests in the order in which they came.

    Args:
        most:         guests at a time.
        most_of_peer: guests of one peer at a time.
    """

    def __init__(self, most: int, most_of_peer: int) -> None:
        self.most = most
        self.most_of_peer = most_of_peer
        self._guests: dict[G, None] = {}
        self._count: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._guests)

    def has_room(self, peer: str) -> bool:
        """Tell whether one more of a peer may come in."""
        return len(self._guests) < self.most and self._count.get(peer, 0) < self.most_of_peer

    def add(self, guest: G) -> None:
        """Give a guest a place."""
        self._guests[guest] = None
        self._count[guest.peer] = self._count.get(guest.peer, 0) + 1

    def remove(self, guest: G) -> None:
        """Take the place back; nothing where the guest has none."""
        if guest not in self._guests:
            return
        del self._guests[guest]
        self._count[guest.peer] -= 1
        if not self._count[guest.peer]:
            del self._count[guest.peer]

    def oldest_idle(self, peer: str) -> G | None:
        """Return the guest that gives way to a newcomer of a peer, or None where all are at work.

        It is of the same peer, if that has all its places, otherwise of the peer that holds the most.
        """
        if self._count.get(peer, 0) < self.most_of_peer:
            peer = max(self._count, key=self._count.__getitem__, default=peer)
        return next((guest for guest in self._guests if guest.peer == peer and guest.is_idle), None)


class Seat:
    """The place of one WebSocket.

    Args:
        peer:    who it belongs to.
        is_idle: tells whether it may give way to another.
        leave:   ends the connection.
    """

    def __init__(self, peer: str, is_idle: Callable[[], bool], leave: Callable[[], object]) -> None:
        self.peer = peer
        self.leave = leave
        self._is_idle = is_idle

    @property
    def is_idle(self) -> bool:
        """Whether it may give way to another."""
        return self._is_idle()


@contextmanager
def seated(seat: Seat, crowd: Crowd[Seat]) -> Iterator[bool]:
    """Hold a place as long as the block runs; yield whether there is one."""
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
