"""The engine's counts equal a real nginx's access log exactly, in every mode."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gluten.task.task import Task
from tests.support.engine.faults import FaultServer, Visit, mute
from tests.support.nginx import Line, Nginx, self_signed
from tests.support.rig import Outcome, Rig

ALIKE = 'location / { return 200 "hello world"; }'
DIFFERENT = 'location / { add_header X-Request-Id $request_id; return 200 "hello world"; }'
EMPTY = "location / { return 204; }"
SHORT: dict[str, Any] = {"duration": 0.4, "connections": 8, "threads": 2}


def load(rig: Rig, nginx: Nginx, cores: int = 1, **words: Any) -> tuple[Outcome, list[Line]]:
    """Run a task against nginx. Returns the outcome and the log."""
    outcome = rig.run(Task(**({"url": nginx.url} | SHORT | words)), cores)
    assert outcome.state == "finished", outcome
    assert outcome.adds_up, vars(outcome.total)
    assert outcome.total.in_flight == 0
    return outcome, nginx.log(outcome.total.sent)


def assert_equal(outcome: Outcome, log: list[Line]) -> None:
    """Nothing failed, and the log has the same counts."""
    assert outcome.total.errors == {}
    assert Counter(line.status for line in log) == outcome.total.status
    assert len(log) == outcome.total.completed > 0


@pytest.mark.parametrize("locations", [ALIKE, DIFFERENT, EMPTY], ids=["alike", "different", "204"])
@pytest.mark.parametrize(
    "words",
    [{}, {"requests": 1234}, {"rate": 1500.0}, {"rate": 2000.0, "requests": 500}],
    ids=["closed", "n", "rate", "rate-n"],
)
def test_the_log_has_what_was_completed(rig: Rig, tmp_path: Path, locations: str, words: dict[str, Any]) -> None:
    with Nginx(tmp_path, locations) as nginx:
        outcome, log = load(rig, nginx, **words)
    assert_equal(outcome, log)
    if "requests" in words:
        assert outcome.total.completed + outcome.total.dropped == words["requests"]
    assert len({line.connection for line in log}) <= SHORT["connections"]


def test_two_workers_count_together(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path) as nginx:
        assert_equal(*load(rig, nginx, cores=2, threads=3, connections=9))


def test_two_workers_share_a_number_of_requests_exactly(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path) as nginx:
        outcome, log = load(rig, nginx, cores=2, threads=3, connections=9, requests=1001, duration=None)
    assert_equal(outcome, log)
    assert outcome.total.completed == 1001


@pytest.mark.parametrize(
    "words", [{}, {"requests": 300, "duration": None}, {"rate": 500.0}], ids=["closed", "n", "rate"]
)
def test_without_keep_alive_each_request_has_its_own_connection(
    rig: Rig, tmp_path: Path, words: dict[str, Any]
) -> None:
    with Nginx(tmp_path) as nginx:
        outcome, log = load(rig, nginx, keepalive=False, **words)
    assert_equal(outcome, log)
    assert len({line.connection for line in log}) == len(log)


def test_no_request_is_lost_when_the_server_closes_connections_often(rig: Rig, tmp_path: Path) -> None:
    """nginx sends `Connection: close` with every 10th response. Each request is counted, and none is repeated."""
    with Nginx(tmp_path, per_connection=10) as nginx:
        outcome, log = load(rig, nginx, requests=1000, duration=None)
    assert_equal(outcome, log)
    assert max(Counter(line.connection for line in log).values()) == 10


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_methods_and_bodies_are_sent_as_asked(rig: Rig, tmp_path: Path, method: str) -> None:
    body = b"x" * 3000 if method in ("POST", "PUT") else b""
    with Nginx(tmp_path, DIFFERENT) as nginx:
        outcome, log = load(rig, nginx, method=method, body=body, requests=200, duration=None)
    assert_equal(outcome, log)
    assert {line.method for line in log} == {method}


def test_chunked_responses_and_large_bodies_are_counted_whole(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "text.html").write_bytes(b"0123456789" * 30_000)
    gzipped = f"location / {{ gzip on; gzip_min_length 1; root {tmp_path}; }}"
    with Nginx(tmp_path, gzipped) as nginx:
        url = nginx.url + "text.html"
        plain, log = load(rig, nginx, url=url, requests=100, duration=None)
        assert_equal(plain, log)
        chunked, both = load(rig, nginx, url=url, requests=101, duration=None, headers=(("Accept-Encoding", "gzip"),))
    assert len(both) == 201
    assert plain.total.read > 100 * 300_000
    assert chunked.total.read < 101 * 30_000


MODES: list[dict[str, Any]] = [{}, {"requests": 1500, "duration": None}, {"rate": 1200.0}]
MODE_NAMES = ["closed", "n", "rate"]


@pytest.mark.parametrize("words", MODES, ids=MODE_NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_bodies_of_some_kb_are_counted_to_the_byte(rig: Rig, tmp_path: Path, words: dict[str, Any], tls: bool) -> None:
    """The second changes meanwhile, and with it the Date header and the head that is known."""
    (tmp_path / "text.html").write_bytes(b"0123456789" * 1000)
    certificate = self_signed(tmp_path) if tls else None
    with Nginx(tmp_path, f"location / {{ root {tmp_path}; }}", certificate=certificate) as nginx:
        outcome, log = load(rig, nginx, url=nginx.url + "text.html", insecure=tls, **({"duration": 1.2} | words))
    assert_equal(outcome, log)
    heads = outcome.total.read - 10_000 * outcome.total.completed
    assert 100 * outcome.total.completed < heads < 400 * outcome.total.completed


@pytest.mark.parametrize("words", MODES, ids=MODE_NAMES)
def test_bodies_of_several_sizes_in_turn_are_counted_whole(rig: Rig, tmp_path: Path, words: dict[str, Any]) -> None:
    for name, size in (("a", 10), ("b", 9_000), ("c", 9_001), ("d", 200_000)):
        (tmp_path / name).write_bytes(b"x" * size)
    pick = "".join(
        f'if ($request_id ~ "[{last}]$") {{ rewrite ^ /{name} break; }} '
        for last, name in (("0-3", "a"), ("4-7", "b"), ("8-b", "c"), ("c-f", "d"))
    )
    with Nginx(tmp_path, f"location / {{ root {tmp_path}; {pick} }}") as nginx:
        outcome, log = load(rig, nginx, **words)
        assert_equal(outcome, log)
        sizes = Counter({"/a": 10, "/b": 9_000, "/c": 9_001, "/d": 200_000})
        bodies = sum(sizes[line.path] for line in log)
    assert len({line.path for line in log}) == 4
    assert 100 * len(log) < outcome.total.read - bodies < 400 * len(log)


@pytest.mark.parametrize("words", MODES, ids=MODE_NAMES)
@pytest.mark.parametrize("keepalive", [True, False], ids=["kept", "closed"])
def test_a_target_that_resets_one_connection_in_a_hundred(
    rig: Rig, tmp_path: Path, words: dict[str, Any], keepalive: bool
) -> None:
    """nginx logs 444 for what it ends unanswered, here by a reset: each is one error of ours, none is repeated. On a
    connection's first request that is `reset`, on a later one `closed`."""
    resets = 'reset_timedout_connection on; if ($request_id ~ "0[0-2]$") { return 444; } '
    with Nginx(tmp_path, resets + ALIKE) as nginx:
        outcome, log = load(rig, nginx, keepalive=keepalive, **({"duration": 1.2} | words))
    counted = Counter(line.status for line in log)
    assert counted == {200: outcome.total.completed, 444: outcome.total.failed}
    assert set(outcome.total.errors) <= ({"closed", "reset"} if keepalive else {"reset"})
    firsts = {line.connection: line.status for line in reversed(log)}
    assert outcome.total.errors.get("reset", 0) == sum(status == 444 for status in firsts.values())
    assert outcome.total.failed > 0
    assert len(log) == outcome.total.sent


def test_not_modified_has_no_body(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("hello")
    with Nginx(tmp_path, f"location / {{ root {tmp_path}; if_modified_since before; }}") as nginx:
        headers = (("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),)
        outcome, log = load(rig, nginx, url=nginx.url + "page.html", headers=headers)
    assert_equal(outcome, log)
    assert set(outcome.total.status) == {304}


@pytest.mark.parametrize("keepalive", [True, False])
def test_tls_counts_alike(rig: Rig, tmp_path: Path, keepalive: bool) -> None:
    pair = self_signed(tmp_path)
    with Nginx(tmp_path, certificate=pair) as nginx:
        assert_equal(*load(rig, nginx, insecure=True, keepalive=keepalive, requests=150, duration=None))


def test_a_certificate_of_a_trusted_authority_is_accepted(rig: Rig, tmp_path: Path) -> None:
    pair = self_signed(tmp_path)
    with Nginx(tmp_path, certificate=pair) as nginx:
        assert_equal(*load(rig, nginx, cacert=Path(pair.cert).read_text(), requests=150, duration=None))


def test_a_certificate_of_an_unknown_authority_is_a_tls_error(rig: Rig, tmp_path: Path) -> None:
    with Nginx(tmp_path, certificate=self_signed(tmp_path)) as nginx:
        outcome, log = rig.run(Task(nginx.url)), nginx.log(0)
    assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "tls", 0)
    assert "certificate" in outcome.reason
    assert "--insecure" in outcome.reason
    assert log == []


def answer_odd_ones(visit: Visit) -> None:
    """An upstream that never answers every second connection."""
    if visit.number % 2:
        if visit.read_request() is not None:
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    else:
        mute(visit)


@pytest.mark.parametrize("words", [{}, {"rate": 60.0}], ids=["closed", "rate"])
def test_requests_given_up_are_in_the_log_as_well(rig: Rig, tmp_path: Path, words: dict[str, Any]) -> None:
    """nginx hands each request to an upstream that leaves half of them alone. When our deadline closes the
    connection, nginx logs 499 (client closed request). So: log lines = completed (200) + timeouts (499)."""
    with FaultServer(answer_odd_ones) as upstream:
        passing = f"location / {{ proxy_pass http://127.0.0.1:{upstream.port}; }}"
        with Nginx(tmp_path, passing) as nginx:
            outcome, log = load(rig, nginx, timeout=0.15, duration=0.8, **words)
    counted = Counter(line.status for line in log)
    assert set(outcome.total.errors) == {"timeout"}
    assert counted == {200: outcome.total.completed, 499: outcome.total.failed}
    assert len(log) == outcome.total.sent
