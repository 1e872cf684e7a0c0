"""Opens the source that the user names."""

import os
from pathlib import Path

from bandwalk.audio.demo import DemoSource
from bandwalk.audio.live import LiveSource
from bandwalk.audio.may_hang import run_or_give_up
from bandwalk.audio.sound_file import FileSource
from bandwalk.audio.source import Source, SourceOptions
from bandwalk.errors import AudioError
from bandwalk.units import inside


def open_source(
    spec: str, options: SourceOptions, *, music: Path | None = None, fallback: Path | None = None
) -> Source:
    """Open a source of sound.

    Args:
        spec:    "demo", "live", "live:computer", "live:DEVICE" (an index, or a part of a name), or a sound file.
        options: how to open it.
        music:   if given, the request came over the network: only files in this folder may be opened.
        fallback: a second folder to look in if there is no such file.

    Raises:
        AudioError: the file is not there, holds no sound, or cannot be read.
        DeviceError: no sound card, an unknown one, an ambiguous name, or the sound system does not answer.
        ParameterError: channels that the source does not have, or a name that leaves the folder.
    """
    if spec == "demo":
        return DemoSource(options)
    if spec == "live" or spec.startswith("live:"):
        query = spec.partition(":")[2].strip()
        return run_or_give_up(f"opening {spec}", lambda: LiveSource(query, options), LiveSource.close)
    if not spec:
        raise AudioError("opening a source: got nothing, expected demo, live, live:DEVICE or a sound file")
    return FileSource(find_file(spec, music=music, fallback=fallback), options)


def find_file(spec: str, *, music: Path | None, fallback: Path | None) -> Path:
    """Return the file or the folder that a name means; the arguments as in :func:`open_source`.

    Raises:
        AudioError: there is no such file.
        ParameterError: a name that leaves the folder.
    """
    return _found(spec, fallback) if music is None else inside(music, spec)


def _found(spec: str, fallback: Path | None) -> Path:
    """Return the file that a name on the command line means.

    Raises:
        AudioError: there is no such file.
    """
    path = Path(spec)
    if fallback is None or os.path.exists(spec) or path.is_absolute():
        return path
    if os.path.exists(fallback / path):
        return fallback / path
    raise AudioError(f"opening {spec}: no such file in {Path.cwd()}, nor in the music folder {fallback} (--music)")
