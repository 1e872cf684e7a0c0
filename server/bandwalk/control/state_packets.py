"""The state as packets: the values of many parameters, in bundles that each fit into one Ethernet frame."""

from collections.abc import Iterable, Iterator, Mapping

from bandwalk.osc import encode, encode_bundle
from bandwalk.params.row import Value

MAX_BUNDLE = 1400
"""Most bytes of a bundle: longer datagrams are split on the network, and one lost piece loses them all."""

_HEADER, _SIZE = 16, 4


def to_bundles(values: Mapping[str, Value], addresses: Iterable[str]) -> Iterator[bytes]:
    """Yield bundles with the values of these addresses, in order; a value that is too long is a packet by itself."""
    waiting: list[bytes] = []
    size = _HEADER
    for address in addresses:
        message = encode(address, values[address])
        if waiting and size + _SIZE + len(message) >= MAX_BUNDLE:
            yield encode_bundle(waiting)
            waiting, size = [], _HEADER
        waiting.append(message)
        size += _SIZE + len(message)
    if waiting:
        yield encode_bundle(waiting)
