"""Over HTTP/2 the engine's counts equal the logs of real servers, in every mode."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gluten.task.task import Task
from gluten.workload.task_of import task_of
from tests.support.authority import Authority
from tests.support.e2e.programs import wait_for
from tests.support.http2.programs import PROGRAMS, Program
from tests.support.mixes import MIX
from tests.support.nginx import Certificate, Line, Nginx, self_signed
from tests.support.rig import Outcome, Rig

pytestmark = pytest.mark.slow
LOAD: dict[str, Any] = {"threads": 2, "connections": 4, "http2": True, "insecure": True}
ENDLESS: dict[str, Any] = {"duration": None}
MODES: dict[str, dict[str, Any]] = {
    "n": {**ENDLESS, "requests": 301},
    "n, 10 streams": {**ENDLESS, "requests": 1501, "streams": 10},
    "closed": {"duration": 0.6},
    "closed, 10 streams": {"duration": 0.6, "streams": 10},
    "rate": {"rate": 200.0, "duration": 0.6},
    "rate, 3 streams": {"rate": 200.0, "duration": 0.6, "streams": 3, "threads": 1, "connections": 1},
    "elastic": {"rate": 200.0, "duration": 0.6, "connections": None},
    "no-keepalive": {**ENDLESS, "requests": 60, "keepalive": False},
}
SESSIONS = """
url = "URL"
[request.login]
post = "/login"
json = {name = "{{text 8}}"}
take = {id = "header X-Id"}
[request.view]
get = "/view/{{id}}"
header = ["Cookie: a=b"]
check = ["status == 200", "body contains hello"]
[[scenario]]
name = "user"
do = ["login", {think = "10ms"}, {repeat = 3, do = ["view"]}]
"""
PLACES = """
location /missing { return 404 "no"; }
location / { add_header X-Id $request_id; return 200 "hello"; }
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("pair"))


def sound(outcome: Outcome) -> Outcome:
    """Nothing failed, and the counts add up."""
    total = outcome.total
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, vars(total)
    assert (total.errors, total.in_flight) == ({}, 0), total.samples
    return outcome


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.program)
def test_the_log_of_a_server_has_what_was_completed(
    rig: Rig, program: type[Program], secure: bool, pair: Certificate
) -> None:
    with program(pair if secure else None) as server:
        wanted = 0
        for mode, words in MODES.items():
            total = sound(rig.run(Task(**(LOAD | {"url": server.url} | words)))).total
            assert total.completed == total.status.get(200, 0) == total.sent, mode
            if "requests" in words:
                assert total.completed == words["requests"], mode
            wanted += total.completed
            assert server.count(wanted) == wanted, mode


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("mode", MODES)
def test_the_log_of_nginx_has_what_was_completed(
    rig: Rig, mode: str, secure: bool, pair: Certificate, tmp_path: Path
) -> None:
    with Nginx(tmp_path, certificate=pair if secure else None, http2=True) as nginx:
        outcome = sound(rig.run(Task(**(LOAD | {"url": nginx.url} | MODES[mode])), cores=2))
        log = nginx.log(outcome.total.sent)
    assert Counter(line.status for line in log) == outcome.total.status
    assert len(log) == outcome.total.completed
    used = Counter(line.connection for line in log)
    if mode == "no-keepalive":
        assert set(used.values()) == {1}
    elif mode != "elastic":
        assert len(used) <= LOAD["connections"]


def test_streams_share_a_connection(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path, http2=True) as nginx:
        words = {"threads": 1, "connections": 1, "streams": 10, "requests": 500, "duration": None}
        outcome = sound(rig.run(Task(**(LOAD | {"url": nginx.url} | words))))
        assert {line.connection for line in nginx.log(500)} == {nginx.log(500)[0].connection}
    assert (outcome.total.opened, max(delta.peak for delta in outcome.deltas)) == (1, 1)


@pytest.mark.parametrize("streams", [1, 10])
@pytest.mark.parametrize("size", [11, 70_000, 300_000])
def test_bodies_are_received_whole(rig: Rig, tmp_path: Path, size: int, streams: int) -> None:
    """Larger ones than the first window of 65,535 bytes, and than all windows together."""
    (tmp_path / "body").write_bytes(b"x" * size)
    with Nginx(tmp_path, f"location / {{ default_type text/plain; root {tmp_path}; }}", http2=True) as nginx:
        words = {"requests": 100, "duration": None, "streams": streams}
        outcome = sound(rig.run(Task(**(LOAD | {"url": f"{nginx.url}body"} | words))))
        assert len(nginx.log(100)) == 100
    assert outcome.total.read > 100 * size


@pytest.mark.parametrize("size", [11, 70_000, 300_000])
def test_bodies_are_sent_whole(rig: Rig, tmp_path: Path, size: int) -> None:
    places = "client_max_body_size 1m; location / { return 200; } location /log { return 200; }"
    with Nginx(tmp_path, places, http2=True) as nginx:
        words = {"requests": 60, "duration": None, "method": "POST", "body": b"x" * size, "streams": 4}
        outcome = sound(rig.run(Task(**(LOAD | {"url": nginx.url} | words))))
        assert Counter(line.method for line in nginx.log(60)) == {"POST": 60}
    assert outcome.total.written > 60 * size


def by_place(log: list[Line]) -> dict[str, int]:
    return dict(Counter(line.path.split("/")[1] for line in log))


@pytest.mark.parametrize("words", [{"requests": 600, "duration": None}, {"rate": 600.0, "duration": 1.0}])
@pytest.mark.parametrize("streams", [1, 5])
def test_a_mix_is_as_exact_as_over_http1(rig: Rig, tmp_path: Path, words: dict[str, Any], streams: int) -> None:
    with Nginx(tmp_path, PLACES, http2=True) as nginx:
        options = {"threads": 2, "connections": 6, "http2": True, "streams": streams}
        outcome = sound(rig.run(task_of(MIX.replace("URL", nginx.url), options | words, {})))
        log = nginx.log(outcome.total.sent)
    counts = {name: stats.completed for name, stats in outcome.total.by_name.items()}
    assert by_place(log) == counts
    for name, weight in (("home", 3), ("search", 2), ("missing", 1)):
        assert abs(counts[name] - weight * sum(counts.values()) / 6) <= 6
    search = outcome.total.by_name["search"]
    assert search.good == search.completed


@pytest.mark.parametrize("words", [{"requests": 40, "duration": None}, {"rate": 40.0, "duration": 1.0}])
@pytest.mark.parametrize("streams", [1, 5])
def test_sessions_run_over_streams(rig: Rig, tmp_path: Path, words: dict[str, Any], streams: int) -> None:
    with Nginx(tmp_path, PLACES, http2=True) as nginx:
        options = {"threads": 2, "connections": 4, "http2": True, "streams": streams}
        outcome = sound(rig.run(task_of(SESSIONS.replace("URL", nginx.url), options | words, {})))
        log = nginx.log(outcome.total.sent)
    sessions = outcome.total.sessions
    assert (sessions.finished, sessions.good) == (40, 40)
    assert by_place(log) == {"login": 40, "view": 120}
    assert outcome.total.good == 160


@pytest.mark.parametrize("streams", [1, 4])
def test_sessions_without_a_number_take_their_steps_too(rig: Rig, tmp_path: Path, streams: int) -> None:
    with Nginx(tmp_path, PLACES, http2=True) as nginx:
        options = {"threads": 1, "connections": 2, "http2": True, "streams": streams, "duration": 60.0}
        rig.start(task_of(SESSIONS.replace("URL", nginx.url.rstrip("/")), options, {}))
        wait_for("some requests", lambda: len(nginx.log(40)) >= 40)
        rig.stop()
        outcome = rig.finish()
        log = by_place(nginx.log(outcome.total.sent))
    sessions = outcome.total.sessions
    assert (outcome.adds_up, outcome.total.errors) == (True, {})
    assert log["login"] == sessions.begun
    assert 3 * sessions.finished <= log["view"] <= 3 * sessions.begun


REDIRECTS = """
url = "URL"
redirects = 2
[request.old]
get = "/old"
[[scenario]]
name = "user"
do = ["old", "old"]
"""


@pytest.mark.parametrize("streams", [1, 4])
def test_redirects_lead_to_another_host(rig: Rig, tmp_path: Path, streams: int) -> None:
    (tmp_path / "other").mkdir()
    with Nginx(tmp_path / "other", http2=True) as other:
        places = f"location / {{ return 302 {other.url}new; }}"
        with Nginx(tmp_path, places, http2=True) as nginx:
            options = {"threads": 1, "connections": 2, "http2": True, "streams": streams, "requests": 30}
            task = task_of(REDIRECTS.replace("URL", nginx.url.rstrip("/")), options | ENDLESS, {})
            outcome = sound(rig.run(task, allow=("127.0.0.0/8",)))
            assert by_place(nginx.log(60)) == {"old": 60}
            assert by_place(other.log(60)) == {"new": 60}
    assert outcome.total.sessions.good == 30


def test_a_client_certificate_is_shown(rig: Rig, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own, client = authority.issue("server"), authority.issue("client")
    places = f"ssl_client_certificate {authority.cert}; ssl_verify_client on; location / {{ return 200; }}"
    with Nginx(tmp_path, places, certificate=own, http2=True) as nginx:
        shown = {"cert": Path(client.cert).read_text(), "key": Path(client.key).read_text()}
        words = {"url": nginx.url, "requests": 50, "insecure": False, "cacert": authority.text, "streams": 3}
        total = sound(rig.run(Task(**(LOAD | ENDLESS | words | shown)))).total
    assert total.status == {200: 50}


COOKIES = """
url = "URL"
[request.login]
get = "/login"
take = {id = "header X-Id"}
[request.view]
get = "/view/{{id}}"
check = ["status == 200"]
[[scenario]]
name = "user"
do = ["login", {repeat = 3, do = ["view"]}]
"""
HOLDERS = """
location /login { add_header X-Id $request_id; add_header Set-Cookie "id=$request_id; Path=/"; return 200; }
location ~ ^/view/(?<owner>.*)$ { if ($cookie_id != $owner) { return 403; } return 200; }
"""


def test_streams_of_one_connection_are_users_with_cookies_of_their_own(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path, HOLDERS, http2=True) as nginx:
        options = {"threads": 1, "connections": 1, "http2": True, "streams": 8, "requests": 100}
        outcome = sound(rig.run(task_of(COOKIES.replace("URL", nginx.url.rstrip("/")), options | ENDLESS, {})))
        assert len({line.connection for line in nginx.log(400)}) == 1
    assert outcome.total.status == {200: 400}
    assert outcome.total.sessions.good == 100
