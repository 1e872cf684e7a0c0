"""Routes in a pipeline: all that may be moved is moved, by all that may move it, the same at any frame rate."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
import soundfile
import torch
from rows import LIVE
from sounds import beat, hits

from bandwalk.errors import ParameterError
from bandwalk.farm.clip_setup import to_chunk
from bandwalk.generator import load
from bandwalk.output.jpeg import open_encoder
from bandwalk.params import ROWS, defaults, parse_target, rows_of
from bandwalk.params.commands import COMMANDS
from bandwalk.params.movers import SHAPES
from bandwalk.params.row import INT32, MAX_STEPS
from bandwalk.params.signals import NAMES, RANGES, numbers_of
from bandwalk.pipeline import moves
from bandwalk.pipeline.draw_frame import ClipFader, draw
from bandwalk.pipeline.joined_styles import to_picture_input
from bandwalk.pipeline.pipeline import Pipeline
from bandwalk.pipeline.start import resolve
from bandwalk.pipeline.stats import Tally
from bandwalk.pipeline.whole_song import feed_of
from bandwalk.records import Beat, Block, Pose
from bandwalk.render.job import job_of
from bandwalk.render.plan import picture_inputs_of
from bandwalk.walk import routes as walk_routes
from bandwalk.walk.track import silence

KNOB = "midi/1/cc/21"
BROUGHT = rows_of(["red"])
BASE = defaults() | {row.address: row.default for row in BROUGHT} | {"/out/size": "64x64", "/out/fps": 10.0}
STEP = 480
NEVER = {"/audio/source", "/out/size", "/out/scale", "/master/blackout", "/safe/flashes", "/model/fade", "/style/name"}
SHOWS_ONLY = {"/out/fps", "/out/delay_ms", "/out/idle"}  # a clip has one rate; seen below in the values of the moment
FROM_THE_START = ("/master/fade", "/feedback/")  # what the hand set has changed the frames before, too
CONDITIONAL = {"/style/class", "/style/class_b", "/style/class_mix"}  # the embedded model has no classes
TARGETS = [row for row in (*ROWS, *BROUGHT) if row.routable and (row.type in "fib" or row.choices)]
SEEN = [row for row in TARGETS if row.address not in SHOWS_ONLY | CONDITIONAL]
BENT = {"kind": "rotate", "alpha": 0.3, "drive": "low", "amount": 0.4}
WITH = {
    "/master/fade": {"/master/blackout": True},
    "/out/fit": {"/out/size": "80x64"},
    "/color/tint_hue": {"/color/tint_amount": 0.5},
    "/feedback/amount": {"/feedback/amount": 0.2},  # without any, a trail begins a frame later
    "/feedback/zoom": {"/feedback/amount": 0.8},
    "/feedback/rotate": {"/feedback/amount": 0.8},
    "/style/noise_rate": {"/style/noise": 2.0, "/style/noise_drive": "low"},
    "/style/noise_drive": {"/style/noise": 2.0},
    **{f"/bend/{slot}/{name}": {f"/bend/{slot}/{last}": value for last, value in BENT.items() if last != name}
       for slot in "abc" for name in ("kind", "share", "alpha", "drive", "amount")},
    **{f"/direction/red/{name}": {"/direction/red/drive": "mid", "/direction/red/amount": 3.0}
       for name in ("alpha", "amount", "drive")},
    **{f"/walk/{band}/fall": {f"/walk/{band}/kind": "random"} for band in ("low", "mid", "high")},
    **{f"/walk/{band}/bars": {f"/walk/{band}/kind": "pulse"} for band in ("low", "mid", "high")},
}  # fmt: skip


def routed(to, mover=KNOB, slot=1, **more):
    given = {"from": mover, "to": to, "amount": 1.0, "release_s": 0.0} | more
    return {f"/route/{slot}/{name}": value for name, value in given.items()}


@pytest.fixture(scope="module")
def G():
    made = load("builtin", size=64)
    made.directions = {"red": torch.full((1, made.w_dim), 0.3)}
    return made


@lru_cache
def moment(seconds=0.2):
    y = sum(hits([0.02], f_hz, seconds) for f_hz in (60, 270, 2000))
    y[len(y) * 2 // 3 :] = 0.0
    return y


class Run:
    """What comes out of a pipeline that hears a sound: features, z, pixels, files, and the poses."""

    def __init__(self, G, values, y=None, *, knob=1.0, block=STEP, tell=lambda features: features, fps=10.0):
        y = moment() if y is None else y
        pipeline = Pipeline(G, values, step_rate=100.0, encoder=open_encoder("simplejpeg"), tally=Tally())
        pipeline.controls.set(KNOB, knob)
        listen = pipeline._listen
        pipeline._listen = lambda *args: [tell(features) for features in listen(*args)]
        self.heard, self.z, self.rgb, self.files, self.poses = [], [], [], [], []
        k, fader = 0, ClipFader()
        for start in range(0, len(y), block):
            end = min(start + block, len(y))
            for f in pipeline.hear(Block(y[start:end], end, end / 48_000), values):
                self.heard.append((f.rms, f.level, f.change, f.onset, f.rms_full))
            while k / fps <= end / 48_000:
                picture = pipeline.draw(k / fps, values)
                self.poses.append(picture.pose)
                self.z.append(picture.pose.z)
                self.rgb.append(picture.rgb)
                brightness = fader.step(picture.pose.t_audio, moves.moved(values, picture.pose))
                self.files.append(pipeline.encode(picture, values, brightness).jpeg)
                k += 1
        self.pipeline = pipeline


@pytest.fixture(scope="module")
def base(G):
    @lru_cache
    def run(given):
        return Run(G, BASE | dict(given))

    return lambda given: run(tuple(given.items()))


def _same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def _goal(row):
    """A value that a route leads a row to: (the value, its share of the range)."""
    if row.choices:
        return row.choices[-1 if row.default != row.choices[-1] else 0], float(row.default != row.choices[-1])
    if row.type == "b":
        return not row.default, float(not row.default)
    if row.hi == INT32:
        return row.lo + MAX_STEPS, 1.0
    share = 0.9
    value = row.lo + share * (row.hi - row.lo)
    return (int(value + 0.5) if row.type == "i" else value), share


@pytest.mark.parametrize("row", SEEN, ids=lambda row: row.address)
def test_every_row_that_a_route_may_move_is_moved_as_by_hand(G, base, row):
    others, (goal, share) = WITH.get(row.address, {}), _goal(row)
    rest, by_hand = base(others), base(others | {row.address: goal})
    values = BASE | others | routed(row.address, mode="replace", amount=share)
    run = Run(G, values)
    assert values[row.address] == (BASE | others)[row.address]  # what the hand set stays
    if row.address.startswith(("/audio/", "/band/")):  # they follow the step before
        assert run.heard != rest.heard
    else:
        assert run.heard == rest.heard
        assert _same(run.z[1:], by_hand.z[1:])
        assert np.array_equal(run.rgb[-1], by_hand.rgb[-1])
        assert run.files[-1] == by_hand.files[-1] or row.address.startswith(FROM_THE_START)
        assert run.files[1:] != rest.files[1:]
    at = run.pipeline.route_values(values)["/route/1/value"]
    assert at == pytest.approx(row.choices.index(goal) if row.choices else float(goal))


@pytest.mark.parametrize("address", sorted(SHOWS_ONLY | CONDITIONAL))
def test_what_only_a_show_or_another_model_follows_is_moved_in_the_values_of_the_moment(G, address):
    row = parse_target(address)
    goal, share = _goal(row)
    values = BASE | routed(address, mode="replace", amount=share)
    run = Run(G, values, moment()[:960])
    assert run.pipeline.now(values)[address] == goal
    assert moves.moved(values, run.poses[0])[address] in (row.lo, False)  # before any sound a route says 0


COMMANDS_SENT = [command for command in COMMANDS if command.routable and command.address.startswith("/walk/")]


@pytest.mark.parametrize("command", COMMANDS_SENT, ids=lambda command: command.address)
def test_every_command_of_the_walks_that_a_route_may_send_is_sent_at_a_rise(G, base, command):
    _, _, band, name = command.address.split("/")
    at = ("low", "mid", "high").index(band)
    others = [walk for walk in range(4) if walk != at]
    y = np.zeros(9600, np.float32) if name == "bump" else moment()
    run = Run(G, BASE | routed(command.address, mover=KNOB if name == "bump" else f"{band}/level"), y)
    rest = Run(G, BASE, y)
    assert not np.array_equal(run.z[-1][at], rest.z[-1][at])
    assert np.array_equal(run.z[-1][others], rest.z[-1][others])
    assert name == "reset" or np.array_equal(run.z[-1], run.z[-2])  # once


def test_a_command_of_another_part_is_done_by_who_takes_it_once_a_rise(G):
    pipeline, sent = Pipeline(G, BASE, step_rate=100.0, tally=Tally()), []
    pipeline.acts["/other/act"] = sent.append
    (route,) = moves.routes_of(BASE | routed("/walk/low/bump"))
    for knob, count in ((0.0, 0), (1.0, 1), (1.0, 1), (0.0, 1), (1.0, 2)):
        pipeline._routes.step(moves.followed((route,)), silence(), {KNOB: knob}, 1.0)
        pipeline._send((replace(route, command="/other/act"),), 7.5)
        assert sent == count * [7.5]


def test_a_knob_taps_the_beat_and_begins_bars(G):
    for does in ("tap", "resync"):
        pipeline = Pipeline(G, BASE, step_rate=100.0, tally=Tally())
        taken = []
        pipeline.acts[f"/beat/{does}"] = taken.append
        (route,) = moves.routes_of(BASE | routed(f"/beat/{does}"))
        pipeline._routes.step(moves.followed((route,)), silence(), {KNOB: 1.0}, 1.0)
        pipeline._send((route,), 3.0)
        assert taken == [3.0]


def test_every_command_that_may_be_sent_takes_nothing_and_answers_nothing():
    assert all(not (command.args or command.reply) for command in COMMANDS if command.routable)
    assert {command.address.split("/")[-1] for command in COMMANDS_SENT} == {"bump", "reset"}


@pytest.mark.parametrize("name", [*RANGES, *(f"lfo/{shape}/2" for shape in SHAPES), KNOB, "osc/fader"])
def test_everything_that_may_move_is_seen_in_the_picture(G, name, monkeypatch):
    """One signal or beat at a time is told to be at its highest; nothing else is heard."""

    def numbers(features):
        told = dict(zip(NAMES, numbers_of(features), strict=True)) | {"silence": 0}
        return list((told | ({name: RANGES[name][1]} if name in RANGES else {})).values())

    monkeypatch.setattr(walk_routes, "numbers_of", numbers)
    pipeline, seen = Pipeline(G, BASE, step_rate=100.0, tally=Tally()), []
    listen = pipeline._listen
    pipeline._listen = lambda *args: [replace(f, beat=Beat(beats=0.75)) for f in listen(*args)]
    for k, amount in enumerate((0.0, 1.0), 1):
        values = BASE | routed("/transform/rotate", mover=name, amount=amount * 0.2)
        pipeline.controls.set(name, 0.7)
        pipeline.hear(Block(np.zeros(2 * STEP, np.float32), 2 * STEP * k, 0.0), values)
        seen.append(pipeline.draw(1.0, values).rgb)
    assert not np.array_equal(*seen)


PSI, FREEZE, FIT, SEED, QUALITY, TURN = (
    "/style/psi", "/master/freeze", "/out/fit", "/style/seed", "/out/quality", "/transform/rotate"
)  # fmt: skip


@pytest.mark.parametrize(
    ("to", "more", "hand", "said", "expected"),
    [
        (PSI, {"amount": 0.5}, 0.3, 0.4, 0.6),
        (PSI, {"amount": -0.5, "offset": 0.1}, 0.9, 0.4, 0.75),
        (PSI, {"amount": 1.0}, 0.9, 1.0, 1.5),  # the range's end
        (PSI, {"amount": -1.0}, 0.9, 1.0, 0.0),
        (PSI, {"amount": 0.5, "mode": "replace"}, 0.9, 0.4, 0.3),
        (PSI, {"amount": -1.0, "offset": 1.0, "mode": "replace"}, 0.9, 0.25, 1.125),
        (PSI, {"amount": 0.4, "mode": "trigger"}, 0.5, 1.0, 1.1),
        (PSI, {"amount": 0.4, "mode": "trigger"}, 0.5, 2.0, 0.2),  # past its end it begins again
        (PSI, {"amount": -0.4, "mode": "trigger"}, 0.5, 1.0, 1.4),
        (TURN, {"amount": 0.125, "mode": "trigger"}, 0.0, 3.0, 270.0),
        (TURN, {"amount": 0.125, "mode": "trigger"}, 360.0, 0.0, 360.0),
        (FREEZE, {}, False, 0.5, True),
        (FREEZE, {}, False, 0.49, False),
        (FREEZE, {"amount": -1.0}, True, 1.0, False),
        (FREEZE, {"mode": "replace"}, True, 0.4, False),
        (FREEZE, {"mode": "trigger"}, False, 1.0, True),
        (FREEZE, {"mode": "trigger"}, True, 3.0, False),
        (FREEZE, {"mode": "trigger"}, True, 2.9, True),
        (FIT, {}, "crop", 0.26, "fit"),
        (FIT, {}, "fit", 1.0, "auto"),
        (FIT, {"mode": "replace"}, "mirror", 0.0, "crop"),
        (FIT, {"mode": "trigger"}, "mirror", 2.0, "auto"),
        (FIT, {"mode": "trigger", "amount": -0.1}, "crop", 1.0, "auto"),
        (SEED, {"mode": "trigger"}, 7, 3.0, 10),
        (SEED, {"mode": "trigger", "amount": -1.0}, 0, 1.0, INT32),
        (SEED, {}, 7, 0.5, 7 + 500),
        (QUALITY, {"amount": 0.1, "mode": "trigger"}, 85, 1.0, 95),
        (QUALITY, {"amount": 0.1, "mode": "trigger"}, 85, 2.0, 5),
    ],
)
def test_modes_by_the_kind_of_what_is_moved(to, more, hand, said, expected):
    values = BASE | {to: hand} | routed(to, **more)
    pose = Pose(0.0, np.zeros(1), (0.0,) * 3, 0.0, silence(), routes=(said, *[0.0] * 15))
    moved = moves.moved(values, pose)
    assert moved[to] == (pytest.approx(expected) if isinstance(expected, float) else expected)
    assert type(moved[to]) is type(hand)
    assert values[to] == hand
    assert {address for address in values if moved[address] != values[address]} <= {to}


def test_several_routes_to_one_row_add_up_in_their_order():
    values = BASE | routed(PSI, amount=0.2) | routed(PSI, slot=2, amount=0.4, mode="replace") | routed(PSI, slot=5)
    pose = Pose(0.0, np.zeros(1), (0.0,) * 3, 0.0, silence(), routes=(1.0, 0.5, 0.0, 0.0, 0.1, *[0.0] * 11))
    assert moves.moved(values, pose)[PSI] == pytest.approx(0.3 + 0.15)


def test_what_drives_is_moved_too_and_comes_last():
    driven = {"/bend/a/alpha": 0.5, "/bend/a/drive": "mid", "/bend/a/amount": 0.25}
    pose = Pose(0.0, np.zeros(1), (0.0, 0.8, 0.0), 0.0, silence(), routes=(0.5, *[0.0] * 15))
    alpha = lambda values: moves.moved(BASE | driven | values, pose)["/bend/a/alpha"]  # noqa: E731
    assert alpha({}) == 0.5 + 0.25 * 0.8
    assert alpha(routed("/bend/a/alpha", amount=0.5)) == pytest.approx(0.5 + 1.0 + 0.2)
    assert alpha(routed("/bend/a/amount", amount=0.5)) == pytest.approx(0.5 + 1.25 * 0.8)
    assert alpha({"/bend/a/alpha": 1.9, "/bend/a/amount": 2.0}) == 2.0  # held to its range


def test_without_routes_and_drives_the_values_are_the_very_same():
    pose = Pose(0.0, np.zeros(1), (0.5,) * 3, 0.0, silence())
    for values in (BASE, BASE | routed(PSI, enabled=False), BASE | routed(""), BASE | routed(PSI, mover="")):
        assert moves.moved(values, pose, ["red"]) is values
    gone = BASE | routed("/direction/gone/alpha")
    assert moves.moved(gone, replace(pose, routes=(1.0,) * 16)) is gone
    assert moves.route_values(gone, (1.0,) * 16) == {}


MANY = (
    routed("/style/psi", mover="low/level", amount=-0.5, attack_s=0.03)
    | routed("/transform/zoom", mover="lfo/sine/0.5", slot=2, amount=0.3)
    | routed("/walk/mid/gain", mover="high/level", slot=3, release_s=0.2)
    | routed("/walk/low/bump", mover="low/onset", slot=4)
    | routed("/transform/rotate", mover="low/onset", slot=5, mode="trigger", amount=0.1)
    | routed("/band/high/gain", mover="low/level", slot=6, amount=0.5)
    | routed("/master/speed", mover="lfo/random/0.25", slot=7, amount=0.2)
)


def _beats(features):
    return replace(features, beat=Beat(beats=features.t_audio * 2.0))


def test_24_30_and_60_frames_a_second_show_one_path(G):
    seen, y, values = {fps: {} for fps in (24, 30, 60)}, beat(0.6), BASE | MANY
    for fps, poses in seen.items():
        pipeline = Pipeline(G, values, step_rate=100.0, tally=Tally())
        listen = pipeline._listen
        pipeline._listen = lambda *args, listen=listen: list(map(_beats, listen(*args)))
        for end in range(160, len(y) + 1, 160):
            pipeline.hear(Block(y[end - 160 : end], end, 0.0), values)
            if end % (48_000 // fps) == 0:
                poses[end] = pipeline.scene.track.pose(end / 48_000)
    shared = [end for end in seen[24] if end in seen[30] and end in seen[60]]
    assert len(shared) == 3
    for end in shared:
        for fps in (30, 60):
            assert seen[fps][end].routes == pytest.approx(seen[24][end].routes, abs=1e-9)
            assert np.allclose(seen[fps][end].z, seen[24][end].z, atol=1e-5)
    assert len({pose.routes for pose in seen[60].values()}) > 20


@pytest.mark.parametrize("block", [64, 441, 4096])
def test_the_size_of_blocks_changes_nothing(G, block):
    one, other = (Run(G, BASE | MANY, tell=_beats, block=size) for size in (STEP, block))
    n = min(len(one.heard), len(other.heard))
    assert n >= 19
    assert one.heard[:n] == other.heard[:n]
    assert one.pipeline._routes.now == other.pipeline._routes.now
    assert np.array_equal(one.pipeline.scene.walker.z, other.pipeline.scene.walker.z)


def test_a_worker_of_a_farm_draws_what_a_show_draws(G):
    values = BASE | MANY | {"/bend/a/kind": "rotate", "/bend/a/drive": "low"}
    run = Run(G, values, tell=_beats)
    inputs = [to_picture_input(G, pose, moves.moved(values, pose, G.directions)) for pose in run.poses]
    frames = to_chunk(inputs).inputs()
    assert _same([draw(G, frame, values) for frame in frames], run.rgb)


def test_a_clip_is_drawn_from_what_a_show_is_drawn_from(G, tmp_path):
    """A show in blocks of a card's size, by hand, without its clock; the other test has a real one."""
    soundfile.write(tmp_path / "beat.wav", beat(0.8), 48_000)
    flags = {"route": ["low/level=/style/psi:-0.4:attack=0.05", "mid/level=/band/high/gain:0.3", "beat=/walk/low/bump",
                       "low/onset=/transform/rotate:0.1:trigger", "high/level=/walk/mid/gain"]}  # fmt: skip
    job = job_of(resolve(flags | {"out_size": "64x64"}, str(tmp_path / "beat.wav")), str(tmp_path / "clip.mp4"))
    job = replace(job, values=job.values | {row.address: row.default for row in BROUGHT})
    offline = list(picture_inputs_of(job, G))
    y = np.concatenate([block.y.copy() for block in feed_of(job.audio, "").blocks()])
    pipeline, live = Pipeline(G, job.values, step_rate=100.0, tally=Tally()), []
    for start in range(0, len(y), 256):
        end = min(start + 256, len(y))
        pipeline.hear(Block(y[start:end], end, end / 48_000), job.values)
        while len(live) / 30 <= end / 48_000 and len(live) < len(offline):
            live.append(pipeline.scene.track.pose(len(live) / 30))
    assert len(offline) == len(live) == 24
    assert len({pose.routes for pose in live}) > 15
    for pose, one in zip(live, offline, strict=True):
        assert pose.routes == one.pose.routes
        assert np.array_equal(pose.z, one.pose.z)
        assert torch.equal(to_picture_input(G, pose, moves.moved(job.values, pose, G.directions)).ws, one.ws)


def test_a_frozen_picture_rests_and_a_route_can_freeze_and_let_go(G):
    frozen = Run(G, BASE | routed("/transform/rotate", mover="low/level") | {"/master/freeze": True})
    assert len({rgb.tobytes() for rgb in frozen.rgb}) == 1
    loud = routed("/master/freeze", mover="low/level", mode="replace") | routed(TURN, mover="high/level", slot=2)
    run = Run(G, BASE | loud)
    assert run.pipeline.now(BASE | loud)["/master/freeze"] is True
    assert any(pose.routes[0] < 0.5 for pose in run.poses)


REFUSED = [
    ("to", "/route/1/amount", "a route cannot move a route"),
    ("to", "/route/2/enabled", "a route cannot move a route"),
    ("to", "/mix/low/layers", "a text, expected a number"),
    ("to", "/style/colour", "unknown"),
    *(("to", command.address, "no route may move it") for command in COMMANDS if not command.routable),
    *(("to", address, "no route may move it") for address in sorted(NEVER)),
    *(("from", name, "unknown, expected a signal") for name in ("time", "route/1/value", "lfo/tri/4", "lfo/saw/0")),
]


@pytest.mark.parametrize(("name", "text", "reason"), REFUSED, ids=str)
def test_loops_unknown_names_and_what_no_route_may_move_are_refused_in_one_line(name, text, reason):
    row = next(row for row in ROWS if row.address == f"/route/3/{name}")
    with pytest.raises(ParameterError, match=f"^/route/3/{name}: .*{reason}") as refused:
        row.parse(text)
    assert "\n" not in str(refused.value)
    assert row.parse("") == ""


def test_every_other_number_switch_and_choice_may_be_moved():
    for row in LIVE:
        if (
            row.address in NEVER
            or row.address.startswith(
                ("/route/", "/beat/", "/scene/", "/auto/", "/transport/", "/loop/", "/cue/", "/schedule/")
            )
            or (row.type == "s" and not row.choices)
        ):
            continue
        assert parse_target(row.address) == row
