"""The token: who steers shows it, by a header or by the cookie of a browser that has entered it once."""

import http.client
import re
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus

from bandwalk.errors import ParameterError
from bandwalk.show.token_file import VARIABLE, read_token

TOKEN = "correct-horse.battery+1"
PAGE = {"Accept": "text/html"}


@pytest.fixture
def locked(open_desk):
    return open_desk(token=TOKEN)


def enter(desk, token, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=30)
    connection.request("POST", "/token", urlencode({"token": token}), {**FORM, **headers})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_without_the_token_there_is_no_panel_no_websocket_and_no_meters(locked):
    status, headers, body = locked.get("/", **PAGE)
    assert status == 401
    assert b'name="token"' in body
    assert b"panel.js" not in body
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert locked.get("/monitor", **PAGE)[0] == 401
    for path in ("/metrics", "/frames", "/thumb/style/x", "/thumb/seed/1", "/look/tide"):
        assert locked.get(path)[0] == 401
    for path in ("/", "/frames"):
        with pytest.raises(InvalidStatus, match="401"), locked.connect(path):
            pass
    assert locked.counters.counts["web_denied"] == 9


def test_the_tree_can_be_read_without(locked):
    assert locked.get("/style/psi")[0] == 200
    assert locked.get("/?HOST_INFO")[0] == 200


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"])
def test_a_wrong_one_is_refused(locked, shown):
    assert locked.get("/metrics", Authorization=shown)[0] == 401
    assert locked.get("/metrics", Cookie=f"bandwalk={shown}")[0] == 401


def test_a_program_shows_it_in_a_header(locked):
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert locked.get("/metrics", **shown)[0] == 200
    assert locked.get("/", **PAGE, **shown)[0] == 200
    with locked.connect(additional_headers=shown) as ws:
        ws.send(b"/ping\0\0\0,i\0\0\0\0\0\7")
        assert b"/pong" in ws.recv(timeout=30)


def test_a_browser_enters_it_once(locked):
    response = enter(locked, TOKEN)
    assert (response.status, response.headers["Location"]) == (303, "/")
    cookie = response.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie
    shown = {"Cookie": "theme=dark; " + cookie.partition(";")[0]}
    assert locked.get("/", **PAGE, **shown)[0] == 200
    with locked.connect("/frames", additional_headers=shown):
        pass


def test_a_wrong_entry_gets_no_cookie(locked):
    for token in ("", "wrong", TOKEN[:-1]):
        response = enter(locked, token)
        assert response.headers["Set-Cookie"] is None
        assert response.headers["Location"] == "/?wrong"
    assert locked.get("/?wrong", **PAGE)[0] == 401
    assert enter(locked, "x" * 5000).status == 400
    assert enter(locked, TOKEN, **{"Content-Type": "multipart/form-data; boundary=x"}).status in (303, 400)


def test_a_page_from_elsewhere_enters_nothing(locked):
    assert enter(locked, TOKEN, Origin="http://evil.example").status == 403


def test_where_none_is_set_none_is_asked_for(desk):
    assert desk.get("/", **PAGE)[0] == 200
    assert enter(desk, "anything").status == 405


def test_it_stands_in_no_log_and_no_meter(open_desk, caplog):
    with caplog.at_level("DEBUG"):
        desk = open_desk(token=TOKEN)
        enter(desk, TOKEN)
        desk.get("/metrics", Authorization=f"Bearer {TOKEN}x")
        _, _, meters = desk.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert TOKEN not in caplog.text + meters.decode()


def test_it_is_read_from_a_file_or_the_environment(tmp_path, monkeypatch):
    (tmp_path / "token").write_text(f"{TOKEN}\nnot this line\n")
    (tmp_path / "token").chmod(0o600)
    monkeypatch.setenv(VARIABLE, "another-token")
    assert read_token(str(tmp_path / "token")) == TOKEN
    assert read_token("") == ""  # programs that are started do not get it
    monkeypatch.setenv(VARIABLE, TOKEN)
    assert read_token("") == TOKEN
    assert read_token("") == ""


@pytest.mark.parametrize("text", ["", "short", "with a space", "x" * 257, "t\xf6ken-token", "\n" + TOKEN])
def test_what_is_no_token_is_refused_and_not_quoted(tmp_path, text):
    (tmp_path / "token").write_bytes(text.encode("latin-1"))
    with pytest.raises(ParameterError, match=r"--token-file = .*: .*expected") as refused:
        read_token(str(tmp_path / "token"))
    assert not text.strip() or not re.search(re.escape(text.strip()), str(refused.value))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParameterError, match=r"--token-file = .*: No such file"):
        read_token(str(tmp_path / "none"))


def test_a_file_that_others_can_read_is_told_of(tmp_path, caplog):
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o644)
    assert read_token(str(tmp_path / "token")) == TOKEN
    assert "chmod 600" in caplog.text
    assert TOKEN not in caplog.text
