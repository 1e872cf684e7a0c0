"""Songs that are sent to the music folder: what comes whole is there, what is refused is said in a line."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import numpy as np
import pytest
import soundfile

from bandwalk.show.song_folder import _HIDDEN, SongFolder
from bandwalk.web import uploads
from bandwalk.web.uploads import UploadLimits

LIMIT = 4 << 20
TOKEN = "correct-horse.battery+1"


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A second of sound, and what a file of it holds."""
    path = tmp_path_factory.mktemp("song") / "one.wav"
    soundfile.write(path, np.sin(np.arange(48_000) / 10) / 2, 48_000)
    return path.read_bytes()


class Busy(SongFolder):
    """A folder that counts how many songs come at a time."""

    def __init__(self, folder):
        super().__init__(folder, min_free=0)
        self.now = self.most = 0

    def begin(self, name, length):
        incoming = super().begin(name, length)
        self.now += 1
        self.most = max(self.most, self.now)
        finish = incoming.finish

        def finished():
            self.now -= 1
            return finish()

        incoming.finish = finished
        return incoming


@pytest.fixture
def folder(tmp_path):
    """Has songs that nobody may overwrite, inside and outside."""
    music = tmp_path / "music"
    music.mkdir()
    (tmp_path / "secret.wav").write_text("secret")
    return Busy(music)


@pytest.fixture
def limits(monkeypatch):
    chosen = UploadLimits(max_bytes=LIMIT, piece_s=20.0, wait_s=20.0)
    monkeypatch.setattr(uploads, "LIMITS", chosen)
    return lambda **kwargs: monkeypatch.setattr(uploads, "LIMITS", chosen._replace(**kwargs))


@pytest.fixture
def desk(open_desk, folder, limits):
    return open_desk(upload=folder.begin)


def send(desk, name, body, *, path=None, **headers):
    """(status, JSON or text) of an upload; a body that is an iterator is sent without its length."""
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path or f"/songs/{quote(name)}", body, headers)
    response = connection.getresponse()
    said = response.read().decode()
    connection.close()
    return response.status, json.loads(said) if response.status == 201 else said


def there(folder):
    return sorted(path.name for path in folder.folder.iterdir())


def test_a_song_is_there_and_none_is_overwritten(desk, folder, song):
    said = [send(desk, "Café – 1.wav", body) for body in (song, iter([song[:1000], song[1000:]]), song)]
    names = ["Café – 1.wav", "Café – 1 2.wav", "Café – 1 3.wav"]
    assert said == [(201, {"name": name, "seconds": 1.0}) for name in names]
    assert there(folder) == sorted(names)
    assert all((folder.folder / name).read_bytes() == song for name in names)
    assert send(desk, "Cafe\u0301 – 1.wav", song)[1]["name"] == "Café – 1 4.wav"  # the same name, as a Mac writes it


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.wav", "..%2Fsecret.wav", "%2Fetc%2Fx.wav", "..%5Csecret.wav", "C%3Ax.wav", "a%2Fb.wav", "a/b.wav"),
        *("a%00.wav", "a%0Ab.wav", ".hidden.wav", "", ".wav", "x" * 300 + ".wav", "%E2%99%AB" * 70 + ".wav"),
        *("con.wav", "NUL.tar.wav", "LPT1%20.wav", "a%E2%80%AEvaw.wav", "a%3Fb.wav", "a.exe", "a.wav.", "a.m3u8"),
    ],
)
def test_a_name_that_is_no_song_of_the_folder_is_refused(desk, folder, song, path):
    status, said = send(desk, "", song, path=f"/songs/{path}")
    assert status == 400
    assert "expected" in said
    assert said.count("\n") == 1
    assert not there(folder)
    assert (folder.folder.parent / "secret.wav").read_text() == "secret"


def test_what_is_no_sound_is_refused_and_removed(desk, folder, song):
    for body in (b"this is no sound\n" * 100, b"", song[:30]):
        status, said = send(desk, "text.mp3", body)
        assert (status, said.count("\n")) == (415, 1)
        assert said.startswith("text.mp3: ")
        assert "expected" in said
        assert str(folder.folder) not in said
    assert not there(folder)


def test_what_is_too_large_is_refused_before_it_comes_and_while_it_comes(desk, folder):
    with socket.create_connection(("127.0.0.1", desk.port), timeout=30) as sock:
        sock.sendall(b"POST /songs/a.wav HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2147483648\r\n\r\n")
        assert b"413" in sock.recv(1000)
    status, said = send(desk, "a.wav", iter([bytes(1 << 20)] * (LIMIT // (1 << 20) + 1)))
    assert (status, said) == (413, f"a song of more: expected at most {LIMIT} bytes\n")
    assert not there(folder)


def test_a_disk_that_gets_full_is_said(desk, folder, song):
    folder.min_free = 1 << 60
    for body in (song, iter([song])):
        status, said = send(desk, "a.wav", body)
        assert status == 507
        assert said.startswith("a.wav: the disk is full")
    assert not there(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk, as Linux can")
def test_a_disk_that_is_full_is_said(tmp_path):
    act = f"""if True:
        from pathlib import Path
        from bandwalk.show.song_folder import SongFolder
        from bandwalk.web.incoming import UploadRefusedError
        folder = SongFolder(Path({str(tmp_path)!r}), 0)
        folder.check_room = lambda name, length: None
        song = folder.begin("a.wav", 0)
        try:
            song.write(bytes(1 << 20))
        except UploadRefusedError as e:
            print(e.status, e)
        song.abandon()
        print(list(folder.folder.iterdir()))"""
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    mount = 'mount -t tmpfs -o size=64k small "$1" && exec "$2" -c "$3"'
    command = ["unshare", *as_root, "--mount", "sh", "-c", mount, "sh", tmp_path, sys.executable, act]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout == "507 a.wav: writing it: No space left on device\n[]\n"


def test_ten_at_once_come_two_at_a_time(desk, folder, song):
    said = []
    threads = [threading.Thread(target=lambda: said.append(send(desk, "a.wav", song))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in said] == [201] * 10
    assert there(folder) == sorted(["a.wav", *(f"a {n}.wav" for n in range(2, 11))])
    assert folder.most <= 2


def begin(desk, name="a.wav", length=1000):
    """A client that sends a part of its song."""
    sock = socket.create_connection(("127.0.0.1", desk.port), timeout=30)
    head = f"POST /songs/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    sock.sendall(head.encode() + b"RIFF")
    return sock


def test_who_stalls_keeps_no_place_and_who_finds_none_is_told(open_desk, folder, limits, song, wait_until):
    limits(piece_s=3.0, waiting=0)
    desk = open_desk(upload=folder.begin)
    stuck = [begin(desk) for _ in range(2)]
    wait_until(lambda: len(there(folder)) == 2, "both places to be taken")
    assert send(desk, "b.wav", song)[0] == 503
    for sock in stuck:
        assert b"408" in sock.recv(1000)
        sock.close()
    assert send(desk, "b.wav", song)[0] == 201
    assert there(folder) == ["b.wav"]


def test_who_goes_away_leaves_nothing(desk, folder, wait_until):
    for _ in range(3):
        sock = begin(desk)
        wait_until(lambda: len(there(folder)) == 1, "the song to be begun")
        sock.close()
        wait_until(lambda: not there(folder), "the folder to be empty")
    assert "web_failed" not in desk.counters.counts


def test_a_server_that_ends_leaves_nothing_and_what_one_left_is_removed(desk, folder, song, wait_until):
    sock = begin(desk)
    wait_until(lambda: there(folder), "the song to be begun")
    desk.close()
    wait_until(lambda: not there(folder), "the folder to be empty")
    sock.close()
    old, new = (folder.folder / f"{_HIDDEN}{n}.wav" for n in range(2))
    for path in (old, new):
        path.write_bytes(song)
    os.utime(old, (time.time() - 7200,) * 2)
    folder.begin("a.wav", 0).abandon()
    assert there(folder) == [new.name]


def test_songs_come_from_this_machine_or_with_the_token(open_desk, folder, limits, song):
    desk = open_desk(upload=folder.begin, token=TOKEN)
    assert send(desk, "a.wav", song)[0] == 401
    assert send(desk, "a.wav", song, Authorization=f"Bearer {TOKEN}")[0] == 201
    desk = open_desk(upload=folder.begin)
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
        assert send(desk, "b.wav", song, **headers)[0] == 403
    taker = uploads.Uploads(folder.begin, has_token=False)
    for address in ("10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", ""):
        with pytest.raises(uploads.UploadRefusedError, match="expected a server with --token-file"):
            taker._check(Sent(address))
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        taker._check(Sent(address))
    assert there(folder) == ["a.wav"]


class Sent:
    """A request, as far as it is looked at."""

    content_length = 10

    def __init__(self, remote):
        self.remote = remote


def test_a_client_that_waits_for_leave_gets_it(desk, folder, song):
    with socket.create_connection(("127.0.0.1", desk.port), timeout=30) as sock:
        head = f"POST /songs/a.wav HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(song)}\r\n"
        sock.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        sock.sendall(song)
        assert sock.recv(1000).startswith(b"HTTP/1.1 201")
    assert there(folder) == ["a.wav"]
