"""Rules for the targets: each server answers, counts, and stops. One that is missing is named with its package."""

from __future__ import annotations

import os
import urllib.request
import zlib
from pathlib import Path

import pytest

from bench import nginx
from bench.cases import CASES
from bench.equip import missing_packages
from bench.servers import SERVERS
from bench.target import Missing, Server, Target
from tests.support import needs

CORE = str(min(os.sched_getaffinity(0)))
ABSENT = Server("absent", (("/no/such/place/*", "absent-package"),), lambda folder, ports: [])


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_a_server_answers_and_counts(name: str, tmp_path: Path) -> None:
    server = SERVERS[name]
    if packages := server.missing():
        needs.lacking(*packages)
    with Target(server, tmp_path / name, CORE) as target:
        before = target.served()
        for _ in range(3):
            with urllib.request.urlopen(target.url("/plain"), timeout=10) as answer:
                assert (answer.status, answer.read().strip()) == (200, b"hello world")
        after, pid = target.served(), target.pid
    if before is not None and after is not None:
        assert after - before == 4  # this look is counted, too
    assert (before is None) == (server.count is None)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(("name", "size"), [("gzip5k", 4900), ("gzip8k", 7900)])
@pytest.mark.needs("nginx", "openssl")
def test_nginx_compresses_pages_in_chunks(name: str, size: int, tmp_path: Path) -> None:
    with Target(nginx.NGINX, tmp_path / "nginx", CORE) as target:
        request = urllib.request.Request(target.url(f"/{name}"), headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
            assert answer.headers["Transfer-Encoding"] == "chunked"
    assert abs(len(body) - size) < 150
    assert zlib.decompress(body, 31) == nginx.page(size)


@pytest.mark.needs("nginx", "openssl")
def test_three_headers_vary_in_each_response(tmp_path: Path) -> None:
    with Target(nginx.NGINX, tmp_path / "nginx", CORE) as target:
        ids = set()
        for _ in range(3):
            with urllib.request.urlopen(target.url("/varying3"), timeout=10) as answer:
                ids.add((answer.headers["X-Request-Id"], answer.headers["Set-Cookie"]))
                assert float(answer.headers["X-Time"]) > 0
    assert len({one for one, _ in ids}) == len({two for _, two in ids}) == 3


def test_a_server_that_is_missing_is_named_with_its_package(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"absent is not installed \(Debian: apt-get install absent-package\)"):
        Target(ABSENT, tmp_path / "absent", CORE).__enter__()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = Server("broken", (), lambda folder, ports: ["sh", "-c", "echo no such option >&2; exit 1"])
    with pytest.raises(RuntimeError, match="broken does not start: no such option"):
        Target(broken, tmp_path / "broken", CORE).__enter__()


def test_only_the_packages_of_the_asked_cases_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVERS, "go", ABSENT)
    known = {case.name: case for case in CASES}
    assert missing_packages([known["go"], known["go"], known["idle"]]) == ["absent-package"]
    assert missing_packages([known["idle"]]) == []


def test_every_case_has_a_server() -> None:
    assert {case.server for case in CASES} == set(SERVERS)
