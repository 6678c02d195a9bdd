"""A command whose streams are closed, full, or without a reader: it does its work, or says so in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.programs import LINE, environment
from tests.needs import find_program

COMMANDS = (("--version",), ("help", "run"), ("man",))


def shell(folder: Path, line: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`line` is given the program as "$@"."""
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
def test_a_reader_that_went_away_is_nobodys_mistake(tmp_path: Path, arguments: tuple[str, ...], buffered: str) -> None:
    line = 'exec 3> >(exec true); wait $!; "$@" >&3'
    done = shell(tmp_path, line, *arguments, PYTHONUNBUFFERED=buffered)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_closed_stream_is_the_null_device(tmp_path: Path, arguments: tuple[str, ...], closed: str) -> None:
    done = shell(tmp_path, f'"$@" {closed}', *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_mistake_has_its_exit_code_without_a_stderr_to_tell_it_on(tmp_path: Path) -> None:
    assert shell(tmp_path, '"$@" 2>&-', "bake").returncode == 2


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    code = "from gluten.cli.streams import stand_in; stand_in(); print(open('/dev/zero').fileno(), file=open('n', 'w'))"
    subprocess.run([find_program("bash"), "-c", '"$@" <&- >&- 2>&-', "bash", sys.executable, "-c", code],
                   env=environment(tmp_path), cwd=tmp_path, check=True)  # fmt: skip
    assert int((tmp_path / "n").read_text()) > 2
