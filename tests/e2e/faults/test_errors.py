"""Errors before anything runs: one line, the exit code of the contract, no traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.e2e.programs import Cluster, gluten

URL = "http://127.0.0.1:1/"

WRONG = [
    (("run", "--frequency", "5", URL), 2, "--frequency"),
    (("run", "127.0.0.1:8080"), 2, "http://"),
    (("run", "-t", "4", "-c", "2", URL), 2, "connections"),
    (("run", "-R", "-5", URL), 2, "'-5'"),
    (("run", "-R", "0", URL), 2, "rate"),
    (("run", "-d", "10parsecs", URL), 2, "'10parsecs'"),
    (("run", "-n", "1.5", URL), 2, "'1.5'"),
    (("run", "-H", "nonsense", URL), 2, "'nonsense'"),
    (("run", "-b", "@/does/not/exist", URL), 2, "/does/not/exist"),
    (("run", "--format", "pdf", URL), 2, "pdf"),
    (("run",), 2, "URL"),
    (("bake", URL), 2, "bake"),
    (("run", URL), 3, "refused"),
    (("run", "http://does-not-exist.invalid/"), 3, "does-not-exist.invalid"),
    (("submit", "--master", "127.0.0.1:1", URL), 3, "127.0.0.1:1"),
    (("nodes", "--master", "nonsense"), 2, "HOST:PORT"),
    (("--master-mode", "--web-port", "70000"), 2, "70000"),
    (("--master-mode", "--db", "mysql://localhost/x"), 2, "mysql"),
    (("--master-mode", "--db", "postgresql://nobody:secret@127.0.0.1:1/x"), 2, "127.0.0.1"),
    (("--master-mode", "--slave-mode"), 2, "exclude"),
    (("--slave-mode", "--master", "nonsense"), 2, "HOST:PORT"),
]


@pytest.mark.parametrize(("arguments", "code", "word"), WRONG, ids=lambda value: str(value)[:40])
def test_a_mistake_is_answered_in_one_line(tmp_path: Path, arguments: tuple[str, ...], code: int, word: str) -> None:
    done = gluten(tmp_path, *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.is_one_line(), done.error
    assert word in done.error
    assert "secret" not in done.error


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = gluten(tmp_path, "--master-mode", "--bind", "127.0.0.1", "--web-port", port, "--rpc-port", "0")
    assert done.code == 2
    assert done.is_one_line()
    assert port in done.error
    assert "--web-port" in done.error


def test_a_second_master_on_one_database_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    """The second one would take over the runs of the first, and end them."""
    cluster = Cluster(tmp_path, 0)
    ports = ("--bind", "127.0.0.1", "--web-port", "0", "--rpc-port", "0")
    done = gluten(tmp_path, "--master-mode", *ports, "--data", str(tmp_path / "master-data"))
    assert (done.code, done.out) == (2, "")
    assert done.is_one_line(), done.error
    assert f"process {cluster.master.process.pid} " in done.error
    assert "--data" in done.error
    assert [node["name"] for node in cluster.nodes()] == ["master"]
    assert cluster.stop() == [0]


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = gluten(tmp_path, "--master-mode", "--data", str(tmp_path / "file" / "below"))
    assert done.code == 2
    assert done.is_one_line()
    assert "--data" in done.error


def test_the_version_and_the_help_are_results(tmp_path: Path) -> None:
    assert gluten(tmp_path, "--version").out.startswith("gluten ")
    for arguments in (("--help",), ("help", "run"), ("submit", "--help"), ("--master-mode", "--help")):
        done = gluten(tmp_path, *arguments)
        assert done.code == 0
        assert "gluten.pyz" in done.out
