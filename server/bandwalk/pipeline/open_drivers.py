"""Opens what drives the walks beside the bands: the 16 drivers of ``--features``."""

import logging
import statistics
import time
from collections.abc import Iterable

import numpy as np
import torch

from bandwalk.analysis import Analyzer
from bandwalk.analysis.drivers import (
    Drivers,
    Listener,
    Movement,
    NSynthListener,
    RecordedDrivers,
    RecordedSong,
    Spectral16,
    song_statistics,
)
from bandwalk.analysis.nsynth import HOP, NSynthEncoder, load_encoder
from bandwalk.errors import ParameterError
from bandwalk.params.settings import HearSettings
from bandwalk.params.values import Values
from bandwalk.pipeline import stage_values as plain
from bandwalk.records import Block
from bandwalk.units import N_DRIVERS, step_rate_to_hop

logger = logging.getLogger(__name__)

MAX_LOAD = 0.5
"""Seconds that the encoder may take for a second of live sound: beside it pictures are drawn."""

_WARM_UP = 4
_RUNS = 12


def check_method(method: str, features: str) -> None:
    """Check that a method and the features go together.

    Raises:
        ParameterError: the published method has bands only.
    """
    if method == "published" and features != "bands":
        raise ParameterError(f"--features = {features} with --method published: expected bands")


def open_listener(settings: HearSettings, device: str) -> Listener | None:
    """Return what hears the drivers as the settings say; None: the bands drive.

    Args:
        settings: how sound is heard.
        device:   where NSynth's encoder runs.

    Raises:
        CheckpointError: NSynth's encoder cannot be loaded.
        ParameterError:  none is named.
    """
    if settings.features == "bands":
        return None
    if settings.features == "spectral16":
        return Spectral16(step_rate_to_hop(settings.step_rate))
    if not settings.nsynth:
        raise ParameterError("--features nsynth: expected --nsynth FILE, Magenta's checkpoint or one of convert's")
    return NSynthListener(load_encoder(settings.nsynth, device))


def open_drivers(settings: HearSettings, device: str) -> Drivers | None:
    """Return the drivers of a sound that is heard as it comes, as fast as may be; None: the bands drive.

    Raises:
        CheckpointError, ParameterError: as :func:`open_listener`.
    """
    source = open_listener(settings, device)
    return Drivers(source, Movement(N_DRIVERS, source.step_s)) if source else None


def hear_song(blocks: Iterable[Block], settings: HearSettings, values: Values, *, device: str) -> RecordedSong | None:
    """Hear the drivers of a whole song, to be looked at or walked by; None: the bands drive.

    What is kept is 72 bytes a step: 7 kB a second of song by the spectrum, 2 kB by NSynth.

    Raises:
        CheckpointError, ParameterError: as :func:`open_listener`.
    """
    source = open_listener(settings, device)
    if source is None:
        return None
    heard: list[tuple[float, np.ndarray]] = []

    def keep(steps: list[tuple[float, np.ndarray]]) -> None:
        heard.extend((t, encoding.astype(np.float32)) for t, encoding in steps)

    analyzer = Analyzer(plain.ear(values), step_rate=settings.step_rate, beside=lambda y: keep(source.hear(y)))
    for block in blocks:
        analyzer.process(block)
    keep(source.finish())
    encoding = np.array([row for _, row in heard], np.float32).reshape(-1, N_DRIVERS)
    return RecordedSong(np.array([t for t, _ in heard]), encoding, source.step_s)


def song_drivers(song: RecordedSong | None) -> Drivers | None:
    """Return the drivers of a song for the pipeline that hears it once more; None: the bands drive.

    As in the published experiment, the order and the largest changes are those of the whole song; nothing is late.
    """
    if song is None:
        return None
    return Drivers(RecordedDrivers(song), Movement(N_DRIVERS, song.step_s, song_statistics(song.encoding)))


def open_live_drivers(settings: HearSettings, device: str) -> Drivers | None:
    """Return the drivers for a show, which may not fall behind; None: the bands drive.

    Raises:
        CheckpointError, ParameterError: as :func:`open_listener`; or the encoder is too slow on this machine.
    """
    source = open_listener(settings, device)
    if source is None:
        return None
    lag_s = 0.0
    if isinstance(source, NSynthListener):
        lag_s = measure_hop(source.encoder)
        load = lag_s / source.step_s
        if load > MAX_LOAD:
            raise ParameterError(
                f"--features nsynth: a second of sound takes {load:.2f} s on {device}, expected up to"
                f" {MAX_LOAD} beside the pictures; render has the time, or --features spectral16"
            )
        logger.info("NSynth's encoder takes %.2f s a second of sound", load)
    drivers = Drivers(source, Movement(N_DRIVERS, source.step_s), lag_s=lag_s)
    logger.info("%s drive the styles, %.0f ms late", settings.features, drivers.look_ahead_s * 1e3)
    return drivers


def measure_hop(encoder: NSynthEncoder) -> float:
    """Return the seconds that an encoder takes for one of its steps, at the median, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    stream, hop, times = encoder.stream(), torch.zeros(HOP), []
    for _ in range(_WARM_UP + _RUNS):
        begun = time.perf_counter()
        stream.push(hop)
        times.append(time.perf_counter() - begun)
    torch.set_num_threads(threads)
    return statistics.median(times[_WARM_UP:])
