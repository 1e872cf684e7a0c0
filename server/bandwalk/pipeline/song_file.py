"""What the command line names as a song, as a file: the demo track becomes one for as long as it is worked on."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from bandwalk.audio import PullSource, SourceOptions, open_source
from bandwalk.errors import ParameterError
from bandwalk.units import SAMPLE_RATE


@contextmanager
def song_file(source: str) -> Iterator[Path]:
    """Yield the file of a song.

    Args:
        source: a path, or "demo" (a file of that name comes first).

    Raises:
        ParameterError: live sound, which has no end.
    """
    path = Path(source)
    if os.path.exists(source) or (source not in ("demo", "live") and not source.startswith("live:")):
        yield path
        return
    if source != "demo":
        raise ParameterError(f"AUDIO = {source}: live sound has no end; expected a sound file, or demo")
    with tempfile.TemporaryDirectory(prefix="bandwalk-") as folder:
        path = Path(folder, "demo.wav")
        demo = open_source("demo", SourceOptions())
        assert isinstance(demo, PullSource)
        assert demo.length is not None
        soundfile.write(path, demo.read(demo.length), SAMPLE_RATE, subtype="FLOAT")
        yield path
