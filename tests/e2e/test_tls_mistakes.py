"""Mistakes with TLS end in one line with the exit code of the contract and a remedy, and nothing was sent.

The files that cannot be used: `tests/cli/test_tls_files.py`.
"""

from __future__ import annotations

import json
import os
import pty
import ssl
import sys
from collections.abc import Iterator

import pytest

from tests.support.authority import Place, serving
from tests.support.e2e.programs import Cluster, environment, gluten
from tests.support.engine.faults import FaultServer, answer_well
from tests.support.nginx import Certificate

FEW = ("-n", "4", "-c", "2", "-t", "1", "--quiet")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def server(place: Place) -> Iterator[FaultServer]:
    with FaultServer(answer_well, serving(place.server)) as made:
        yield made


def test_a_client_certificate_is_not_for_http(place: Place) -> None:
    done = gluten(place.folder, "run", *FEW, "--cert", "client.pem", "--key", "client.key", "http://127.0.0.1:1/")
    assert (done.code, done.is_one_line()) == (2, True), done.error
    assert "--cert" in done.error


def test_a_file_may_hold_a_certificate_with_its_key_and_words_in_any_language(
    place: Place, server: FaultServer
) -> None:
    url = f"https://127.0.0.1:{server.port}/"
    done = gluten(place.folder, "run", *FEW, "--cacert", "both.pem", "--insecure", "--cert", "both.pem", url)
    assert done.code == 0, done.error


def test_a_target_that_does_not_verify_is_reported_before_a_run(place: Place, server: FaultServer) -> None:
    url = f"https://127.0.0.1:{server.port}/"
    done = gluten(place.folder, "run", *FEW, url)
    assert (done.code, done.out, done.is_one_line()) == (3, "", True), done.error
    assert "--insecure" in done.error
    assert "--cacert" in done.error
    assert server.requests == 0
    assert gluten(place.folder, "run", *FEW, "--cacert", "authority.pem", url).code == 0


def test_a_program_finds_the_reason_in_the_report(place: Place) -> None:
    required = serving(place.server, place.authority.cert, ssl.TLSVersion.TLSv1_3)
    with FaultServer(answer_well, required) as target:
        url = f"https://127.0.0.1:{target.port}/"
        done = gluten(place.folder, "run", *FEW, "--format", "json", "--cacert", "authority.pem", url)
    report = json.loads(done.out)
    assert (done.code, done.is_one_line(), report["state"], report["kind"]) == (3, True, "failed", "tls")
    assert report["errors"] == {"tls": 0}
    assert report["reason"] in done.error
    assert "requires a client certificate: --cert and --key" in report["reason"]


def test_no_password_is_asked_for_on_a_terminal(place: Place, server: FaultServer) -> None:
    words = ["--insecure", "--cert", "client.pem", "--key", "client.key.enc", f"https://127.0.0.1:{server.port}/"]
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(place.folder)
        os.execve(sys.executable, [sys.executable, "-m", "gluten", "run", *FEW, *words], environment(place.folder))
    said = b""
    try:
        while data := os.read(terminal, 4096):
            said += data
    except OSError:
        pass  # the terminal's end
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    os.close(terminal)
    assert said.count(b"\n") == 1
    assert b"pass phrase" not in said


def test_a_cluster_says_the_same(cluster: Cluster, place: Place, server: FaultServer) -> None:
    url = f"https://127.0.0.1:{server.port}/"
    done = cluster.run("submit", "--watch", "--quiet", *FEW[:-1], url)
    assert (done.code, done.is_one_line()) == (3, True), done.error
    assert "--cacert" in done.error
    pair = Certificate(str(place.folder / "client.pem"), str(place.folder / "client.key.enc"))
    done = cluster.run("submit", *FEW[:-1], "--cert", pair.cert, "--key", pair.key, url)
    assert (done.code, done.is_one_line()) == (2, True), done.error
    assert "--key" in done.error
