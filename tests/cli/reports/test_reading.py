"""`report` and `compare` read reports from files, without a master."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.support import reports

NOBODY = {"GLUTEN_MASTER": "127.0.0.1:1"}
"""A master that cannot be reached, so that a test fails where one is asked."""


def saved(path: Path, **more: Any) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(reports.rated() | more))
    return str(path)


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "Running "), ("json", "{"), ("csv", "second,"), ("html", "<!doctype html>"), ("hdr", "#["),
        ("junit", "<?xml"),
    ],
)  # fmt: skip
def test_a_file_is_written_in_every_format(command: Command, tmp_path: Path, form: str, start: str) -> None:
    done = command("report", saved(tmp_path / "a.json"), "--format", form, **NOBODY)
    assert (done.code, done.error) == (0, "")
    assert done.out.startswith(start)


@pytest.mark.parametrize("word", ["baseline:shop/checkout", "baseline:x.json"])
def test_a_baseline_is_no_file_whatever_it_is_called(command: Command, word: str) -> None:
    done = command("report", word, **NOBODY)
    assert (done.code, done.out) == (3, "")
    assert "cannot reach the master" in done.error


def test_a_report_of_run_is_the_same_after_a_round(command: Command, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.json")
    done = command("report", path, "--out", "b.json", "--out", "b.html", **NOBODY)
    assert "Requests/sec:" in done.out
    assert json.loads((tmp_path / "b.json").read_text()) == json.loads(Path(path).read_text())
    assert (tmp_path / "b.html").exists()


def test_standard_input_is_a_file(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Path(saved(tmp_path / "a.json")).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert command("report", "-", **NOBODY).out.startswith("Running ")


def test_files_are_compared_and_called_by_their_names(command: Command, tmp_path: Path) -> None:
    first, other = (saved(tmp_path / name / "r.json", number=0) for name in ("before", "after"))
    done = command("compare", first, other, **NOBODY)
    assert (done.code, done.error) == (0, "")
    assert first in done.out
    assert other in done.out
    assert "run 0" not in done.out


def test_a_regression_between_files_ends_with_99(command: Command, tmp_path: Path) -> None:
    first = saved(tmp_path / "a.json")
    slow = {"response_time": reports.rated()["response_time"] | {"p99": 9_000_000.0}}
    rows = [row | {"p99": 9_000_000.0 + row["second"]} for row in reports.rated()["seconds"]]
    done = command(
        "compare", first, saved(tmp_path / "b.json", seconds=rows, **slow), "--max-regression", "10%", **NOBODY
    )
    assert done.code == 99
    assert f"{tmp_path}/b.json is worse than {tmp_path}/a.json by more than 10%: p99" in done.error


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("Running 10s test", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it has no schema 'gluten.report/1'"),
        ('{"schema": "gluten.report/2"}', "it has no schema"),
        ('{"schema": "gluten.report/1"}', "id is missing"),
        (json.dumps(reports.rated() | {"seconds": 7}), "seconds is missing or not as it should be"),
        (json.dumps(reports.rated() | {"response_time": {}}), "a part is not as it should be"),
        (json.dumps(reports.rated() | {"response_time": reports.rated()["response_time"] | {"hdr": "?"}}), "a part is"),
    ],
)
@pytest.mark.parametrize("words", [("report", "r.json"), ("compare", "r.json", "r.json")])
def test_what_is_no_report_is_refused_in_one_line(
    command: Command, tmp_path: Path, content: str | None, said: str, words: tuple[str, ...]
) -> None:
    if content is not None:
        (tmp_path / "r.json").write_text(content)
    done = command(*words, **NOBODY)
    if words[0] == "compare" and '"hdr": "?"' in (content or ""):
        return  # a comparison does not read it
    assert (done.code, done.is_one_line()) == (2, True), done.error
    assert said in done.error
