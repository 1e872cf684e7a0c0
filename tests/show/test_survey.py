"""What is found out about songs behind the show: how loud their parts are, and their tempo."""

import itertools
import threading

import av
import numpy as np
import pytest
import soundfile
from songs import song, steady

from bandwalk.show.survey.jobs import CHUNK, wave
from bandwalk.show.survey.peaks import MAX_POINTS, Peaks
from bandwalk.show.survey.surveyor import MAX_WAITING, Song, Surveyor, song_at
from bandwalk.show.survey.tempo import heard_tempo, tagged_tempo, tempo_of

RATE = 48_000
DEADLINE_S = 120.0


def points(x, cuts):
    """The peaks and RMS of a sound that is cut at these places, and the samples of a part."""
    peaks = Peaks()
    for piece in np.split(x, cuts):
        peaks.add(piece)
    peaks.end()
    return (peaks.width, *peaks.points())


@pytest.mark.parametrize("n", [0, 1, 63, 64, 100_000, 64 * MAX_POINTS, 64 * MAX_POINTS + 1, 1_000_000])
def test_parts_are_as_loud_as_the_samples_in_them_however_they_come(n):
    rng = np.random.default_rng(n)
    x = (rng.uniform(-1, 1, (n, 2)) * np.linspace(0, 1, n)[:, None]).astype(np.float32)
    width, peaks, rms = whole = points(x, [])
    assert points(x, sorted(rng.integers(0, n + 1, 7))) == whole
    count = -(-n // width)
    assert len(peaks) == len(rms) == count <= MAX_POINTS
    assert width == 64 or count > MAX_POINTS // 2 - 1
    loudest = np.zeros(count * width)
    loudest[:n] = np.abs(x).max(axis=1)
    parts = loudest.reshape(count, width)
    assert np.allclose(peaks, 255 * parts.max(axis=1, initial=0), atol=0.51)
    assert np.allclose(rms, 255 * np.sqrt((parts**2).mean(axis=1)), atol=0.52)


def test_what_is_no_number_or_too_loud_is_shown_as_full_or_nothing():
    x = np.repeat(np.array([[np.nan], [np.inf], [-np.inf], [5.0], [-5.0]], np.float32), 64, axis=0)
    assert points(x, [])[1] == [0, 255, 255, 255, 255]


def test_a_wave_grows_and_ends_where_the_song_breaks_off(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(5 * CHUNK, 0.5), RATE)
    clock = itertools.count()
    answers = list(wave(path, lambda: float(next(clock))))
    assert [answer["is_whole"] for answer in answers] == [False] * 5 + [True]
    sizes = [len(answer["peaks"]) / answer["per_s"] * RATE for answer in answers]
    assert sizes == [CHUNK * n for n in (1, 2, 3, 4, 5, 5)]
    path.write_bytes(path.read_bytes()[: 44 + 2 * CHUNK])
    *_, last = wave(path)
    assert last["is_whole"]
    assert len(last["peaks"]) / last["per_s"] * RATE == CHUNK


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A song of 124 beats a minute, after a silence."""
    path = tmp_path_factory.mktemp("songs") / "house.wav"
    soundfile.write(path, np.concatenate([np.zeros(RATE), song(steady(124.0, 24.0)).y]), RATE)
    return path


def test_the_tempo_is_heard(house, tmp_path):
    assert heard_tempo(house) == pytest.approx(124.0, rel=0.015)
    soundfile.write(tmp_path / "noise.wav", 0.1 * np.random.default_rng(1).standard_normal(8 * RATE), RATE)
    assert heard_tempo(tmp_path / "noise.wav") == 0.0


@pytest.mark.parametrize(("name", "tag", "said", "bpm"), [
    ("a.mp3", "TBPM", "97", 97.0),
    ("a.flac", "BPM", "126.5", 126.5),
    ("a.flac", "bpm", "fast", 0.0),
    ("a.flac", "BPM", "nan", 0.0),
    ("a.flac", "BPM", "9000", 0.0),
])  # fmt: skip
def test_a_tag_is_believed_if_it_can_be_true(tmp_path, name, tag, said, bpm):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp3" if name.endswith("mp3") else "flac", rate=RATE)
        container.metadata[tag] = said
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE // 10), np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    assert tagged_tempo(path) == bpm
    assert tempo_of(path) == bpm


@pytest.fixture
def told():
    """Tempi that a surveyor has told of, and an event for each."""
    return []


@pytest.fixture
def surveyor(told):
    found = threading.Condition()

    def tell(path, bpm):
        with found:
            told.append((path.name, bpm))
            found.notify_all()

    one = Surveyor(tell)
    one.found = found
    yield one
    one.close()
    if one._thread is not None:
        one._thread.join(DEADLINE_S)
        assert not one._thread.is_alive()
    assert one._process is None


def test_a_process_finds_tempi_and_waves_one_after_the_other(surveyor, told, house, tmp_path):
    text = tmp_path / "text.mp3"
    text.write_text("this is no song\n")
    songs = [song_at(text), song_at(house)]
    assert [surveyor.tempo(each) for each in songs] == [0.0, 0.0]
    with surveyor.found:
        assert surveyor.found.wait_for(lambda: told, DEADLINE_S)
    assert told == [("house.wav", pytest.approx(124.0, rel=0.015))]  # nothing is told of what has none
    assert [surveyor.tempo(each) for each in songs] == [0.0, told[0][1]]
    assert not surveyor._wanted
    pid = surveyor._process.pid
    assert len(whole(surveyor, songs[1])["peaks"]) > MAX_POINTS / 2
    assert whole(surveyor, songs[0])["peaks"] == []
    assert surveyor._process.pid == pid


def whole(surveyor, song):
    """Ask for a wave as a panel does, until it is whole."""
    for _ in range(round(DEADLINE_S / 0.02)):
        wave = surveyor.wave(song)
        if wave["is_whole"]:
            return wave
        threading.Event().wait(0.02)
    raise AssertionError("no wave in time")


def test_the_wave_of_a_song_that_plays_no_more_is_given_up(surveyor, house, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.zeros(RATE * 60 * 20, np.int16), RATE, subtype="PCM_U8")
    long = song_at(tmp_path / "long.wav")
    assert not surveyor.wave(long)["is_whole"]
    assert len(whole(surveyor, song_at(house))["peaks"]) > MAX_POINTS / 2


def test_what_waits_is_bounded(surveyor, tmp_path):
    surveyor._thread = threading.current_thread()  # nobody works
    for n in range(2 * MAX_WAITING):
        surveyor.tempo(Song(tmp_path / str(n), 0, 0))
    assert len(surveyor._wanted) == MAX_WAITING
    assert next(iter(surveyor._wanted)).path.name == str(MAX_WAITING)
    surveyor._thread = None
