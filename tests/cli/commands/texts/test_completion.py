"""Each shell can read its completion script. bash and fish are asked for completions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from gluten.cli import grammar
from gluten.cli.commands.texts.completion import SHELLS
from gluten.cli.main import command_line
from gluten.cli.usage import TEXTS
from tests.support.needs import require

WORDS = [
    ("gluten.pyz r", "run runs report"),
    ("gluten.pyz run --form", "--format"),
    ("gluten.pyz run --format ", "text json csv html hdr junit wrk"),
    ("gluten.pyz runs --format ", "text json"),
    ("gluten.pyz run --on-loss c", "continue"),
    ("gluten.pyz completion ", "bash zsh fish"),
    ("gluten.pyz key ", "show rotate new"),
    ("gluten.pyz help ma", "master man"),
    ("gluten.pyz --slave", "--slave-mode"),
    ("gluten.pyz --master-mode --no-l", "--no-load"),
    ("gluten.pyz run -c ", ""),
]


@pytest.fixture(params=list(SHELLS))
def script(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    shell = str(request.param)
    require(shell)
    path = tmp_path / f"gluten.{shell}"
    path.write_text(SHELLS[shell]())
    return shell, path


def test_the_shell_can_read_its_script(script: tuple[str, Path]) -> None:
    done = subprocess.run([script[0], "-n", str(script[1])], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def asked(shell: str, line: str) -> list[str]:
    """The shell's completions of the last word of the line."""
    if shell == "bash":
        words = " ".join(f"'{word}'" for word in line.split(" "))
        ask = f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _gluten"
        ask += '; printf "%s\\n" "${COMPREPLY[@]}"'
    else:
        ask = f"complete -C '{line}'"
    done = subprocess.run([shell], input=f"{SHELLS[shell]()}\n{ask}\n", capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [answer.partition("\t")[0] for answer in done.stdout.splitlines() if answer]


@pytest.mark.parametrize(("line", "expected"), WORDS)
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_shell_offers_what_the_program_takes(shell: str, line: str, expected: str) -> None:
    require(shell)
    assert sorted(asked(shell, line)) == sorted(expected.split())


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_files_are_offered_where_a_file_is_wanted(shell: str, tmp_path: Path) -> None:
    require(shell)
    (tmp_path / "authority.pem").touch()
    assert asked(shell, f"gluten.pyz run --cacert {tmp_path}/auth") == [f"{tmp_path}/authority.pem"]


@pytest.mark.parametrize("command", TEXTS)
def test_every_option_of_a_usage_text_is_known(command: str) -> None:
    listed = re.findall(r"^  (?:-\w, )?--([\w-]+)", TEXTS[command], re.MULTILINE)
    assert [option.long for option in grammar.options(command)] == listed
    assert grammar.summary(command).endswith((".", "-"))
    assert grammar.synopsis(command)


def test_a_text_that_goes_on_in_the_next_line_is_read_as_one() -> None:
    (option,) = (option for option in grammar.options("master") if option.long == "allow-target")
    assert option.text.endswith("Link-local and metadata addresses always have to be listed")


def test_an_unknown_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["completion", "csh"]) == 2
    assert capsys.readouterr().err == "gluten: completion: 'csh' is not one of bash, zsh, fish\n"
