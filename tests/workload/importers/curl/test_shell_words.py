"""A command line is divided as a shell divides it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.errors import UsageError
from gluten.workload.importers.curl.shell_words import commands, words_of
from tests.support.needs import find_program

LINES = [
    r"""curl 'a b' "c \"d\" \\ $e" f\ g""",
    "curl \\\n  -H 'x' \\\n  y",
    r"curl $'it\'s \u00fc \x41\101 \n end' 'plain'",
    r"""curl 'it'\''s' "$'no'" '$'""",
    "curl a'b'\"c\"$'d'",
]


@pytest.mark.parametrize("line", LINES)
def test_as_bash_does(line: str) -> None:
    bash = find_program("bash")
    script = f"e='$e'; printf '%s\\0' {line.removeprefix('curl')}"
    done = subprocess.run([bash, "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert words_of(line) == ["curl", *done.stdout.decode().split("\0")[:-1]]


def test_as_windows_writes_it() -> None:
    line = 'curl ^"https://h/a?b=c^&d=e^" ^\r\n  -H ^"x: y^" ^\n --data-raw ^"^{^\\^"a^\\^":1^}^"'
    assert words_of(line) == ["curl", "https://h/a?b=c&d=e", "-H", "x: y", "--data-raw", '{"a":1}']


@pytest.mark.parametrize("line", ["curl 'a", 'curl "a', "curl a\\"])
def test_an_open_quote_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="quote it as for a shell"):
        words_of(line)


def test_what_is_behind_a_pipe_is_another_command() -> None:
    words = words_of("curl http://h/?a=1&b=2 | jq . ; curl b && curl c > file")
    assert list(commands(words)) == [["curl", "http://h/?a=1&b=2"], ["jq", "."], ["curl", "b"], ["curl", "c"], ["file"]]


@settings(max_examples=100, deadline=None)
@given(st.text("curl 'a\"\\$\n^{}\u00fcx0&|;", max_size=30))
def test_any_text_is_divided_or_refused(line: str) -> None:
    try:
        words = words_of(line)
    except UsageError:
        return
    assert sum(map(len, commands(words))) <= len(words)
