"""What a command loads: only what it needs, because its start is part of what its requests cost (decision 034).

A module that is forbidden here takes milliseconds at each start. If one is needed on a rare way alone, import it inside
the function that needs it, and say so there. If a value is a frozen dataclass, make it a `NamedTuple`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.engine.faults import FaultServer, answer_well

NO_CLIENT = ("asyncio", "bottle", "gevent", "google", "grpc", "peewee", "psycopg2", "zmq")
NO_ENGINE = ("asyncio", "bottle", "google", "grpc", "peewee", "psycopg2", "zmq")
SLOW = ("dataclasses", "email", "http", "inspect", "logging", "pathlib", "pprint", "ssl")


def loaded(*words: str) -> set[str]:
    """The modules that the command and its forks load, in the order of their end. The command must succeed."""
    command = [sys.executable, "-X", "importtime", "-m", "gluten", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return set(names[names.index("gluten") :])  # before this package comes what the interpreter itself loads


def packages(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_the_version_is_printed_by_almost_nothing() -> None:
    names = loaded("--version")
    assert {name for name in names if name.startswith("gluten.")} == {"gluten.version"}
    assert packages(names) <= {"__future__", "gc", "gluten"}


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("completion", "bash")])
def test_a_text_needs_no_library(words: tuple[str, ...]) -> None:
    assert packages(loaded(*words)) & {*NO_CLIENT, *SLOW, "json"} == set()


def test_a_run_needs_neither_a_cluster_nor_tls() -> None:
    with FaultServer(answer_well) as server:
        names = loaded("run", "-n1", "-c1", "-t1", f"http://127.0.0.1:{server.port}/")
    assert "gluten.engine.worker.attack" in names
    assert packages(names) & {*NO_ENGINE, *SLOW, "geventhttpclient"} == set()
