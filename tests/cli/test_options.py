"""How a command reads files and bytes that are no text from its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluten.cli.arguments import parse
from gluten.cli.options import task_of
from gluten.errors import TaskError, UsageError
from gluten.task.limits import MAX_BODY
from gluten.task.task import Task

URL = "http://127.0.0.1:1/"


def task(*arguments: str) -> Task:
    return task_of(parse(["run", *arguments, URL], {}))


def test_a_body_has_the_bytes_that_were_typed_also_those_that_are_no_utf8() -> None:
    assert task("-b", b"\xff\xfe".decode("utf-8", "surrogateescape")).body == b"\xff\xfe"
    assert task("-b", "\u00fc\u20ac").body == b"\xc3\xbc\xe2\x82\xac"


def test_a_body_from_a_file_is_the_file(tmp_path: Path) -> None:
    whole = bytes(range(256)) * (MAX_BODY // 256)
    (tmp_path / "body").write_bytes(whole)
    assert task("-b", f"@{tmp_path}/body").body == whole


def test_a_file_without_an_end_is_refused_by_its_length() -> None:
    with pytest.raises(TaskError, match="body: longer than 2 MiB"):
        task("-b", "@/dev/zero")
    with pytest.raises(TaskError, match="cacert: must be the text of a PEM file"):
        task("--cacert", "/dev/zero")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("-d", "0s"), "duration: '0s': 0 is not allowed; above 0 and at most 2592000 seconds"),
        (("-d", "0"), "duration: 0 is not allowed; above 0 and at most 2592000 seconds"),
        (("-R", "0k"), "rate: '0k': 0 is not allowed; above 0 and at most 100000000 requests/s"),
        (("-c", "2M"), "connections: '2M': 2000000 is not allowed; a whole number from 1 to 1000000"),
        (("--precision", "200%"), "precision: '200%': 2.0 is not allowed; above 0 and at most 50%, such as 2%"),
        (("--stages", "2s:1,1s:1"), "stages: '2s:1,1s:1': the times must rise from point to point"),
        (("--stages", "x:1"), "--stages: 'x:1': 'x' is not a time with us, ms, s, m or h"),
    ],
)
def test_a_refused_value_is_said_as_it_was_typed(words: tuple[str, ...], text: str) -> None:
    with pytest.raises(TaskError) as caught:
        task("--find-capacity", "--slo", "p99 < 1s", *words) if words[0] == "--precision" else task(*words)
    assert str(caught.value).startswith(text)


def test_an_at_sign_alone_names_no_file() -> None:
    with pytest.raises(UsageError, match="--body: '@' names no file"):
        task("-b", "@")


@pytest.mark.parametrize("command", ["run", "submit", "check"])
def test_a_variable_of_the_shell_that_is_not_set_is_no_file(command: str) -> None:
    with pytest.raises(UsageError, match=r"^URL: is empty; give a URL such as"):
        task_of(parse([command, ""], {}))
