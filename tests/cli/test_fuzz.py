"""For any bytes that somebody types or sets, a command is understood, or refused in one line that is no internal
error."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.cli import grammar
from gluten.cli.arguments import Arguments, parse
from gluten.cli.commands import start_node
from gluten.cli.main import command_line
from gluten.cli.options import task_of
from gluten.cli.output import check_format
from gluten.cli.policy_options import policy_of
from gluten.cli.reports.outputs import check_report
from gluten.engine.worker.http1.request import build
from gluten.errors import GlutenError
from gluten.target.target_options import parse_options

RAW = st.binary(max_size=30).map(lambda raw: raw.replace(b"\0", b"").decode("utf-8", "surrogateescape"))
PIECES = st.sampled_from([
    "http://127.0.0.1:1/", "http://münchen.test/ü?ä=ö#ß", "https://[::1%eth0]:99999/", "http://@:0", "://", "1",
    "0", "-1", "1e9", "nan", "inf", "٣", "10s", "1k", "@", "@/", "@" + "x" * 5000, "x" * 5000, "K: V",
    "K:\r\nV", "a:1:b", "%", "-", "--", "=", "", "\x1b[31m", "\udcff", "é", "\u202e", "🎉", "/dev/null", "99x200,1x503",
    " ", "0s:0,1s:1k", "10.0.0.0/8", "*:1-0", "last", "baseline", "on", "json", "1/0", "1x1xz", "9" * 400, "0x10",
    "1_000", "1.5k", ",", ":",
])  # fmt: skip
VALUES = RAW | PIECES | st.lists(PIECES | RAW, min_size=2, max_size=3).map("".join)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command's own options with strange values, and strange words."""
    command = draw(st.sampled_from(grammar.commands()))
    options = grammar.options(command)
    words = [grammar.MODES.get(command, f"--{grammar.MODES[command]}" if command in grammar.MODES else command)]
    for option in draw(st.lists(st.sampled_from(options), max_size=4)):
        name = draw(st.sampled_from([f"--{option.long}"] + ([f"-{option.short}"] if option.short else [])))
        words += [f"{name}={draw(VALUES)}"] if name.startswith("--") and draw(st.booleans()) else [name, draw(VALUES)]
    return words + draw(st.lists(VALUES, max_size=2))


def understood(arguments: Arguments) -> None:
    """Everything that a command makes of its arguments before it does anything."""
    command = arguments.command
    assert arguments.log_format in ("text", "json")
    if command in ("run", "submit", "watch", "report"):
        check_report(arguments)
    if command in ("run", "submit", "check"):
        build(task_of(arguments))
    if command in ("run", "master", "slave"):
        policy_of(arguments)
    if command in ("master", "slave"):
        for read in (start_node._web, start_node._name, start_node._spool, start_node._lease):
            read(arguments)
    if command == "target":
        names = ("port", "bind", "delay", "status", "size", "body")
        given = {name: arguments.get(name) for name in names if arguments.get(name) is not None}
        parse_options(**given, reset=arguments.get("reset", "0"), headers=tuple(arguments.get("header", ())))
    if "format" in arguments.options:
        check_format(arguments)


def tried(argv: list[str], environ: dict[str, str]) -> None:
    try:
        understood(parse(argv, environ))
    except GlutenError as error:
        told = error
    else:
        return
    assert told.exit_code in (2, 4), told
    assert str(told)


@settings(max_examples=60, deadline=None)
@given(lines())
def test_no_command_line_is_an_internal_error(argv: list[str]) -> None:
    tried(argv, {})


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_no_words_at_all_are_an_internal_error(argv: list[str]) -> None:
    if argv and argv[0] != "help":
        tried(argv, {})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["run", "submit", "master", "slave", "target"]), st.data())
def test_no_environment_is_an_internal_error(command: str, data: Any) -> None:
    names = [option.long for option in grammar.options(command)]
    names = data.draw(st.lists(st.sampled_from([*names, "config"]), max_size=4))
    environ = {f"GLUTEN_{name.upper().replace('-', '_')}": data.draw(VALUES) for name in names}
    word = grammar.MODES.get(command, command)
    tried([word, "http://127.0.0.1:1/"] if command in ("run", "submit") else [word], environ)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_file_of_settings_is_an_internal_error(data: Any) -> None:
    scalar = st.sampled_from(
        ["true", "1", "-1", "1.5", "nan", "inf", "[]", "[1]", "{}", "1979-05-27", r'"\u0000"', '"x"']
    )
    content = st.binary(max_size=40) | st.dictionaries(
        st.sampled_from([option.long for option in grammar.options("run")]), scalar, max_size=4
    ).map(lambda table: "\n".join(f"{key} = {value}" for key, value in table.items()).encode())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "gluten.toml"
        file.write_bytes(data.draw(content))
        tried(["run", "--config", str(file), "http://127.0.0.1:1/"], {})


@pytest.mark.parametrize("word", ["\udcff", "\x1b[31m", "a\nb", "é", "x" * 100_000], ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize(
    "place",
    ["{}", "--{}", "-{}", "help {}", "run --format {} http://h", "run -R {} http://h"],
    ids=lambda text: ascii(text)[:20],
)
def test_what_is_said_is_one_line_without_control_characters(
    word: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [part.replace("{}", word) for part in place.split()]
    assert command_line(argv) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.strip().isprintable()
    assert len(said) < 1000
    os.fsencode(said)
