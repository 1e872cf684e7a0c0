"""What one row of the table is: a typed value with a range, or a command."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from bandwalk.errors import ParameterError
from bandwalk.params.titles import title_of

Value = float | int | str | bool | tuple[str, ...]

UNIT_NAMES = {
    "s": "time.second",
    "ms": "time.ms",
    "Hz": "time.hz",
    "1/s": "time.hz",
    "bpm": "time.bpm",
    "dB": "gain.db",
    "deg": "angle.degree",
    "rad": "angle.radian",
}
"""The table's units in the vocabulary of the OSCQuery proposal; those that it has no word for are not here."""

TYPE_WORDS = {"f": "a number", "i": "a whole number", "s": "a text", "b": "0 or 1", "l": "a list of texts"}
INT32 = 2**31 - 1
"""The largest number of type i."""

MAX_STEPS = 999
"""Where a fader or a route stops on a whole number without a natural end (a seed, a class)."""

MAX_TEXT = 1000
"""Letters of a text; a path may be long."""


TIME_CONSTANT = "Time constant: after it 63 % of the way is done."
"""The exact meaning of a time to rise or to fall."""

SHOW, CLIP, SONG = "serve", "render", "analyze"
"""The commands that use rows of the table."""

SHOWS, CLIPS, SONGS, EVERY = (SHOW,), (CLIP,), (CLIP, SONG), (SHOW, CLIP, SONG)
"""What a row is used by."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter.

    address: OSC address ("/walk/low/max_step"); of a start-up setting its name ("port_base").
    type:    f (float), i (int32), s (text), b (boolean), l (list of texts, settings only).
    doc:     one sentence for who plays the show: what is seen.
    exact:   unit, formula or standard, for who writes a client; only protocol.md has it.
    lo, hi:  range of a number, both ends in it.
    choices: the texts that are allowed; empty: any.
    check:   raises ParameterError for a text that does not parse.
    flag:    command-line flag, where the one made from the address would be clumsy.
    used_by: the commands that use it. Each of them has its flag; none: a flag of another name sets it.
    routable: a route may move it, if it is a number, a switch or a choice.
    folded:  one of many alike that tablets and other small surfaces leave out.
    in_look: part of a look, which is what is seen; else it is setup, which recalling a look leaves as it is.
    """

    address: str
    type: str
    default: Value
    doc: str
    lo: float = -math.inf
    hi: float = math.inf
    unit: str = ""
    choices: tuple[str, ...] = ()
    check: Callable[[str], object] | None = None
    flag: str = ""
    used_by: tuple[str, ...] = (SHOW, CLIP)
    routable: bool = True
    folded: bool = False
    in_look: bool = True
    exact: str = ""

    @property
    def title(self) -> str:
        """The short name beside the control: "step"."""
        return title_of(self.address)

    @property
    def live(self) -> bool:
        """Whether it may change while the show runs (a start-up setting has no OSC address)."""
        return self.address.startswith("/")

    @property
    def name(self) -> str:
        """The address as an identifier: walk_low_max_step."""
        return self.address.strip("/").replace("/", "_")

    @property
    def option(self) -> str:
        """The command-line flag: --walk-low-max-step."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def range_text(self) -> str:
        """The range in words: "0..1.5", "a or b", or nothing."""
        if self.choices:
            return ", ".join(self.choices)
        if math.isinf(self.lo):
            return ""
        return f"{self.lo:.10g}..{self.hi:.10g}"

    def parse(self, value: object, *, clamp: bool = False) -> Value:
        """Return value in the row's type, inside its range.

        An int is taken for a float, a whole float for an int, 0 or 1 for a boolean, and a number for the text that it
        spells, where the row takes that text.

        Args:
            value: what came in: a number, a text, or the text of a number.
            clamp: as OSC is read: a number outside the range is brought to its end instead of refused (files, flags),
                a fraction is rounded where a whole number is wanted, and a number may be the index of a choice.

        Raises:
            ParameterError: wrong type, NaN or infinity, unknown choice, or out of range without clamp.
        """
        parsed = _CONVERTERS[self.type](self, self._loosened(value) if clamp else value)
        if isinstance(parsed, str):
            return self._checked_text(parsed)
        if isinstance(parsed, tuple):
            return tuple(str(self._checked_text(text)) for text in parsed)
        if isinstance(parsed, bool) or self.lo <= parsed <= self.hi:
            return parsed
        if not clamp:
            raise self.error(value)
        return type(parsed)(min(max(parsed, self.lo), self.hi))

    def _loosened(self, value: object) -> object:
        """Return what a number that came by OSC stands for in this row."""
        if self.type == "i" and isinstance(value, float) and math.isfinite(value):
            return round(value)
        index = _to_whole(value) if self.choices else None
        if index is None or str(index) in self.choices or not 0 <= index < len(self.choices):
            return value
        return self.choices[index]

    def error(self, value: object) -> ParameterError:
        """Return the error that says what was got and what was expected."""
        expected = self.range_text or TYPE_WORDS[self.type]
        if self.range_text and not self.choices and self.type in "fi":
            expected = f"{TYPE_WORDS[self.type]} in {self.range_text}"
        return ParameterError(f"{self.address} = {_to_shown(value)[:80]}: expected {expected}")

    def _checked_text(self, text: str) -> str:
        if len(text) > MAX_TEXT or (self.choices and text not in self.choices) or not text.isprintable():
            raise self.error(text)
        if self.check is not None:
            try:
                self.check(text)
            except ParameterError as e:
                raise ParameterError(f"{self.address}: {e}") from e
        return text


setup = partial(Row, in_look=False)
"""A row of what is not seen, or is not the look's to say: the sound, the output, safety, the beat, black and frozen."""


def _to_shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 64:  # Python refuses to write out very long ones
        return f"a whole number of {value.bit_length()} bits"
    return repr(value) if isinstance(value, str) and not value.isalnum() else str(value)


def _to_number(row: Row, value: object) -> float:
    if not isinstance(value, bool | int | float | str):
        raise row.error(value)
    try:
        number = float(Fraction(value) if isinstance(value, str) and "/" in value else value)  # 30000/1001
    except (ValueError, OverflowError, ZeroDivisionError):  # no number, or a whole one that no float holds
        raise row.error(value) from None
    if not math.isfinite(number):
        raise row.error(value)
    return number


def _to_int(row: Row, value: object) -> int:
    number = _to_number(row, value)
    if number != int(number):
        raise row.error(value)
    return int(number)


def _to_bool(row: Row, value: object) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    number = _to_number(row, value)
    if number not in (0, 1):
        raise row.error(value)
    return bool(number)


def _to_text(row: Row, value: object) -> str:
    whole = _to_whole(value) if row.choices or row.check else None
    if whole is not None:
        return str(whole)  # /out/size i 512: what a slider sends for s "512"
    if not isinstance(value, str):
        raise row.error(value)
    return value


def _to_whole(value: object) -> int | None:
    """Return the whole number that a value is; None where it is not one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _to_list(row: Row, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise row.error(value)


_CONVERTERS: dict[str, Callable[[Row, object], Value]] = {
    "f": _to_number,
    "i": _to_int,
    "b": _to_bool,
    "s": _to_text,
    "l": _to_list,
}


@dataclass(frozen=True, slots=True)
class Command:
    """A message that does something and has no value to keep.

    args: OSC type tags it takes; a part in brackets may be left out. A command without arguments also takes
          one number: 0 (a button let go) does nothing.
    routable: a route may send it: it takes no argument, answers nothing and touches no file.
    exact:    as of a row.
    """

    address: str
    args: str
    doc: str
    reply: str = ""
    routable: bool = False
    exact: str = ""

    @property
    def title(self) -> str:
        """The short name on the button."""
        return title_of(self.address)
