"""OSC 1.0 address patterns: ``?  *  [a-z]  [!abc]  {one,two}``; none of them matches a slash.

Patterns come from the network, so they are not converted to regular expressions: a hostile one could make backtracking
very slow. Here a pattern is a list of tokens, and matching keeps the set of positions reached after each token. The
cost of any pattern is at most tokens x characters of the address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bandwalk.errors import ParameterError

MAX_PATTERN = 64
"""Most characters of a pattern; the table's longest address has a third of that."""

_SPECIAL = frozenset("?*[]{}")
_MAX_CACHED = 128


@dataclass(frozen=True, slots=True)
class _Words:
    """One of several texts: a literal run has one, {a,b} has two."""

    words: tuple[str, ...]

    def advance(self, address: str, places: set[int]) -> set[int]:
        return {at + len(word) for at in places for word in self.words if address.startswith(word, at)}


@dataclass(frozen=True, slots=True)
class _Letter:
    """One character of a set, or (``but``) one outside it; never a slash."""

    letters: frozenset[str]
    but: bool

    def advance(self, address: str, places: set[int]) -> set[int]:
        return {at + 1 for at in places if at < len(address) and self._takes(address[at])}

    def _takes(self, letter: str) -> bool:
        return letter != "/" and (letter in self.letters) != self.but


@dataclass(frozen=True, slots=True)
class _Star:
    """Zero or more characters, without a slash."""

    def advance(self, address: str, places: set[int]) -> set[int]:
        reached = set(places)
        for at in range(min(places), len(address)):
            if at in reached and address[at] != "/":
                reached.add(at + 1)
        return reached


_Token = _Words | _Letter | _Star


def is_pattern(address: str) -> bool:
    """Return whether an address is a pattern."""
    return not _SPECIAL.isdisjoint(address)


@lru_cache(maxsize=_MAX_CACHED)
def expand(pattern: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the addresses that the pattern matches, in their order.

    Raises:
        ParameterError: an unbalanced bracket or brace, or a pattern longer than MAX_PATTERN.
    """
    tokens = _parse(pattern)
    return tuple(address for address in addresses if _matches(tokens, address))


def _matches(tokens: Iterable[_Token], address: str) -> bool:
    places = {0}
    for token in tokens:
        places = token.advance(address, places)
        if not places:
            return False
    return len(address) in places


def _parse(pattern: str) -> list[_Token]:
    if len(pattern) > MAX_PATTERN:
        raise ParameterError(f"pattern of {len(pattern)} characters: expected at most {MAX_PATTERN}")
    tokens: list[_Token] = []
    at = 0
    while at < len(pattern):
        token, at = _parse_token(pattern, at)
        if tokens[-1:] != [token] or not isinstance(token, _Star):  # two stars are one
            tokens.append(token)
    return tokens


def _parse_token(pattern: str, at: int) -> tuple[_Token, int]:
    letter = pattern[at]
    if letter == "*":
        return _Star(), at + 1
    if letter == "?":
        return _Letter(frozenset(), but=True), at + 1
    if letter == "[":
        body, at = _until(pattern, at + 1, "]")
        but = body.startswith("!")
        return _Letter(_parse_set(body[but:]), but=but), at
    if letter == "{":
        body, at = _until(pattern, at + 1, "}")
        return _Words(tuple(dict.fromkeys(body.split(",")))), at
    if letter in _SPECIAL:
        raise ParameterError(f"pattern {pattern}: {letter} at {at} without its partner")
    stop = next((i for i in range(at, len(pattern)) if pattern[i] in _SPECIAL), len(pattern))
    return _Words((pattern[at:stop],)), stop


def _until(pattern: str, at: int, close: str) -> tuple[str, int]:
    stop = pattern.find(close, at)
    body = pattern[at:stop]
    if stop < 0 or is_pattern(body):
        raise ParameterError(f"pattern {pattern}: {pattern[at - 1]} at {at - 1} without its partner")
    return body, stop + 1


def _parse_set(body: str) -> frozenset[str]:
    """Return the characters of "abc" or "a-f"; a dash at an end is an ordinary character."""
    letters = set(body)
    for i in range(1, len(body) - 1):
        if body[i] == "-":
            letters.update(map(chr, range(ord(body[i - 1]), ord(body[i + 1]) + 1)))
    return frozenset(letters)
