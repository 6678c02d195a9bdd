"""Secrets do not stay in a process's command line, which every user of a host can read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.cli.arguments import parse
from gluten.cli.hide_argv import hide_argv
from gluten.errors import UsageError

ROOT = Path(__file__).parents[2]

ROWS = [
    ("run|-H|Authorization: CANARY|http://a/", "run|-H|Authorization:*******|http://a/"),
    ("run|-HX-Api-Key:CANARY", "run|-HX-Api-Key:******"),
    ("run|--header=Cookie: CANARY", "run|--header=Cookie:*******"),
    ("run|--head|Cookie: CANARY", "run|--head|Cookie:*******"),
    ("run|-H|Accept: x", "run|-H|Accept: x"),
    ("run|--secret|-H|Accept: CANARY", "run|--secret|-H|Accept:*******"),
    ("run|-b|CANARY", "run|-b|******"),
    ("run|-b|@file", "run|-b|@file"),
    ("run|--body=CANARY", "run|--body=******"),
    ("run|http://CANARY:CANARY@a/?x=1&token=CANARY&y=2", "run|http://*************@a/?x=1&token=******&y=2"),
    ("--master-mode|--db|postgresql://me:CANARY@h/d", "--master-mode|--db|postgresql://*********@h/d"),
    ("--master-mode|--db=postgresql://me:CANARY@h/d", "--master-mode|--db=postgresql://*********@h/d"),
    ("--slave-mode|--key|CANARY", "--slave-mode|--key|******"),
    ("submit|--key=CANARY", "submit|--key=******"),
    ("run|--otlp|http://c:4318|--otlp-header|X: CANARY", "run|--otlp|http://c:4318|--otlp-header|*********"),
    ("run|--otlp-header=X: CANARY", "run|--otlp-header=*********"),
    ("run|--otlp|http://me:CANARY@c", "run|--otlp|http://*********@c"),
    ("import|curl|curl -H 'Cookie: CANARY' u", "import|curl|**************************"),
]


@pytest.mark.parametrize(("line", "masked"), ROWS)
def test_secrets_are_masked_at_their_length(line: str, masked: str) -> None:
    assert hide_argv(line.split("|")) == masked.split("|")


@given(st.lists(st.sampled_from(["-H", "--key", "--body=", "--secret", "http://"]) | st.text(max_size=20), max_size=6))
def test_a_masked_line_is_as_long_as_it_was(words: list[str]) -> None:
    words = [os.fsdecode(word.encode(errors="replace")) for word in words]
    assert [len(os.fsencode(word)) for word in hide_argv(words)] == [len(os.fsencode(word)) for word in words]


@pytest.mark.skipif(sys.platform != "linux", reason="the command line is written over on Linux")
def test_the_process_list_shows_no_secret_and_the_program_knows_it() -> None:
    program = (
        "import sys; from gluten.cli.hide_argv import hide; hide(sys.argv[1:]);"
        "print(sys.argv[2], flush=True); sys.stdin.read()"
    )
    words = ["-H", "Authorization: Bearer CANARY", "http://me:CANARY@a/?\u00e9=1"]
    with subprocess.Popen(
        [sys.executable, "-c", program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "Authorization: Bearer CANARY\n"
        line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.stdin.close()
    # (The program itself, in `-c`, is a word before those that are looked at.)
    assert b"CANARY" not in line
    assert line.endswith("-H\0Authorization:{}\0http://{}@a/?\u00e9=1\0".format("*" * 14, "*" * 9).encode())


def test_arguments_that_do_not_fit_are_not_repeated_with_their_secrets() -> None:
    with pytest.raises(UsageError, match="one word too many") as caught:
        parse(["run", "-H", "Authorization: CANARY", "http://a/", "http://me:CANARY@a/"], {})
    assert "CANARY" not in str(caught.value)
