"""What soak.py does to a show: what a night brings, and faults. Each act is done once before they come at random."""

import os
import shutil
import signal
import time
from dataclasses import dataclass

from soak_clients import flood, knock, osc, websocket, zeromq
from soak_stage import MODELS, Stage

LOOKS = ("heartbeat", "ink", "page", "silver", "tide", "neon", "bloom", "drummer")
GAP_S = 0.5
"""A time without a frame that no act makes by design is shorter."""

HELD_S, LOST_S = 1.0, 10.0
"""How long the process is suspended; how long it is waited for sound after its server has started."""


@dataclass(frozen=True)
class Act:
    """Something that happens to a show.

    do:    gets the stage; returns when it is over.
    gap_s: time without a frame that it makes by design.
    errs:  whether it makes the log report an error by design.
    """

    name: str
    do: object
    gap_s: float = GAP_S
    errs: bool = False


def _send(address, *choices):
    """Return an act's work: send one of these arguments."""

    def do(stage):
        if choices:
            stage.show.send(address, stage.chance.choice(choices))
        else:
            stage.show.send(address)
        stage.rest()

    return do


def _recall(stage):
    stage.show.send("/preset/recall", stage.chance.choice(LOOKS), stage.chance.choice((0.0, 2.0)))
    stage.rest()


def _scenes(stage):
    stage.show.send("/scene/add", stage.chance.choice(LOOKS), stage.chance.choice(("", "builtin", MODELS[0])))
    stage.show.send("/scene/next")
    stage.rest()
    stage.show.send("/scene/remove", 1)


def _style(stage):
    stage.show.send("/style/save", f"s{stage.chance.randrange(5)}")
    stage.rest(0.3)
    stage.show.send("/style/recall", f"s{stage.chance.randrange(5)}", 1.0)
    stage.rest()
    stage.show.send("/style/undo", 0.5)


def _save(stage):
    stage.show.send("/preset/save", f"look{stage.chance.randrange(5)}")
    stage.rest()


def _client(make):
    """Return an act's work: such a client comes, and leaves by itself some time later."""

    def do(stage):
        stage.come(lambda seconds: make(stage, seconds))
        stage.rest(0.5)

    return do


def _suspend(stage):
    os.kill(stage.show.process.pid, signal.SIGSTOP)
    time.sleep(HELD_S)
    os.kill(stage.show.process.pid, signal.SIGCONT)
    stage.rest()


def _kill_ear(stage):
    """Kill the process that hears; twice within ten seconds would leave the show without one."""
    for pid in stage.show.processes()[1:2]:
        os.kill(pid, signal.SIGKILL)
    time.sleep(min(11.0, 11.0 * stage.pause_s))


def _sound_server(stage):
    """Hear a sound server, kill it, start it again; note the seconds from its start until it is heard."""
    if stage.sound is None:
        return
    show = stage.show
    show.send("/audio/source", "live:computer")
    stage.rest()
    stage.sound.kill()
    stage.rest()
    begun, mark = time.monotonic(), len(show.log)
    stage.sound.start()
    deadline = time.monotonic() + LOST_S
    while not (back := [t for t, line in show.log[mark:] if "listening at" in line]) and time.monotonic() < deadline:
        time.sleep(0.05)
    stage.notes.append(f"{back[0] - begun:.1f}" if back else "not")
    show.send("/audio/source", "songs")


def _song(harm):
    """Return an act's work: harm the file that plays, and put it back later."""

    def do(stage):
        name = stage.chance.choice(("beats.flac", "beats.mp3", "clipped.wav"))
        kept, path = stage.folder / "kept" / name, stage.music / name
        stage.show.send("/audio/source", name)
        stage.show.send("/transport/seek", 2.0)
        stage.rest()
        harm(stage, path)
        stage.rest()
        shutil.copy(kept, stage.folder / "back")
        os.replace(stage.folder / "back", path)
        stage.show.send("/audio/source", "songs")

    return do


def _replace(stage, path):
    shutil.copy(stage.folder / "kept" / "beats.ogg", stage.folder / "other")
    os.replace(stage.folder / "other", path)


def _still_log(stage):
    stage.show.may_be_read.clear()
    for _ in range(200):
        stage.show.send("/no/such/address", 1)
    stage.rest()
    stage.show.may_be_read.set()


ACTS = (
    Act("model", _send("/model/load", "builtin", *MODELS)),
    Act("look", _recall),
    Act("scenes", _scenes),
    Act("style", _style),
    Act("preset saved", _save),
    Act("size", _send("/out/size", "128", "256", "160x96")),
    Act("next song", _send("/transport/next")),
    Act("seek", _send("/transport/seek", 0.0, 7.5, 19.0, 100.0)),
    Act("demo", _send("/audio/source", "demo", "songs")),
    Act("subscriber", _client(lambda stage, s: zeromq(stage.show, stage.context, s, reads=True))),
    Act("subscriber stalls", _client(lambda stage, s: zeromq(stage.show, stage.context, s, reads=False))),
    Act("WebSocket", _client(lambda stage, s: websocket(stage.show, s, "/", reads=True))),
    Act("WebSocket of frames", _client(lambda stage, s: websocket(stage.show, s, "/frames", reads=True))),
    Act("WebSocket stalls", _client(lambda stage, s: websocket(stage.show, s, "/frames", reads=False))),
    Act("OSC subscriber", _client(lambda stage, s: osc(stage.show, s, leaves=True))),
    Act("OSC subscriber is gone", _client(lambda stage, s: osc(stage.show, s, leaves=False))),
    Act("OSC flood", lambda stage: flood(stage.show, 2 * min(1.0, stage.pause_s))),
    Act("random bytes", lambda stage: knock(stage.show, stage.chance)),
    Act("suspended", _suspend, gap_s=HELD_S + GAP_S),
    Act("ear killed", _kill_ear),
    Act("sound server killed", _sound_server),
    Act("song truncated", _song(lambda stage, path: os.truncate(path, os.path.getsize(path) // 2))),
    Act("song replaced", _song(_replace)),
    Act("song deleted", _song(lambda stage, path: path.unlink(missing_ok=True))),
    Act("bad model", _send("/model/load", "half.pkl", "nan.pkl", "noise.pkl", "gone.pkl"), errs=True),
    Act("log not read", _still_log),
)
"""All that may happen, in the order in which each is done once."""


CALM = Act("back to the start", Stage.calm)
"""What is done before threads and descriptors are counted."""


class Director:
    """Lets the acts happen one after another, and remembers when.

    Args:
        stage: with a show that runs.
        names: acts to choose from; empty: all.
    """

    def __init__(self, stage, names):
        self._stage = stage
        self._acts = [act for act in ACTS if not names or act.name in names]
        self.done = []
        """(begin, end, act) of each."""

    def play_all(self, until):
        """Do each act once, or as many as there is time for; return whether all were done."""
        for act in self._acts:
            if time.monotonic() >= until:
                return False
            self._play(act)
        return True

    def play(self, until):
        """Do acts at random until then."""
        while time.monotonic() < until and self._stage.show.process.poll() is None:
            self._play(self._stage.chance.choice(self._acts))
            self._stage.rest()

    def _play(self, act):
        begun = time.monotonic()
        act.do(self._stage)
        self.done.append((begun, time.monotonic(), act))

    def around(self, begin, end, after_s=2.0):
        """Return the acts that went on, or had ended shortly before, at any moment between two times."""
        return [act for a, b, act in self.done if a <= end and b + after_s >= begin]
