"""`submit` sends what the master lacks, and says so."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gluten.cli.commands.send_files import _bytes, send_files
from gluten.cli.workload_file import WorkloadFile
from gluten.errors import UsageError
from gluten.net.rpc.rpc_client import Client
from gluten.task.task import Task
from gluten.workload.tables.source import Source
from gluten.workload.workload import Workload
from tests.support.net.fake_rpc_master import Node, node

DATA = {"users.csv": b"name\n" + b"ann\n" * 700_000, "body.bin": b"\x00\xff"}
SOURCE = Source("shop.toml", {}, {})
SUMS = {name: hashlib.sha256(data).hexdigest() for name, data in DATA.items()}


@pytest.fixture
def living() -> Iterator[Node]:
    with node() as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> WorkloadFile:
    for name, data in DATA.items():
        (tmp_path / name).write_bytes(data)
    task = Task("http://h/", workload="[request.a]\nget = '/'\n", files=tuple(sorted(SUMS.items())))
    return WorkloadFile(task, Workload("", 0, ()), {name: tmp_path / name for name in DATA}, SOURCE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_what_the_master_lacks_is_sent(
    living: Node, file: WorkloadFile, capsys: pytest.CaptureFixture[str]
) -> None:
    living.master.files.add(DATA["body.bin"])
    with Client(living.address) as client:
        for _ in range(2):
            send_files(client, file, quiet=False)
    assert capsys.readouterr().err == "sends users.csv (2.7 MiB) to the master\n"
    assert living.master.files.read(SUMS["users.csv"], 0, 1 << 30) == DATA["users.csv"]


def test_quiet_says_nothing(living: Node, file: WorkloadFile, capsys: pytest.CaptureFixture[str]) -> None:
    with Client(living.address) as client:
        send_files(client, file, quiet=True)
    assert capsys.readouterr().err == ""
    assert living.master.files.names == sorted(SUMS.values())


def sent_on_a_terminal(term: str, living: Node, file: WorkloadFile, monkeypatch: pytest.MonkeyPatch) -> str:
    """What stderr shows while the files are sent."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", term)
    with Client(living.address) as client:
        send_files(client, file, quiet=False)
    return stream.getvalue()


def test_on_a_terminal_a_line_shows_how_far_it_is_and_goes(
    living: Node, file: WorkloadFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = sent_on_a_terminal("xterm", living, file, monkeypatch)
    assert "sends users.csv to the master: 0 % of 2.7 MiB" in shown
    assert "sends users.csv to the master: 100 % of 2.7 MiB" in shown
    assert shown.endswith("\r\x1b[K")


def test_a_terminal_without_a_cursor_gets_a_line_and_no_escape_sequences(
    living: Node, file: WorkloadFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = sent_on_a_terminal("dumb", living, file, monkeypatch)
    lines = ["sends body.bin (2 bytes) to the master", "sends users.csv (2.7 MiB) to the master"]
    assert sorted(shown.splitlines()) == lines


def test_a_file_that_changes_meanwhile_is_refused_by_name(living: Node, file: WorkloadFile) -> None:
    file.paths["users.csv"].write_bytes(b"other")
    with Client(living.address) as client, pytest.raises(UsageError, match=r"users\.csv: could not be sent: the bytes"):
        send_files(client, file, quiet=True)


def test_a_file_that_is_gone_is_refused_by_name(living: Node, file: WorkloadFile) -> None:
    file.paths["users.csv"].unlink()
    with Client(living.address) as client, pytest.raises(UsageError, match=r"users\.csv: .*No such file"):
        send_files(client, file, quiet=True)


def test_a_task_without_files_asks_the_master_nothing(file: WorkloadFile) -> None:
    client: Any = None
    send_files(client, WorkloadFile(Task("http://h/"), file.workload, {}, SOURCE), quiet=False)


@pytest.mark.parametrize(
    ("size", "said"), [(31, "31 bytes"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (1 << 30, "1,024.0 MiB")]
)
def test_a_size_is_told_in_a_unit_that_fits(size: int, said: str) -> None:
    assert _bytes(size) == said
