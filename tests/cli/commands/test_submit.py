"""What `submit` refuses before it asks a master."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command

URL = "http://127.0.0.1:1/"
UNREACHABLE = ("--master", "127.0.0.1:1", URL)


@pytest.mark.parametrize("words", [("--out", "report.json"), ("--format", "json", "--out", "report.json")])
@pytest.mark.parametrize("form", [("submit",), ()], ids=["submit", "without-a-command"])
def test_a_report_needs_watch(command: Command, form: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = command(*form, *words, *UNREACHABLE)
    assert done.code == 2
    assert (
        done.error.splitlines()[0] == f"gluten: {' '.join(words[-2:])}: needs --watch: only that waits for the report"
    )
    assert done.is_one_line()


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("--watch", "--out", "report.json"), {}),
        (("--out", "report.json"), {"GLUTEN_WATCH": "1"}),
        (("--format", "json"), {}),
        ((), {"GLUTEN_FORMAT": "json"}),
    ],
)
def test_what_is_of_use_is_taken(command: Command, words: tuple[str, ...], settings: dict[str, str]) -> None:
    done = command("submit", *words, *UNREACHABLE, **settings)
    assert done.code == 3, done.error
