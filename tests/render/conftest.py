"""A song, and the jobs that are made of it."""

import numpy as np
import pytest
import soundfile
from sounds import beat, tone

from bandwalk.generator import load
from bandwalk.pipeline.start import resolve
from bandwalk.render.job import job_of

SECONDS = 6.0 * 48_000 / 44_100


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    """Six seconds in stereo that move all three bands, at a rate that is resampled."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    left = beat(6.0)
    soundfile.write(path, np.stack([left, left + 0.05 * tone(300, 6.0)], axis=1), 44_100)
    return path


@pytest.fixture(scope="session")
def G():
    return load("builtin", size=128)


def start_of(song, **flags):
    """What the command line makes of these flags, small."""
    small = {"out_size": "128", "out_fps": "24", "threads": "1", "preset": ""}
    return resolve(small | {name: str(value) for name, value in flags.items()}, str(song))


def job_for(song, output="clip.mp4", **flags):
    return job_of(start_of(song, **flags), str(output))
