"""The viewer, driven by key events, under SDL's dummy driver and on a real X server (Xvfb)."""

import contextlib
import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from pythonosc.osc_message import OscMessage

from bandwalk_client.keys import BY_NAME, PANEL_KEYS, VIEWER_KEYS, keys_text, panel_module

DEADLINE_S = 60.0

# Runs the viewer; each line that it reads names a key to press.
DRIVER = """
import sys, threading, time
from bandwalk_client.viewer import ViewOptions, view

def press():
    while "bandwalk_client.window" not in sys.modules:
        time.sleep(0.01)
    import pygame
    while pygame.display.get_surface() is None:
        time.sleep(0.01)
    for line in sys.stdin:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(line.strip())))

threading.Thread(target=press, daemon=True).start()
endpoint, osc, folder, record, fullscreen, display, osd = sys.argv[1:]
options = ViewOptions(fullscreen == "True", int(display), osd == "True")
view(endpoint, osc=osc, folder=folder, record=record, options=options)
"""


def environment(**changes):
    """The environment without a display, and with these variables."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    return {name: value for name, value in os.environ.items() if name not in hidden} | changes


def wait_for(condition, what):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {DEADLINE_S} s: {what}")


class Driven:
    """A viewer in a process of its own, and a server that sends it one picture again and again."""

    def __init__(self, server, osc_peer, folder):
        self.server, self.folder, self._peer = server, folder, osc_peer
        self._stop = threading.Event()
        self._threads = []
        self.values = {"/master/freeze": 1, "/master/intensity": 2.0}  # what the OSC peer answers
        self.heard = []  # every message with arguments, and pushes: [(address, params)]
        self.asked = set()

    def start(self, *, env, fullscreen=False, display=0, osd=False, record="", picture=None):
        osc = f"127.0.0.1:{self._peer.getsockname()[1]}"
        settings = [osc, self.folder, record, fullscreen, display, osd]
        command = [sys.executable, "-c", DRIVER, self.server.endpoint, *map(str, settings)]
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.resume(picture)

    def resume(self, picture):
        """Send frames and answers, again."""
        self._stop.clear()
        self._threads = [
            threading.Thread(target=self._send_frames, args=(picture,)),
            threading.Thread(target=self._answer),
        ]
        for thread in self._threads:
            thread.start()

    def press(self, *names):
        for name in names:
            self.process.stdin.write(name + "\n")
        self.process.stdin.flush()

    def stop(self):
        """Send no more frames and answers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def close(self):
        self.stop()
        self.process.kill()
        self.process.communicate()

    def _send_frames(self, picture):
        seq = 0
        bands = {band: {"level": 0.5, "change": 0.0, "onset": True} for band in ("low", "mid", "high")}
        while not self._stop.wait(1 / 30):
            self.server.send(seq, rgb=picture, features=bands, model="test")
            seq += 1

    def _answer(self):
        self._peer.settimeout(0.1)
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                datagram, source = self._peer.recvfrom(65536)
                message = OscMessage(datagram)
                if message.params or message.address.endswith("/bump"):
                    self.heard.append((message.address, message.params))
                    continue
                self.asked.add(message.address)
                value = self.values.get(message.address)
                if value is not None:
                    tag, data = (b"i", value.to_bytes(4, "big")) if isinstance(value, int) else (b"f", b"\x40\0\0\0")
                    address = message.address.encode()
                    padded = address + bytes(4 - len(address) % 4)
                    self._peer.sendto(padded + b"," + tag + b"\0\0" + data, source)


@pytest.fixture
def driven(server, osc_peer, tmp_path):
    driven = Driven(server, osc_peer, tmp_path)
    yield driven
    driven.close()


@pytest.fixture
def headless(driven, picture):
    """A viewer under SDL's dummy driver that has shown a picture and heard its values."""
    driven.start(env=environment(SDL_VIDEODRIVER="dummy"), picture=picture)

    def has_picture():
        driven.press("s")
        return list(driven.folder.glob("*.png"))

    wait_for(has_picture, "a screenshot")
    wait_for(lambda: {"/master/freeze", "/master/intensity"} <= driven.asked, "the viewer asked for values")
    return driven


@pytest.fixture
def display():
    """An X server without a screen; its name."""
    read, write = os.pipe()
    # without -noreset it starts anew when a screenshot's connection ends, and drops a viewer that is just connecting
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
        server.terminate()


def test_a_screenshot_is_the_picture(headless, picture):
    shot = np.asarray(Image.open(next(headless.folder.glob("*.png"))))
    assert shot.shape == picture.shape
    assert np.abs(shot.astype(int) - picture).mean() < 2


def test_keys_send_osc_that_starts_from_the_values_of_the_server(headless):
    # the peer says: frozen, intensity 2; of blackout and psi it says nothing, so they start as the server does
    wait_for(lambda: (headless.press("space"), headless.heard)[1], "a key arrived")
    assert headless.heard[0] in [("/master/freeze", [0]), ("/master/freeze", [1])]
    headless.heard.clear()
    headless.values.clear()
    headless.press("b", "b", "right", "left", "1", "2", "3")

    def others():  # a freeze may still be on its way
        return [message for message in headless.heard if message[0] != "/master/freeze"]

    wait_for(lambda: len(others()) >= 7, "seven messages")
    assert others() == [
        ("/master/blackout", [1]),
        ("/master/blackout", [0]),
        ("/style/psi", [pytest.approx(1.05)]),
        ("/style/psi", [1.0]),
        ("/walk/low/bump", []),
        ("/walk/mid/bump", []),
        ("/walk/high/bump", []),
    ]


def test_a_step_starts_from_what_another_controller_set(headless):
    def steps_from_two():
        headless.heard.clear()
        headless.press("up")
        wait_for(lambda: headless.heard, "a message")
        return headless.heard[0] == ("/master/intensity", [pytest.approx(2.1)])

    wait_for(steps_from_two, "the viewer heard the server's value")


def test_a_new_picture_is_asked_for_by_a_seed_of_chance(headless):
    headless.press("r", "r")
    wait_for(lambda: len(headless.heard) == 2, "two seeds")
    (one, (first,)), (other, (second,)) = headless.heard
    assert one == other == "/style/seed"
    assert first != second
    assert 0 <= min(first, second) <= max(first, second) < 2**31


def test_every_key_may_be_pressed_and_q_ends_it_with_status_0(headless):
    headless.press(*(name for name in BY_NAME if name not in ("q", "escape")), "q")
    assert headless.process.wait(DEADLINE_S) == 0
    assert headless.process.stdout.read() == ""
    assert headless.process.stderr.read() == ""


def test_ctrl_c_closes_it_with_status_0(headless):
    headless.process.send_signal(2)
    assert headless.process.wait(DEADLINE_S) == 0


def cpu_s(pid):
    """Processor time that a process has used, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_it_waits_without_spinning(headless):
    headless.stop()
    before, began = cpu_s(headless.process.pid), time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        headless.process.wait(1.5)
    assert (cpu_s(headless.process.pid) - before) / (time.monotonic() - began) < 0.2


def take_x_screenshot(display):
    command = ["import", "-display", display, "-window", "root", "png:-"]
    shot = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def test_on_a_real_display_the_picture_stands_as_large_as_it_fits(driven, display, picture):
    square = picture[:, 8:56]
    expected = np.zeros((480, 640, 3), int)
    expected[:, 80:560] = np.asarray(Image.fromarray(square).resize((480, 480), Image.Resampling.BILINEAR))
    driven.start(env=environment(DISPLAY=display), fullscreen=True, picture=square)
    wait_for(lambda: np.abs(take_x_screenshot(display) - expected).mean() < 4, "the picture, letterboxed")
    driven.press("o")
    wait_for(lambda: np.abs(take_x_screenshot(display) - expected)[:100, :80].max() > 100, "the overlay's text")


SECOND_DISPLAY = """
import pygame
asked = []
open_window = pygame.display.set_mode
pygame.display.get_desktop_sizes = lambda: [(640, 480), (320, 240)]
pygame.display.set_mode = lambda size, flags, display: asked.append((size, flags, display)) or open_window(size)
pygame.display.set_window_position = lambda at: asked.append(at)
from bandwalk_client.window import Window
import numpy as np
window = Window("x", fullscreen=True, display=1)
window.toggle_fullscreen()
window.draw(np.zeros((300, 400, 3), np.uint8))
assert asked == [
    ((320, 240), pygame.FULLSCREEN, 1),
    ((640, 640), pygame.RESIZABLE, 1),
    ((256, 192), pygame.RESIZABLE, 1),
], asked
"""


def test_a_chosen_display_is_the_one_that_is_filled_and_that_the_window_adapts_to():
    env = environment(SDL_VIDEODRIVER="dummy")  # no X server here has two: sdl is asked the right thing
    subprocess.run([sys.executable, "-c", SECOND_DISPLAY], env=env, check=True, timeout=60)


def test_the_overlay_may_be_there_from_the_start(driven, display, picture):
    square = picture[:, 8:56]
    driven.start(env=environment(DISPLAY=display), fullscreen=True, osd=True, picture=square)
    wait_for(lambda: take_x_screenshot(display)[:70, :80].min(axis=2).max() > 200, "white text beside the picture")


def test_a_display_that_is_not_there_is_refused_in_one_line(driven, display):
    driven.start(env=environment(DISPLAY=display), display=1)
    assert driven.process.wait(DEADLINE_S) == 1
    assert driven.process.stderr.read().endswith("DeviceError: --display = 1: expected 0..0\n")


def test_what_it_sees_is_recorded_as_it_came(driven, picture, tmp_path):
    path = tmp_path / "seen.mkv"
    driven.start(env=environment(SDL_VIDEODRIVER="dummy"), record=path, picture=picture)
    wait_for(lambda: path.is_file() and path.stat().st_size > 30_000, "a recording of some length")
    driven.press("q")
    assert driven.process.wait(DEADLINE_S) == 0
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) >= 5
    assert np.abs(frames[-1].astype(int) - picture).mean() < 3


def test_a_server_that_is_lost_is_said_and_found_again(driven, display, picture):
    driven.start(env=environment(DISPLAY=display), fullscreen=True, picture=picture)

    def has_text():  # white letters on their shade, in the middle
        return take_x_screenshot(display)[228:252, 160:480].min(axis=2).max() > 225

    wait_for(lambda: take_x_screenshot(display)[100:380].mean() > 60 and not has_text(), "the picture")
    driven.stop()
    wait_for(has_text, "lost")
    driven.server.stop()
    driven.server.start()
    driven.resume(picture)
    wait_for(lambda: not has_text(), "the picture again")


def test_on_a_real_display_a_window_that_adapts_stands_in_the_middle_and_has_room_for_the_overlay(
    driven, display, picture
):
    driven.start(env=environment(DISPLAY=display), picture=picture)
    # 64x48 pixels, eight times as large, which is most of this display; there is no window manager, so no frame around
    expected = np.zeros((480, 640, 3), int)
    expected[48:432, 64:576] = np.asarray(Image.fromarray(picture).resize((512, 384), Image.Resampling.BILINEAR))
    wait_for(lambda: np.abs(take_x_screenshot(display) - expected).mean() < 4, "the picture there")
    driven.press("o")
    wait_for(lambda: np.abs(take_x_screenshot(display) - expected)[60:110, 70:200].max() > 100, "the overlay's text")


def test_on_a_real_display_it_says_what_it_waits_for(driven, display):
    driven.stop()
    driven.start(env=environment(DISPLAY=display), fullscreen=True)
    wait_for(lambda: take_x_screenshot(display)[220:260, 100:540].max() > 150, "text in the middle")


@pytest.mark.parametrize("changes", [{}, {"DISPLAY": ":4242"}, {"DISPLAY": ":4242", "SDL_VIDEODRIVER": "x11"}])
def test_without_a_display_one_line_says_so(changes):
    script = "from bandwalk_client.viewer import view; view('127.0.0.1:1')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("bandwalk.errors.DeviceError: opening the viewer's window: ")
    assert last.endswith("expected a display")


def test_the_table_of_keys_is_complete_and_without_doubles():
    names = [name for key in VIEWER_KEYS for name in key.names]
    assert len(names) == len(set(names))
    assert keys_text().count("\n") == len(VIEWER_KEYS) - 1
    assert all(line.split()[0] in BY_NAME for line in keys_text().splitlines())
    assert "[/walk/low/bump]" in keys_text()


def test_the_panel_has_its_keys_from_the_same_table():
    panel = Path(__file__).parents[2] / "server" / "bandwalk" / "web" / "panel"
    assert (panel / "keys.js").read_text() == panel_module(), "expected `make docs`"
    shared = [key for key in PANEL_KEYS if key in VIEWER_KEYS]
    assert {"space", "b", "f", "up", "down", "left", "right", "1", "2", "3"} <= {n for key in shared for n in key.names}


def test_every_key_is_one_that_sdl_knows():
    script = (
        "import pygame; from bandwalk_client.keys import BY_NAME; pygame.init();"
        "assert all(pygame.key.name(pygame.key.key_code(name)) == name for name in BY_NAME)"
    )
    subprocess.run([sys.executable, "-c", script], env=environment(SDL_VIDEODRIVER="dummy"), check=True, timeout=60)
