"""What venues do to a show, one after the other: the picture moves on. Each drill prints its figures (-s)."""

import contextlib
import os
import random
import shutil
import signal
import socket
import struct
import threading
import time

import pytest
import soundfile
from drills.watching import DEADLINE_S, Watching
from server import Osc, Server
from sound_servers import SoundServer
from sounds import beat

pytestmark = pytest.mark.audio

SONGS = ("a.flac", "b.wav", "c.ogg")
MOVING = ("--route", "lfo/sine/4=/transform/rotate:1", "--beat-from", "manual")
"""A picture that moves by itself, whatever is heard."""


@pytest.fixture(scope="module")
def sound():
    server = SoundServer("PulseAudio")
    yield server
    server.close()


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    for name in SONGS:
        soundfile.write(folder / name, beat(8.0), 48_000)
    return folder


@pytest.fixture(scope="module")
def show(sound, music):
    args = ("songs", "--size", "64x64", "--threads", "1", "--music", music, "--transport-repeat", "all", *MOVING)
    with Server(*args, env=sound.env) as running:
        yield running


@pytest.fixture
def osc(show):
    desk = Osc(show)
    yield desk
    desk.close()


def counted(osc, address):
    """What /stats says of an address."""
    osc.send("/stats")
    return osc.until(address)[0]


def test_a_sound_server_is_killed_and_started_again(show, sound, osc):
    osc.send("/audio/source", "live:computer")
    osc.until_it_is("/audio/source", "live:computer")
    show.wait_for("listening at")
    with Watching(show.base, "sound server killed") as watching:
        sound.kill()
        show.wait_for("the sound card is gone")
        watching.moves()
        mark = len(show.log)
        sound.start()
        begun = time.monotonic()  # the server answers, its players play
        while not any("listening at" in line for line in show.log[mark:]):
            assert time.monotonic() < begun + DEADLINE_S, "".join(show.log[mark:])
            time.sleep(0.01)
        print(f"sound is back {max(0.0, time.monotonic() - begun):.2f} s after the server")
    osc.send("/audio/source", "songs")
    osc.until_it_is("/audio/source", "songs")


@pytest.mark.parametrize("harm", ["truncated", "replaced", "deleted"])
def test_a_song_is_harmed_while_it_plays(show, music, osc, tmp_path, harm):
    name, path = SONGS[0], music / SONGS[0]
    shutil.copy(path, tmp_path / name)
    osc.send("/audio/source", name)
    osc.until_it_is("/audio/source", name)
    with Watching(show.base, f"song {harm}") as watching:
        if harm == "truncated":
            os.truncate(path, path.stat().st_size // 2)
        elif harm == "replaced":
            shutil.copy(music / SONGS[2], tmp_path / "other")
            os.replace(tmp_path / "other", path)
        else:
            path.unlink()
        osc.send("/transport/seek", 1.0)
        watching.moves()
        osc.send("/transport/seek", 7.5)
        osc.send("/transport/next")
        osc.until("/transport/song", lambda song: song != name)
        watching.moves()
    shutil.copy(tmp_path / name, path)
    osc.send("/audio/source", "songs")
    osc.until_it_is("/audio/source", "songs")


def test_osc_comes_by_the_ten_thousand_with_random_bytes_among_it(show, osc):
    chance, sent = random.Random(1), 0
    good = b"/color/hue\0\0,f\0\0" + struct.pack(">f", 10.0)
    with (
        Watching(show.base, "OSC flood") as watching,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
    ):
        begun = time.monotonic()
        while sent < 20_000:
            with contextlib.suppress(OSError):
                line.sendto(good, ("127.0.0.1", show.base))
                line.sendto(chance.randbytes(chance.randrange(1, 200)), ("127.0.0.1", show.base))
            sent += 2
        print(f"{sent / (time.monotonic() - begun):.0f} packets a second")
        watching.moves()
        osc.send("/style/psi", 0.75)
        osc.until_it_is("/style/psi", 0.75)


def test_subscribers_come_and_are_gone_a_thousand_times(show, osc):
    """Some say nothing, some half a greeting, some leave with a reset."""
    greeting = b"\xff" + bytes(8) + b"\x7f\3"
    with Watching(show.base, "subscribers come and go") as watching:
        for n in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", show.base + 2), 5) as line:
                line.sendall(greeting[: n % (len(greeting) + 1)])
                if n % 2:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        watching.moves()
    osc.settle()


def test_the_process_is_suspended_and_goes_on(show, osc):
    with Watching(show.base, "suspended for 0.6 s") as watching:
        before = counted(osc, "/stats/stalls/hear")
        os.kill(show.process.pid, signal.SIGSTOP)
        threading.Event().wait(0.6)  # the time of the drill itself
        os.kill(show.process.pid, signal.SIGCONT)
        watching.moves()
        while counted(osc, "/stats/stalls/hear") == before:
            pass


def test_all_that_leaves_a_show_that_is_well(show, osc):
    assert counted(osc, "/stats/restarts") == 0
    assert not [line for line in show.log if "; goes on" in line]
    assert show.stop()[0] == 0
