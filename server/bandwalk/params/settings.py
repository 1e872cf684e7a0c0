"""The start-up settings as records: one field for each row of the table that has no address, by theme.

The names and types of the fields stand here, the defaults and ranges in the rows. A test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, get_type_hints

from bandwalk.params.clips import RENDER
from bandwalk.params.row import Value
from bandwalk.params.setting_rows import SETTINGS


@dataclass(frozen=True, slots=True)
class DrawSettings:
    """What draws: a model, the files beside it, and the hardware."""

    model: str
    device: str
    engine: str
    exact: bool
    threads: int
    like: str
    w: str
    directions: str
    encoder: str


@dataclass(frozen=True, slots=True)
class BeginSettings:
    """What sets live parameters at the start, beside their own flags."""

    mix: str
    direction: tuple[str, ...]
    route: tuple[str, ...]
    walks: str
    preset: str
    preset_setup: bool
    max_steps: str


@dataclass(frozen=True, slots=True)
class HearSettings:
    """How sound is heard."""

    features: str
    nsynth: str
    channels: str
    monitor: bool
    loop: bool
    step_rate: float


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What is open to the network, and where messages go."""

    bind: str
    port_base: int
    osc_to: tuple[str, ...]
    osc_allow: tuple[str, ...]
    osc_map: tuple[str, ...]
    osc_map_file: str
    osc_map_rate: float
    allow_origin: tuple[str, ...]
    host: tuple[str, ...]
    token_file: str
    allow: tuple[str, ...]
    curve: str
    cert: str
    key: str
    max_subscribers: int
    link_lead: bool


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """Which MIDI devices are opened, and what their controls move."""

    midi: tuple[str, ...]
    midi_map: str


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """The folders whose files a controller may name."""

    models: Path
    presets: Path
    music: Path


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """How long a show lasts (seconds, 0: until it is stopped), and what it leaves behind."""

    duration: float
    log: str
    state: str
    schedule: str
    restore: bool
    recordings: str
    record: str


@dataclass(frozen=True, slots=True)
class ClipSettings:
    """What is rendered of a song, and how it is written."""

    method: str
    bpm: float
    start: float
    end: float
    loop_bars: int
    only: str
    sound: str
    loudness: float
    title: str
    lyrics: str
    ablation: bool
    crf: int
    x264_preset: str
    farm: str
    resume: bool
    force: bool
    replay: str
    scenes: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All start-up settings; each command hands its parts the records that they need."""

    draw: DrawSettings
    begin: BeginSettings
    hear: HearSettings
    network: NetworkSettings
    midi: MidiSettings
    folders: FolderSettings
    show: ShowSettings
    clip: ClipSettings

    @classmethod
    def of(cls, given: Mapping[str, Value | Path]) -> Self:
        """Return the settings with what was given, by the names of the rows; the rows' defaults for the others."""
        values: dict[str, Value | Path] = {row.address: row.default for row in (*SETTINGS, *RENDER)}
        values.update(given)
        return cls(**{theme: _record(kind, values) for theme, kind in get_type_hints(cls).items()})

    def with_draw(self, **changed: Any) -> Self:
        """Return these settings with other fields of :class:`DrawSettings`."""
        return replace(self, draw=replace(self.draw, **changed))

    def with_clip(self, **changed: Any) -> Self:
        """Return these settings with other fields of :class:`ClipSettings`."""
        return replace(self, clip=replace(self.clip, **changed))

    def by_name(self) -> dict[str, Any]:
        """Return every setting by the name of its row."""
        records = [getattr(self, theme.name) for theme in fields(self)]
        return {each.name: getattr(record, each.name) for record in records for each in fields(record)}


def _record(kind: Any, values: Mapping[str, Any]) -> Any:
    """Return a record of one theme, its fields read by their names."""
    hints = get_type_hints(kind)
    return kind(**{name: Path(values[name]) if of is Path else values[name] for name, of in hints.items()})
