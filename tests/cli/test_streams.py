"""A command whose streams are closed, full, or without a reader does its work, or reports the problem in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gluten.cli.arguments import Arguments
from gluten.cli.output import FORMATS
from gluten.cli.reports.outputs import check_report, write_report
from gluten.cli.streams import escape_unencodable
from gluten.errors import ConfigError
from tests.support import reports
from tests.support.e2e.programs import LINE, environment
from tests.support.needs import find_program

COMMANDS = (("--version",), ("help", "run"), ("man",))


def shell(folder: Path, line: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the shell line, in which `"$@"` is the program."""
    command = [find_program("bash"), "-c", line, "bash", sys.executable, "-m", "gluten", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment(folder) | settings, cwd=folder, check=False
    )


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_full_stdout_is_one_line_and_a_wrong_configuration(
    tmp_path: Path, arguments: tuple[str, ...], buffered: str
) -> None:
    done = shell(tmp_path, '"$@" >/dev/full', *arguments, PYTHONUNBUFFERED=buffered)
    assert done.returncode == 2
    assert LINE.fullmatch(done.stderr), done.stderr
    assert "standard output cannot be written: No space left on device" in done.stderr


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_reader_that_went_away_is_not_an_error(tmp_path: Path, arguments: tuple[str, ...], buffered: str) -> None:
    line = 'exec 3> >(exec true); wait $!; "$@" >&3'
    done = shell(tmp_path, line, *arguments, PYTHONUNBUFFERED=buffered)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_closed_stream_is_the_null_device(tmp_path: Path, arguments: tuple[str, ...], closed: str) -> None:
    done = shell(tmp_path, f'"$@" {closed}', *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_has_its_exit_code_even_without_stderr(tmp_path: Path) -> None:
    assert shell(tmp_path, '"$@" 2>&-', "bake").returncode == 2


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    code = "from gluten.cli.streams import open_missing_streams; open_missing_streams()\n"
    code += "print(open('/dev/zero').fileno(), file=open('n', 'w'))"
    subprocess.run(
        [find_program("bash"), "-c", '"$@" <&- >&- 2>&-', "bash", sys.executable, "-c", code],
        env=environment(tmp_path),
        cwd=tmp_path,
        check=True,
    )
    assert int((tmp_path / "n").read_text()) > 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("arguments", [("help", "master"), ("man",), ("completion", "zsh"), ("--help",)])
def test_a_text_comes_out_of_every_encoding(tmp_path: Path, arguments: tuple[str, ...], encoding: str) -> None:
    done = shell(tmp_path, '"$@"', *arguments, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) > 100


@pytest.mark.parametrize("form", FORMATS)
def test_a_finished_report_comes_out_of_every_encoding(
    tmp_path: Path, form: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program gets UTF-8. A person gets escapes for characters that the terminal lacks."""
    report: Any = {**reports.rated(), "name": "pr\u00fcf \u2192"}
    arguments = Arguments("report", {"format": form}, [])
    with open(1, "w", encoding="ascii", closefd=False) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        escape_unencodable()
        write_report(arguments, report)
    written = capfdbinary.readouterr().out
    assert len(written) > 100
    if form in ("json", "html", "junit"):
        assert "pr\u00fcf \u2192" in written.decode()


def test_a_report_that_its_file_does_not_take_is_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="--out /dev/full: cannot be written: No space left on device; json is"):
        write_report(Arguments("report", {"format": "json", "out": ["/dev/full"]}, []), reports.rated())
    assert json.loads(capsys.readouterr().out)["schema"] == "gluten.report/1"


@pytest.mark.parametrize("out", ["x" * 300, "no/file", ".", "", "file/below"])
def test_a_file_that_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"--out .*: cannot be written: "):
        check_report(Arguments("run", {"out": [out]}, []))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("out", ["new", "there", "/dev/stdout", "/dev/null", "link"])
def test_a_check_for_writing_keeps_the_file(tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").write_text("before")
    (tmp_path / "link").symlink_to("nothing-yet")
    check_report(Arguments("run", {"out": [out]}, []))
    assert (tmp_path / "there").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"there", "link"}
