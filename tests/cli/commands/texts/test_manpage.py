"""troff reads the manual page without a warning, and the page has the usage texts."""

from __future__ import annotations

import subprocess

import pytest

from gluten.cli import grammar
from gluten.cli.commands.texts.manpage import page
from gluten.cli.main import command_line
from tests.support.needs import find_program


def formatted(*options: str) -> subprocess.CompletedProcess[str]:
    command = [find_program("groff"), "-man", "-ww", "-Tutf8", "-P-cbou", *options]
    return subprocess.run(command, input=page(), capture_output=True, text=True)


def test_groff_finds_nothing_wrong() -> None:
    done = formatted("-z")
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_is_on_the_page_with_its_text() -> None:
    text = " ".join(formatted("-rHY=0").stdout.split())
    for command in grammar.commands():
        for option in grammar.options(command):
            assert f"--{option.long}" in text
            assert " ".join(option.text.replace("…", "...").split()) in text


def test_it_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["man"]) == 0
    assert capsys.readouterr().out == page()
