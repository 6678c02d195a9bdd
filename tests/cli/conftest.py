"""Commands that are refused run in this process, because starting Python for each would take most of the time.

They read a workload file that stands in a folder of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.cli.main import command_line
from tests.support.e2e.programs import Done, environment

Command = Callable[..., Done]

FILE = """\
name = "shop"
url = "http://127.0.0.1:8080"
header = ["X-Tenant: {{env TENANT 1}}"]
[load]
stages = "0s:0,10s:100"
connections = 50
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
[request.login]
post = "/login"
json = {name = "{{user.name}}"}
[request.pay]
post = "/pay"
body = "@pay.json"
weight = 3
"""


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workload file in a folder that is not the working directory, and what it names beside it."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "shop.toml").write_text(FILE)
    (tmp_path / "w" / "users.csv").write_text("name\n" + "".join(f"u{n}\n" for n in range(25)))
    (tmp_path / "w" / "pay.json").write_bytes(b"")
    return tmp_path / "w"
