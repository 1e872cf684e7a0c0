"""What a control may move or run: a live parameter, or a command with its arguments."""

import shlex
from typing import NamedTuple

from bandwalk import osc
from bandwalk.control.dispatch import parse_args
from bandwalk.control.midi.scale import is_movable
from bandwalk.errors import ParameterError
from bandwalk.params import COMMANDS_BY_ADDRESS, find_row
from bandwalk.params.movers import parse_mover

MAX_TEXT = 300
"""Most characters of a target."""

_NOT_BY_HAND = ("/subscribe", "/unsubscribe", "/preset/save")


class Target(NamedTuple):
    """A parameter's or a command's address, and a command's arguments."""

    address: str
    args: tuple[osc.Argument, ...] = ()

    @property
    def is_command(self) -> bool:
        """Whether it is run, not set."""
        return self.address in COMMANDS_BY_ADDRESS

    @property
    def is_mover(self) -> bool:
        """Whether it names what moves a route: it is given the name of the control, and no control moves it."""
        return not self.is_command and find_row(self.address).check is parse_mover

    @property
    def text(self) -> str:
        """The target as it is written: /preset/recall intro 4."""
        return shlex.join([self.address, *map(_shown, self.args)])


def parse_learned(text: str) -> Target:
    """Return a target of :func:`parse_target`, or what names the mover of a route, such as ``/route/1/from``.

    Raises:
        ParameterError: as :func:`parse_target`.
    """
    target = Target(text)
    return target if _is_live(text) and target.is_mover else parse_target(text)


def _is_live(address: str) -> bool:
    try:
        find_row(address)
    except ParameterError:
        return False
    return True


def parse_target(text: str) -> Target:
    """Return the target of a text such as ``/style/psi`` or ``/preset/recall "my look" 4``.

    Raises:
        ParameterError: no control can move or run this.
    """
    if not text.strip() or len(text) > MAX_TEXT or not text.isprintable():
        raise ParameterError(f"MIDI target {text[:80]!r}: expected an address of at most {MAX_TEXT} characters")
    try:
        address, *words = shlex.split(text)
    except ValueError as e:
        raise ParameterError(f"MIDI target {text[:80]!r}: {e}; expected an address") from e
    if address in COMMANDS_BY_ADDRESS:
        return _command(address, words)
    if words or not is_movable(find_row(address)):
        raise ParameterError(f"MIDI target {text[:80]}: expected a number, a boolean, a choice, or a command")
    return Target(address)


def _command(address: str, words: list[str]) -> Target:
    command = COMMANDS_BY_ADDRESS[address]
    if command.reply or address in _NOT_BY_HAND or address.startswith("/midi/"):
        raise ParameterError(f"MIDI target {address}: expected a command that acts on the show")
    tags = command.args.replace("[", "").replace("]", "")
    try:
        args = tuple(word if tag == "s" else float(word) for tag, word in zip(tags, words, strict=False))
    except ValueError as e:
        raise ParameterError(f"MIDI target {address}: {e}; expected the arguments {command.args}") from e
    parse_args(command, args)
    return Target(address, args)


def _shown(arg: osc.Argument) -> str:
    return f"{arg:g}" if isinstance(arg, float) else str(arg)
