"""The pipeline without threads: repeatable, causal, and every parameter seen downstream."""

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sounds import beat, hits

from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import ROWS, defaults
from bandwalk.params.scene_rows import SCENE_ROWS
from bandwalk.params.song_rows import SONG_ROWS
from bandwalk.pipeline.draw_frame import ClipFader
from bandwalk.pipeline.joined_styles import join_styles
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.stats import Tally
from bandwalk.records import Block

DATA = Path(__file__).parents[1] / "data"
BASE = defaults() | {"/out/size": "64x64", "/out/fps": 10.0}
SECONDS = 0.5


@pytest.fixture(scope="module")
def G():
    return load("builtin", size=64)


class Run:
    """What comes out of a pipeline that hears a sound: features, ws, pixels, files."""

    def __init__(self, G, values, y=None, block=480):
        y = beat(SECONDS) if y is None else y
        pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        self.features, self.z, self.ws, self.rgb, self.files, self.meta = [], [], [], [], [], []
        k, fader = 0, ClipFader()
        for start in range(0, len(y), block):
            end = min(start + block, len(y))
            self.features += pipeline.hear(Block(y[start:end], end, end / 48_000), values)
            while k / values["/out/fps"] <= end / 48_000:
                picture = pipeline.draw(k / values["/out/fps"], values)
                self.z.append(picture.pose.z)
                self.ws.append(join_styles(G, picture.pose.z, values).numpy())
                self.rgb.append(picture.rgb)
                brightness = fader.step(picture.pose.t_audio, values)
                frame = pipeline.encode(picture, values, brightness)
                self.files.append(frame.jpeg)
                self.meta.append(frame.description)
                k += 1


@pytest.fixture(scope="module")
def base(G):
    return Run(G, BASE)


def _same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def _heard(run):
    return [(f.rms, f.level, f.change, f.onset, f.rms_full) for f in run.features]


def _counted(run):
    return [f.beat for f in run.features]


def test_the_same_sound_gives_the_same_files_twice(G, base):
    again = Run(G, BASE)
    assert again.files == base.files
    assert again.meta == base.meta


@pytest.mark.parametrize("block", [64, 441, 4096])
def test_the_size_of_blocks_changes_no_feature_and_no_latent(G, base, block):
    run = Run(G, BASE, block=block)
    assert _heard(run)[: len(base.features)] == _heard(base)[: len(run.features)]
    assert _counted(run)[: len(base.features)] == _counted(base)[: len(run.features)]
    assert _same(run.z[:-4], base.z[: len(run.z) - 4]) or block > 480
    for a, b in zip(run.z, base.z, strict=False):
        # a large block is known only at its end, so a frame in it may lack the newest steps, never earlier ones
        assert a.shape == b.shape


def test_frame_rates_see_the_same_latents_at_the_same_audio_time(G):
    seen = {fps: Run(G, BASE | {"/out/fps": float(fps)}).z for fps in (24, 30, 60)}
    for second in np.arange(0, SECONDS, 1 / 6):
        at = [seen[fps][round(second * fps)] for fps in seen]
        assert np.max(np.abs(at[0] - at[1])) < 1e-5
        assert np.max(np.abs(at[0] - at[2])) < 1e-5


def test_each_band_moves_its_own_styles_only(G):
    kicks = Run(G, BASE, hits([0.5], 60, 1.0))
    moved = np.abs(kicks.ws[-1] - kicks.ws[0]).max(axis=(0, 2)) > 0
    assert moved.tolist() == [True] * 3 + [False] * 11
    lead = Run(G, BASE, hits([0.5], 2000, 1.0))
    moved = np.abs(lead.ws[-1] - lead.ws[0]).max(axis=(0, 2)) > 0
    assert moved.tolist() == [False] * 3 + [True] * 3 + [False] * 8


def test_silence_gives_one_picture(G):
    run = Run(G, BASE, np.zeros(48_000, dtype=np.float32))
    assert len(set(run.files)) == 1


def test_every_file_is_a_jpeg_of_the_wanted_size(base):
    image = Image.open(io.BytesIO(base.files[-1]))
    assert (image.format, image.size, image.mode) == ("JPEG", (64, 64), "RGB")
    decoded = np.asarray(image).astype(int)
    assert np.abs(decoded - base.rgb[-1]).mean() < 10  # other pictures differ by 50


CHANGED = {
    "/audio/floor_db": -20.0,
    "/style/psi": 0.5,
    "/style/seed": 5,
    "/out/size": "80x64",
    "/out/quality": 30,
    "/out/fps": 12.0,
    "/transform/x": 0.2,
    "/transform/y": 0.2,
    **{f"/walk/{band}/{name}": value
       for band in ("low", "mid", "high")
       for name, value in (("seeds", "3 17"), ("direction", "red"))},
}  # fmt: skip
WITH = {
    "/master/fade": {"/master/blackout": True},
    "/out/fit": {"/out/size": "80x64"},
    "/beat/bpm": {"/beat/from": "manual"},
    "/beat/nudge": {"/beat/from": "manual"},
    "/beat/divide": {"/beat/from": "manual"},
    "/color/tint_hue": {"/color/tint_amount": 0.5},
    "/feedback/zoom": {"/feedback/amount": 0.8},
    "/feedback/rotate": {"/feedback/amount": 0.8},
    **{
        f"/walk/{band}/{name}": {f"/walk/{band}/kind": kind}
        for band in ("low", "mid", "high")
        for name, kind in (("bars", "pulse"), ("seeds", "tour"), ("direction", "direction"))
    },
}
OUTER = {"link", "midi"}  # clocks that need another program: seen in test_beat_clock
CONDITIONAL = {"/style/class", "/style/class_b", "/style/class_mix"}  # seen with a model that has classes
LIVE_ONLY = {"/audio/source", "/out/delay_ms", "/out/idle", "/out/scale"}  # seen in test_live, test_sizes_shown
FROM_FILES = {f"/walk/{band}/keyframes" for band in ("low", "mid", "high")}  # seen in test_keyframe_files
IN_SCENES = {row.address for row in SCENE_ROWS}  # seen in test_scenes
OF_SONGS = {row.address for row in SONG_ROWS}  # seen in test_sound
FLICKER_ONLY = {"/safe/flashes"}  # seen in test_frame_sequence
OTHERS_ONLY = {"/style/name", "/model/fade"}  # a file, another model: seen in test_style_home, test_model_fade


def _changed(row):
    """A value of the row that is not its default: for each choice, one."""
    if row.address in CHANGED:
        return [CHANGED[row.address]]
    if row.address == "/out/fit":  # the model here is drawn as it is: what is native is seen in test_sizes_shown
        return ["crop", "fit", "mirror"]
    if row.choices:
        return [choice for choice in row.choices if choice not in {row.default, *OUTER}]
    if row.type == "b":
        return [not row.default]
    if row.type == "i":
        return [row.default + 1]
    if row.type == "f":
        return [row.default * 1.5 if row.default and row.default * 1.5 <= row.hi else (row.default + row.hi) / 5]
    return ["0-1,8"]


def _plays(row):
    """Whether a row moves the picture beside its styles: seen in a brief run of its own."""
    return row.address.startswith(("/bend/", "/style/noise"))


ROUTES = {row.address for row in ROWS if row.address.startswith("/route/")}  # seen in test_routes
UNSEEN = LIVE_ONLY | CONDITIONAL | FLICKER_ONLY | FROM_FILES | IN_SCENES | OF_SONGS | OTHERS_ONLY | ROUTES
SEEN = [row for row in ROWS if row.address not in UNSEEN]
CASES = [(row, value) for row in SEEN if not _plays(row) for value in _changed(row)]
OTHER_KINDS = {"/bend/b/kind", "/bend/c/kind"}  # one of them each: slot a goes through all
PLAYED = [
    (row, value) for row in SEEN if _plays(row) for value in _changed(row)[: 1 if row.address in OTHER_KINDS else None]
]


@pytest.mark.parametrize(("row", "value"), CASES, ids=lambda x: getattr(x, "address", str(x)))
def test_every_parameter_is_seen_downstream(G, base, row, value):
    with_others = BASE | WITH.get(row.address, {})
    before = Run(G, with_others) if row.address in WITH else base
    after = Run(G, with_others | {row.address: value})
    group = row.address.split("/")[1]
    heard, latents = _heard(after) == _heard(before), _same(after.ws, before.ws)
    pixels, files = _same(after.rgb, before.rgb), after.files == before.files
    if group in ("audio", "band"):
        assert not heard
    elif group == "beat":
        assert heard
        assert _counted(after) != _counted(before)
    elif group in ("walk", "mix") or row.address in ("/style/psi", "/style/seed"):
        assert heard
        assert not latents
    elif group == "transform":
        assert latents
        assert not pixels
    else:  # master, color, feedback and out
        assert heard
        assert not files


@pytest.fixture(scope="module")
def played(G):
    """Runs of a moment of loud sound, by values."""

    @lru_cache
    def run(changes):
        values = BASE | {"/style/noise": 2.0, "/style/noise_drive": "low"} | dict(changes)
        return Run(G, values, sum(hits([0.02], f_hz, 0.12) for f_hz in (60, 270, 2000)))

    return run


@pytest.mark.parametrize(("row", "value"), PLAYED, ids=lambda x: getattr(x, "address", str(x)))
def test_every_parameter_of_noise_and_bends_is_seen_in_the_pixels_only(played, row, value):
    slot = row.address.rpartition("/")[0]
    own = {"kind": "rotate", "alpha": 0.3, "drive": "low", "amount": 0.4} if slot.startswith("/bend") else {}
    rest = {"/style/noise_drive": "none"} if row.address == "/style/noise_drive" else {}
    given = {f"{slot}/{name}": x for name, x in own.items()} | rest
    given[row.address] = row.default if row.address not in given or row.choices else given[row.address]
    before, after = played(tuple(given.items())), played(tuple((given | {row.address: value}).items()))
    assert _heard(after) == _heard(before)
    assert _same(after.ws, before.ws)
    assert not _same(after.rgb, before.rgb)


def test_bends_and_noise_rest_in_silence_and_while_the_picture_is_frozen(G):
    moving = {"/style/noise": 2.0, "/style/noise_drive": "low", "/bend/a/kind": "rotate", "/bend/a/drive": "low"}
    silent = Run(G, BASE | moving, np.zeros(14_400, dtype=np.float32))
    frozen = Run(G, BASE | moving | {"/master/freeze": True}, beat(0.3))
    still = Run(G, BASE | {"/style/noise": 2.0, "/master/freeze": True}, beat(0.3))
    assert len({rgb.tobytes() for run in (silent, frozen, still) for rgb in run.rgb}) == 1


def test_frame_rates_see_the_same_levels_and_drift_at_the_same_audio_time(G):
    seen = {}
    for fps in (30, 60):
        pipeline = Pipeline(G, BASE, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        values = BASE | {"/style/noise_drive": "high", "/out/fps": float(fps)}
        y = beat(0.5)
        for k in range(len(y) // 160):
            pipeline.hear(Block(y[160 * k : 160 * (k + 1)], 160 * (k + 1), 0.0), values)
            t = (k + 1) * 160 / 48_000
            if round(t * 48_000) % (48_000 // fps) == 0:
                pose = pipeline.scene.track.pose(t)
                seen.setdefault(round(t, 6), []).append([*pose.level, pose.drift])
    shared = [np.array(poses) for poses in seen.values() if len(poses) == 2]
    assert len(shared) == 15
    assert all(np.allclose(a, b, atol=1e-9) for a, b in shared)
    assert shared[-1][0, -1] > 0.1


@pytest.mark.parametrize("address", sorted(CONDITIONAL))
def test_every_class_parameter_is_seen_in_the_styles_of_a_conditional_model(address):
    G = load(DATA / "a2_sg2ada_cond5.pkl")
    values = BASE | {"/style/class": 1, "/style/class_b": 2, "/style/class_mix": 0.3}
    z = np.random.default_rng(0).standard_normal((4, G.z_dim)).astype(np.float32)
    changed = values | {address: 0.7 if address.endswith("mix") else 4}
    assert not np.allclose(join_styles(G, z, values).numpy(), join_styles(G, z, changed).numpy())
    past = values | {"/style/class": 10**6}
    assert np.array_equal(join_styles(G, z, values | {"/style/class": 4}), join_styles(G, z, past))


def test_the_picture_turns_anticlockwise_and_moves_right_and_up(G):
    still = np.zeros(4800, dtype=np.float32)
    upright = Run(G, BASE, still).rgb[0].astype(float)
    turned = Run(G, BASE | {"/transform/rotate": 90.0}, still).rgb[0].astype(float)
    inner = slice(12, 52)  # the vignette and the corners stay where they are
    assert np.abs(np.rot90(upright)[inner, inner] - turned[inner, inner]).mean() < 12
    assert np.abs(np.rot90(upright, -1)[inner, inner] - turned[inner, inner]).mean() > 20
    for address, axis, towards in (("/transform/x", 1, 1), ("/transform/y", 0, -1)):
        moved = Run(G, BASE | {address: 0.125}, still).rgb[0].astype(float)
        there = np.roll(upright, towards * 8, axis=axis)
        back = np.roll(upright, -towards * 8, axis=axis)
        assert np.abs(there - moved)[inner, inner].mean() < 12
        assert np.abs(back - moved)[inner, inner].mean() > 20


def test_blackout_fades_to_black_and_back(G):
    run = Run(G, BASE | {"/master/blackout": True, "/master/fade": 0.5}, beat(0.8))
    light = [np.asarray(Image.open(io.BytesIO(file))).mean() for file in run.files]
    assert light[0] > 20
    assert 0.2 < light[2] / light[0] < 0.9
    assert light[7] < 1


def test_another_model_of_the_same_z_goes_on_where_the_walks_are(G):
    values = BASE
    pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
    pipeline.hear(Block(beat(1.0), 48_000, 1.0), values)
    before = pipeline.draw(1.0, values).pose.z
    pipeline.use(load("builtin", size=256), values)
    after = pipeline.draw(1.0, values)
    assert np.array_equal(after.pose.z, before)
    assert after.rgb.shape == (256, 256, 3)
