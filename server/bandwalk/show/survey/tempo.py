"""The tempo of a song: what its tags say, or what the beat analysis hears in a part of it."""

from contextlib import closing
from pathlib import Path

import av
import numpy as np

from bandwalk.analysis.band_parts import to_length
from bandwalk.analysis.beat import BeatTracker
from bandwalk.analysis.spectrum import ShortSpectrum
from bandwalk.audio.ffmpeg_packets import open_container
from bandwalk.audio.sound_file import FileSource
from bandwalk.audio.source import SourceOptions
from bandwalk.params import defaults
from bandwalk.params.values import fields_of, number
from bandwalk.records import SURE, BeatValues
from bandwalk.units import SAMPLE_RATE, db_to_lin, step_rate_to_hop

PART_S = 45.0
"""Length of the part that is heard."""

PLACE = 0.3
"""Where it begins: intros often have no beat."""

STEP_RATE = 100.0

TAGS = ("tbpm", "bpm", "tempo", "tmpo")
"""Names of the tempo in ID3, Vorbis comments and MP4."""

LOWEST, HIGHEST = 30.0, 300.0
"""Tags with another tempo are not believed."""


def tempo_of(path: Path) -> float:
    """Return a song's tempo, beats per minute, to about 1 %; 0: no beat was found.

    Raises:
        AudioError: it cannot be read.
    """
    return tagged_tempo(path) or heard_tempo(path)


def tagged_tempo(path: Path) -> float:
    """Return the tempo that a file's tags say; 0: none that can be believed."""
    try:
        with open_container(path) as container:
            tags = [container.metadata, *(stream.metadata for stream in container.streams)]
    except (av.FFmpegError, OSError):
        return 0.0
    for name, value in ((name.lower(), value) for each in tags for name, value in each.items()):
        try:
            bpm = float(value.replace(",", ".")) if name in TAGS else 0.0
        except ValueError:
            continue
        if LOWEST <= bpm <= HIGHEST:
            return bpm
    return 0.0


def heard_tempo(path: Path) -> float:
    """Return the tempo that is heard in a part of a song; 0: none.

    Raises:
        AudioError: it cannot be read.
    """
    with closing(FileSource(path, SourceOptions(is_quiet=True))) as source:
        length_s = (source.length or 0) / SAMPLE_RATE
        source.seek(max(0.0, min(PLACE * length_s, length_s - PART_S)))
        return _hear(source)


def _hear(source: FileSource) -> float:
    """Return the middle of the tempi of all steps where the beat is sure."""
    values, hop = defaults(), step_rate_to_hop(STEP_RATE)
    rate = SAMPLE_RATE / hop
    tracker = BeatTracker(rate, fields_of("/beat", values, BeatValues))
    spectrum = ShortSpectrum(hop, to_length(rate))
    silence = db_to_lin(number(values, "/audio/floor_db"))
    sure: list[float] = []
    for _ in range(round(PART_S * rate)):
        x = source.read(hop)
        if len(x) < hop:
            break
        spectrum.step(x.mean(axis=1, dtype=np.float64))
        beat = tracker.step(spectrum.power, silence)
        if beat.confidence > SURE:
            sure.append(beat.bpm)
    return round(float(np.median(sure)), 1) if sure else 0.0
