"""A real song: Debian's frozen-bubble brings some."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from analysis.hearing import LOW, hear
from sounds import SAMPLE_RATE

SONGS = Path("/usr/share/games/frozen-bubble/snd")


@pytest.fixture(scope="module", params=["frozen-mainzik-1p.ogg", "introzik.ogg"])
def heard(request):
    path = SONGS / request.param
    assert path.exists(), f"reading {path}: no such file; expected Debian's package frozen-bubble-data"
    with soundfile.SoundFile(path) as song:
        y = song.read(20 * song.samplerate, always_2d=True).mean(axis=1)
        return hear(soxr.resample(y, song.samplerate, SAMPLE_RATE))


def test_the_bands_go_their_own_ways(heard):
    pairs = np.triu_indices(3, k=1)
    assert np.corrcoef(heard.change.T)[pairs].max() < 0.6
    assert np.corrcoef(heard.level.T)[pairs].max() < 0.6


def test_every_band_uses_its_range(heard):
    low, high = np.quantile(heard.level, [0.02, 0.98], axis=0)
    assert np.all(high > 0.9)
    assert np.all(high - low > 0.2)
    assert np.all(np.abs(heard.change).max(axis=0) > 0.5)


def test_the_bass_has_onsets_where_it_rises(heard):
    onset = heard.onset[:, LOW]
    assert 10 < onset.sum() < 80
    assert heard.change[onset, LOW].mean() > 3 * np.abs(heard.change[:, LOW]).mean()
