"""From table, preset and command line to the values that a server starts with."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_data_path, user_music_path

from bandwalk.control import presets
from bandwalk.control.preset_file import Look
from bandwalk.control.scenes import load_some
from bandwalk.errors import ParameterError
from bandwalk.params import BY_ADDRESS, LIVE, ROWS, WALK_AMOUNT, WALKS, find_row
from bandwalk.params.routes import N_ROUTES, ROUTE_SLOTS, parse_route
from bandwalk.params.row import MAX_TEXT, Row, Value
from bandwalk.params.settings import Settings
from bandwalk.params.strips import MIX_TABLES
from bandwalk.records import BANDS
from bandwalk.units import parse_direction, parse_max_steps, readable

logger = logging.getLogger(__name__)


_OWN_WALKS = ("mix", "walks", "max_steps", "features")


@dataclass(frozen=True, slots=True)
class Start:
    """What a server starts with.

    settings: every start-up setting.   values: every live parameter by address,
              and those of directions that were named, which the model may have or not.
    source:   what the command line names as source; empty: nothing.
    given:    addresses that a preset or the command line set.
    report:   one line a source, for the log.
    """

    settings: Settings
    values: dict[str, Value]
    source: str
    given: frozenset[str]
    report: tuple[str, ...]


def parse_flag(row: Row, value: object) -> Value:
    """Return a flag's value; the error names the flag instead of the address.

    Raises:
        ParameterError: as Row.parse without clamp.
    """
    try:
        return row.parse(value)
    except ParameterError as e:
        raise ParameterError(str(e).replace(row.address, row.option, 1)) from e


def resolve(flags: Mapping[str, object], source: str = "") -> Start:
    """Return the values by their precedence: table < preset < command line.

    Without ``--preset`` a show or a clip begins with the row's, which nobody chose: a model's own truncation
    goes before it. Flags of the published behaviour begin with the table's values instead, those of ``page``.

    Args:
        flags:  what the command line gave, by row name; None: not given.
        source: demo, live, live:DEVICE or a path of any kind, as it was typed.

    Raises:
        ParameterError: a value that cannot be used, or a preset that cannot be read.
    """
    given = {
        row.address: parse_flag(row, flags[row.name]) for row in BY_ADDRESS.values() if flags.get(row.name) is not None
    }
    given |= _first_scene(given)
    settings = Settings.of({**given, **folders(given)})
    if _is_published(settings) and "preset" not in given:
        settings = replace(settings, begin=replace(settings.begin, preset=""))
    begin = settings.begin
    look = _load_preset(begin.preset, settings.folders.presets)
    preset = {**look.values, **(look.setup if begin.preset_setup else {})}
    for remark in look.remarks(with_setup=begin.preset_setup):
        logger.warning("preset %s: %s", begin.preset, remark)
    live = _max_steps(begin.max_steps)
    live |= {address: value for address, value in given.items() if BY_ADDRESS[address].live}
    for text in begin.direction:
        live |= _direction(text)
    live |= _routes(begin.route, preset)
    if source:
        live["/audio/source"] = given["/audio/source"] = readable(source)[:MAX_TEXT]
    defaults = {row.address: row.default for row in ROWS} | MIX_TABLES[begin.mix]
    return Start(
        settings,
        {**defaults, **_walks(begin.walks), **preset, **live},
        source,
        frozenset(live) | (frozenset(look.over(LIVE)) | frozenset(preset) if "preset" in given else frozenset()),
        tuple(_report(begin.preset, look, given)),
    )


def _first_scene(given: Mapping[str, Value]) -> dict[str, Value]:
    """Return the preset that a clip with scenes begins with.

    Raises:
        ParameterError: the list cannot be read, or another preset was given.
    """
    if not given.get("scenes"):
        return {}
    if "preset" in given:
        raise ParameterError("--scenes with --preset: a clip begins with its first scene; expected one of the two")
    return {"preset": load_some(Path(str(given["scenes"])).expanduser())[0].preset}


def _is_published(settings: Settings) -> bool:
    """Return whether a setting asks for walks as they were published, or for others that a look would disturb."""
    values = settings.by_name()
    return values["method"] == "published" or any(values[name] != BY_ADDRESS[name].default for name in _OWN_WALKS)


def _direction(text: str) -> dict[str, Value]:
    """Return the values of a direction that was given as NAME=ALPHA[:BAND:AMOUNT]."""
    name, alpha, band, amount = parse_direction(text)
    given = {"alpha": alpha, "drive": band, "amount": amount}
    values = {f"/direction/{name}/{last}": value for last, value in given.items()}
    try:
        return {address: find_row(address).parse(value) for address, value in values.items()}
    except ParameterError as e:
        raise ParameterError(f"--direction {text}: {e}") from e


def _routes(texts: Iterable[str], preset: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of routes that were given as FROM=TO..., each in the first slot that a preset leaves unused."""
    free = iter([slot for slot in ROUTE_SLOTS if not preset.get(f"/route/{slot}/from")])
    found: dict[str, Value] = {}
    for text in texts:
        slot = next(free, "")
        if not slot:
            raise ParameterError(f"--route {text}: {N_ROUTES} routes are in use, expected no more")
        whole = {row.address: row.default for row in ROWS if row.address.startswith(f"/route/{slot}/")}
        given = {f"/route/{slot}/{last}": value for last, value in parse_route(text).items()}
        try:
            found |= whole | {address: find_row(address).parse(value) for address, value in given.items()}
        except ParameterError as e:
            raise ParameterError(f"--route {text}: {str(e).removeprefix(f'/route/{slot}/')}") from e
    return found


def _walks(which: str) -> dict[str, Value]:
    """Return the values of a set of learned walks, which are seen where the walks of chance rest."""
    driven: dict[str, Value] = {f"/direction/{name}/drive": band for name, band in WALKS[which].items()}
    still: dict[str, Value] = {f"/walk/{band}/enabled": False for band in WALKS[which].values()}
    return driven | {f"/direction/{name}/amount": WALK_AMOUNT for name in WALKS[which]} | still


def _max_steps(text: str) -> dict[str, Value]:
    return {f"/walk/{band}/max_step": step for band, step in zip(BANDS, parse_max_steps(text), strict=False)}


def folders(given: Mapping[str, Value]) -> dict[str, Path]:
    """Return the folders that were given, and the user's own in place of the others."""
    data = user_data_path("bandwalk", appauthor=False)
    usual = {"models": data / "models", "presets": data / "presets", "music": user_music_path()}
    return {name: Path(str(given[name])).expanduser() if given.get(name) else own for name, own in usual.items()}


def _load_preset(name: str, folder: Path) -> Look:
    if not name:
        return Look({})
    path = Path(name).expanduser()
    if path.suffix == ".toml" and path.is_file():  # the command line takes any path
        return presets.load(path)
    return presets.recall(folder, name)


def _report(name: str, look: Look, given: Mapping[str, Value]) -> list[str]:
    lines = []
    if name:
        text = f" ({look.description})" if look.description else ""
        lines.append(f"preset {name}{text}: {len(look.values)} parameters")
    if given:
        flags = " ".join(f"{BY_ADDRESS[address].option} {value}" for address, value in given.items())
        lines.append(f"command line: {flags}")
    return lines
