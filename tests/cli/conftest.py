"""Commands that are refused run in this process, because starting Python for each would take most of the time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.cli.main import command_line
from tests.support.e2e.programs import Done, environment

Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `gluten` with these arguments and settings, in a folder and an environment of its own."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ.keys() - environment(tmp_path).keys():
        monkeypatch.delenv(name)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, **settings: str) -> Done:
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            code = command_line(list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run
