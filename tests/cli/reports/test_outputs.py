"""Several outputs of one run: each file in the format of its ending, the text on standard output all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gluten.cli.arguments import Arguments
from gluten.cli.reports.outputs import ENDINGS, check_report, destinations, write_report
from gluten.errors import ConfigError, UsageError
from tests.support import reports


def asked(*outs: str, form: str | None = None) -> Arguments:
    return Arguments("run", {"out": list(outs), "format": form}, [])


@pytest.mark.parametrize(
    ("outs", "form", "shown", "files"),
    [
        ([], None, "text", []),
        ([], "json", "json", []),
        (["a.json"], None, "text", ["json"]),
        (["a.json", "b.HTML", "junit.xml", "d.csv", "e.hdr", "f.txt"], None, "text",
         ["json", "html", "junit", "csv", "hdr", "text"]),
        (["a.json"], "json", "text", ["json"]),  # as scripts wrote it when there was one file
        (["a"], "csv", "text", ["csv"]),  # no ending: --format's
        (["a.b/report"], "csv", "text", ["csv"]),
        (["a"], None, "text", ["text"]),
        (["a.html"], "json", "json", ["html"]),  # no file has what is asked for, so standard output has it
        (["a.html", "-"], "json", "json", ["html"]),
        (["/dev/stdout"], "json", "json", []),
    ],
)  # fmt: skip
def test_the_ending_names_the_format(outs: list[str], form: str | None, shown: str, files: list[str]) -> None:
    named = list(zip(outs, files, strict=False))
    assert destinations(asked(*outs, form=form)) == (shown, named)


def test_each_file_has_its_format_and_stdout_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    report = reports.rated()
    write_report(asked(*(f"r{ending}" for ending in ENDINGS)), report)
    shown = capsys.readouterr().out
    assert shown.startswith("Running ")
    assert "Requests/sec:" in shown
    assert json.loads(Path("r.json").read_text()) == json.loads(json.dumps(report))
    assert Path("r.txt").read_text() == shown
    starts = {".csv": "second,", ".html": "<!doctype html>", ".hdr": "#[", ".xml": "<?xml"}
    for ending, start in starts.items():
        assert Path(f"r{ending}").read_text().lower().startswith(start), ending


def test_a_file_that_is_full_costs_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^--out /dev/full: cannot be written: No space left on device; "):
        write_report(asked("/dev/full", "r.html", form="json"), reports.rated())
    assert json.loads(capsys.readouterr().out)["schema"] == "gluten.report/1"
    assert Path("r.html").stat().st_size > 1000


@pytest.mark.parametrize(
    ("outs", "form", "said"),
    [
        (["a.json", "a.json"], None, "--out a.json: given twice"),
        (["a.csv"], None, "--out a.csv: csv is not one of text, json"),
        (["a.pdf"], None, "^--out a.pdf: .pdf is not one of .txt, .json: name another file, or add --format$"),
        (["b/report.XLM"], None, "^--out b/report.XLM: .XLM is not one of "),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outs: list[str], form: str | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        check_report(asked(*outs, form=form), ("text", "json"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("out", "form"),
    [
        ("report", None),
        ("a.txt", None),
        (".report", None),
        ("run.2", None),
        ("tmp.Ab3dEf6hIj", None),
        ("a.pdf", "json"),
    ],
)
def test_without_a_known_ending_a_file_has_the_format_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, form: str | None
) -> None:
    """A name of `mktemp` has no ending."""
    monkeypatch.chdir(tmp_path)
    check_report(asked(out, form=form))
    assert destinations(asked(out, form=form))[1] == [(out, form or "text")]
