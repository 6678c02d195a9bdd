"""`gluten import`: what it prints is a file that `check` takes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gluten.cli.commands import import_workload
from tests.cli.conftest import Command
from tests.support.imported import entry, har, read_back

PETS = {
    "openapi": "3.0.0",
    "servers": [{"url": "https://pets.test/v1"}],
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {}}}}},
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "shop.har").write_text(
        har(entry("GET", "https://shop.test/a"), entry("GET", "https://shop.test/b", at=2))
    )
    (tmp_path / "pets.json").write_text(json.dumps(PETS))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "request_name"),
    [
        (["har", "shop.har"], "get-a"),
        (["openapi", "pets.json"], "listPets"),
        (["curl", "curl -X POST https://h.test/x -d a=b"], "post-x"),
    ],
)
def test_a_file_is_printed_that_check_takes(files: Path, command: Command, words: list[str], request_name: str) -> None:
    done = command("import", *words)
    assert (done.code, done.error) == (0, "")
    assert request_name in [one.name for one in read_back(done.out).requests]
    (files / "load.toml").write_text(done.out)
    checked = command("check", "load.toml")
    assert (checked.code, checked.error) == (0, "")


def test_it_can_be_written_to_a_file(files: Path, command: Command) -> None:
    done = command("import", "har", "shop.har", "-o", "load.toml")
    assert (done.code, done.out) == (0, "")
    assert (files / "load.toml").read_text() == command("import", "har", "shop.har").out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"curl 'https://h.test/it'\\''s' \\\n -s\n")))
    done = command("import", "curl", "-")
    assert done.code == 0
    assert [one.path.text for one in read_back(done.out).requests] == ["/it's"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["postman", "x"], "import: 'postman' is not one of har, curl, openapi"),
        (["har", "none.har"], "'none.har' cannot be read: No such file or directory"),
        (["har", "."], "'.' cannot be read: Is a directory"),
        (["har", "pets.json"], "pets.json: has no log.entries"),
        (["openapi", "shop.har"], "shop.har: has neither openapi 3.x nor swagger 2.0"),
        (["curl", "https://h"], "the curl command: must begin with curl"),
        (["curl", "curl https://h", "--host", "h"], "--host: belongs to import har"),
        (["har", "latin.har"], "latin.har: line 2: is not UTF-8"),
        (["har"], "WHAT is missing"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_one_line(
    files: Path, command: Command, words: list[str], message: str
) -> None:
    (files / "latin.har").write_bytes(b"{\n\xfc}")
    done = command("import", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.error
    assert done.error.count("\n") == 1


def test_a_long_file_is_refused(files: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_workload, "MOST", 10)
    done = command("import", "har", "shop.har")
    assert done.code == 2
    assert "shop.har: longer than" in done.error


@pytest.mark.parametrize("kind", ["har", "curl", "openapi"])
def test_each_kind_loads_its_own_importer_alone(files: Path, kind: str) -> None:
    what = {"har": "shop.har", "curl": "curl https://h.test/", "openapi": "pets.json"}[kind]
    line = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "gluten",
        "import",
        kind,
        str(files / what) if kind != "curl" else what,
    ]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    folder = "gluten.workload.importers."
    loaded = {name.removeprefix(folder).partition(".")[0] for name in names if name.startswith(folder)}
    assert loaded & {"har", "curl", "openapi"} == {kind}
    assert not {"gevent", "grpc", "zmq", "asyncio", "ssl", "gluten.engine"} & names
