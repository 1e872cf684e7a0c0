"""``bandwalk analyze``: tables, arrays and a drawing of what is heard."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from server import run_cli
from sounds import beat

from bandwalk.commands.analyze import analyze
from bandwalk.errors import AudioError, ParameterError
from bandwalk.params.signals import NAMES
from bandwalk.pipeline.start import resolve
from bandwalk.records import BANDS, PITCHES

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    path = tmp_path_factory.mktemp("song") / "beat.wav"
    soundfile.write(path, beat(3.0), 48_000)
    return path


def _start(song, **flags):
    return resolve({name: str(value) for name, value in flags.items()}, str(song))


@pytest.mark.parametrize(
    ("method", "rate", "step_rate"), [("bandwalk", 48_000, 100.0), ("published", 22_050, 22_050 / 551)]
)
def test_arrays_have_their_names_and_one_value_a_step(song, tmp_path, method, rate, step_rate):
    line = analyze(_start(song, method=method), tmp_path / "a.npz", None)
    assert line.startswith("beat.wav: 3.00 s, ")
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["sample_rate"] == rate
        assert arrays["step_rate"] == pytest.approx(step_rate)
        shapes = {
            arrays[f"{band}{kind}"].shape for band in ("low", "mid", "high") for kind in ("", "_level", "_change")
        }
        assert shapes == {arrays["t_s"].shape}
        assert abs(arrays["t_s"][-1] - 3.0) <= 1 / step_rate
        kicks = arrays["t_s"][np.flatnonzero(arrays["low_onset"])]
    expected = np.arange(0.1, 3.0, 0.5)
    assert all(np.abs(kicks - t_s).min() < 0.06 for t_s in expected)


def test_every_signal_has_its_array_and_its_column(song, tmp_path):
    analyze(_start(song), tmp_path / "a.npz", None)
    analyze(_start(song), tmp_path / "a.csv", None)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    columns = [name.replace("/", "_") for name in NAMES if name != "time"]
    of_bands = [f"{band}_rms" for band in BANDS]
    assert set(rows[0]) == {"t_s", *BANDS, *columns, "key"} - set(of_bands)
    with np.load(tmp_path / "a.npz") as arrays:
        pitches = {f"chroma_{name}" for name in PITCHES}
        assert set(arrays) == {"t_s", "step_rate", "sample_rate", "chroma", "key", *BANDS, *columns} - pitches
        assert arrays["chroma"].shape == (12, len(arrays["t_s"]))
        assert all(np.array_equal(arrays[band], arrays[f"{band}_rms"]) for band in BANDS)
        assert arrays["beat"].dtype == arrays["break"].dtype == arrays["low_onset"].dtype == bool
        for name in {*columns} - {*of_bands, *pitches}:
            assert arrays[name] == pytest.approx([float(row[name]) for row in rows], rel=1e-6, abs=1e-9)


def test_the_bands_are_heard_where_they_are(song, tmp_path):
    analyze(_start(song, method="published"), tmp_path / "a.csv", None)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert list(rows[0])[:5] == ["t_s", "low", "low_level", "low_change", "low_onset"]
    for band, t_s in (("low", 0.12), ("mid", 0.37), ("high", 0.52)):
        row = min(rows, key=lambda row: abs(float(row["t_s"]) - t_s))
        assert float(row[f"{band}_level"]) > 0.4


@pytest.mark.parametrize(
    "flags", [{"band_low_f_hi": "80"}, {"audio_gain": "0.5"}, {"step_rate": "50"}, {"method": "published"}]
)
def test_every_flag_is_heard(song, tmp_path, flags):
    analyze(_start(song), tmp_path / "a.npz", None)
    analyze(_start(song, **flags), tmp_path / "b.npz", None)
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        assert a["low"].shape != b["low"].shape or not np.allclose(a["low"], b["low"])


def test_another_tempo_has_other_steps(song, tmp_path):
    for bpm, hop in (("150", 551), ("100", 826)):
        analyze(_start(song, method="published", bpm=bpm), tmp_path / "a.npz", None)
        with np.load(tmp_path / "a.npz") as arrays:
            assert arrays["step_rate"] == pytest.approx(22_050 / hop)


def test_the_drawing_shows_each_band_in_its_colour(song, tmp_path):
    analyze(_start(song), None, tmp_path / "a.png")
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    assert picture.shape == (1100, 1540, 3)
    for colour in ((224, 96, 58), (208, 154, 30), (47, 159, 201)):
        assert (np.abs(picture - colour).max(axis=2) < 40).sum() > 2000
    analyze(_start(song, method="published"), None, tmp_path / "a.svg")
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()


def test_what_cannot_be_written_or_read_is_refused(song, tmp_path):
    for output, plot, said in (
        ("a.txt", None, "--output"),
        (None, "a.gif", "--plot"),
        ("no/a.npz", None, "No such file"),
    ):
        with pytest.raises(ParameterError, match=said):
            analyze(_start(song), tmp_path / output if output else None, tmp_path / plot if plot else None)
    soundfile.write(tmp_path / "short.wav", np.zeros(100), 48_000)
    with pytest.raises(AudioError, match="shorter than a step"):
        analyze(_start(tmp_path / "short.wav"), None, None)


def test_the_command_says_what_is_heard(song):
    done = run_cli("analyze", song)
    assert done.returncode == 0, done.stderr
    assert "high  at most" in done.stdout


def test_the_channels_of_a_song_are_told_written_and_drawn(song, tmp_path):
    line = analyze(_start(song, features="spectral16"), tmp_path / "a.npz", tmp_path / "a.png")
    assert line.startswith("beat.wav: 300 steps, 100 a second, of 16 channels\n")
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["encoding"].shape == (300, 16)
        assert arrays["t_s"][-1] == pytest.approx(3.0)
        assert sorted(arrays["order"]) == list(range(16))
        moved = np.abs(np.diff(arrays["encoding"], axis=0)).max(axis=0)
        assert moved[arrays["order"][-2:]].max() < moved[arrays["order"][:4]].min()
    colours = {tuple(pixel) for pixel in np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).reshape(-1, 3)}
    assert len([colour for colour in colours if max(colour) - min(colour) > 120]) > 14
    analyze(_start(song, features="spectral16"), tmp_path / "a.csv", None)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert len(rows) == 300
    assert list(rows[0]) == ["t_s", *(f"channel_{k}" for k in range(16))]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"features": "spectral16", "method": "published"}, "--features = spectral16 with --method published"),
        ({"features": "nsynth"}, "--features nsynth: expected --nsynth FILE"),
    ],
)
def test_channels_that_cannot_be_heard_are_refused(song, flags, message):
    with pytest.raises(ParameterError, match=message):
        analyze(_start(song, **flags), None, None)


def test_nsynths_encoding_is_drawn(song, tmp_path):
    encoder = DATA / "g2_nsynth_narrow_ckpt" / "model.ckpt-200000.index"
    line = analyze(_start(song, features="nsynth", nsynth=encoder), None, tmp_path / "a.png")
    assert "31.25 a second, of 16 channels" in line
    assert Image.open(tmp_path / "a.png").size[0] > 1000
