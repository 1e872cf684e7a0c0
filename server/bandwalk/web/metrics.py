"""/metrics: the state of the server in Prometheus' text format (version 0.0.4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bandwalk.records import Stats
from bandwalk.web.process_meters import process_meters

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Readings:
    """One reading of all meters.

    fps:    frames published per second.   frames: frames published since the start.
    age_s:  age of the newest sound in the newest frame when it was published, seconds.
    stages: times of each stage.
    counts: faults since the start, by cause ("late", and what was lost).
    input_db: highest peak of the incoming sound, dBFS.   health: its fault; "": none.
    stalls: turns that took too long, by stage.   restarts: threads that were started again.
    """

    fps: float
    frames: int
    age_s: float
    stages: tuple[Stats, ...]
    counts: Mapping[str, int]
    input_db: float = -120.0
    health: str = ""
    stalls: Mapping[str, int] = field(default_factory=dict)
    restarts: int = 0


def to_text(readings: Readings, clients: Mapping[str, int], *, is_well: bool = True) -> str:
    """Return the readings in Prometheus' format.

    Labels have values that this program knows by name, so there are only so many lines.

    Args:
        readings: of the show.
        clients:  connected clients of this port, by kind.
        is_well:  whether /health answers 200.
    """
    return "\n".join([*_lines(readings, clients), *_lines_of_process(readings, is_well=is_well), ""])


def _lines_of_process(readings: Readings, *, is_well: bool) -> Iterator[str]:
    yield from _family("is_well", "gauge", "1: the show is well; 0: /health says why not.", [("", is_well)])
    stalls = [(f'{{stage="{stage}"}}', n) for stage, n in readings.stalls.items()]
    yield from _family("stalls_total", "counter", "Turns of a stage over 250 ms.", stalls)
    doc = "Threads that had ended and were started again."
    yield from _family("restarts_total", "counter", doc, [("", readings.restarts)])
    for name, kind, meaning, number in process_meters():
        yield from _family(name, kind, meaning, [("", number)], prefix="")


def _lines(readings: Readings, clients: Mapping[str, int]) -> Iterator[str]:
    yield from _family("fps", "gauge", "Frames published per second.", [("", readings.fps)])
    yield from _family("frames_total", "counter", "Frames published.", [("", readings.frames)])
    yield from _family("frame_age_seconds", "gauge", "Age of the sound in the newest frame.", [("", readings.age_s)])
    yield from _family("input_dbfs", "gauge", "Highest peak of the incoming sound.", [("", readings.input_db)])
    doc = "1: no fault; 0: /audio/health names the fault."
    yield from _family("input_is_well", "gauge", doc, [("", not readings.health)])
    times = [
        (f'{{stage="{stats.stage}",quantile="{quantile}"}}', ms / 1e3)
        for stats in readings.stages
        for quantile, ms in (("0.5", stats.median_ms), ("0.99", stats.p99_ms))
    ]
    yield from _family("stage_seconds", "gauge", "Time that a stage takes, over its latest runs.", times)
    faults = [(f'{{cause="{cause}"}}', n) for cause, n in sorted(readings.counts.items())]
    yield from _family("faults_total", "counter", "Missed deadlines (late) and losses, by cause.", faults)
    connected = [(f'{{kind="{kind}"}}', n) for kind, n in clients.items()]
    yield from _family("web_clients", "gauge", "WebSocket clients.", connected)


def _family(
    name: str, kind: str, doc: str, samples: Iterable[tuple[str, float]], prefix: str = "bandwalk_"
) -> Iterator[str]:
    yield f"# HELP {prefix}{name} {doc}"
    yield f"# TYPE {prefix}{name} {kind}"
    for labels, number in samples:
        yield f"{prefix}{name}{labels} {number:.12g}"
