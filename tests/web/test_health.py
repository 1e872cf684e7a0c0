"""/health, and a web server whose thread has ended."""

import json
import urllib.error
import urllib.request

import pytest

from bandwalk.records import Counters
from bandwalk.show.web_calls import calls_for_web
from bandwalk.web import Readings, Web

READINGS = Readings(30.0, 1, 0.01, (), {}, stalls={"draw": 3}, restarts=1)


@pytest.fixture
def served(desk):
    """A web server and what /health shall say."""
    said = {"is_well": True, "reason": ""}

    def health():
        return said["is_well"], {"status": "ok", "reason": said["reason"]}

    web = Web("127.0.0.1", 0, counters=Counters(), token="a secret of ours".replace(" ", "-"))
    web.start(calls_for_web(desk.store, desk.osc_in, readings=lambda: READINGS, health=health))
    yield web, said
    web.close()


def get(web, path, **headers):
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{web.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def test_health_is_200_or_503_with_the_reason_and_needs_no_token(served):
    web, said = served
    assert get(web, "/health")[0] == 200
    said.update(is_well=False, reason="draw: no picture was drawn for 6 s")
    status, body = get(web, "/health")
    assert (status, json.loads(body)["reason"]) == (503, "draw: no picture was drawn for 6 s")
    status, lines = get(web, "/metrics", Authorization="Bearer a-secret-of-ours")
    assert status == 200
    wanted = {"bandwalk_is_well 0", 'bandwalk_stalls_total{stage="draw"} 3', "bandwalk_restarts_total 1"}
    assert wanted <= set(lines.splitlines())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_web_thread_that_has_ended_is_found_and_started_again(served, wait_until):
    web, _ = served

    def end():
        raise SystemExit

    wait_until(lambda: web._serving is not None, "the thread to serve")
    web._serving.loop.call_soon_threadsafe(end)
    wait_until(lambda: web.dead() == ["web"], "the thread's end")
    assert web.revive("web")
    assert get(web, "/health")[0] == 200
    assert web.dead() == []
