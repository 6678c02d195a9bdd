"""Options of other tools are refused, and the refusal names ours."""

from __future__ import annotations

import re

import pytest

from gluten.cli import grammar
from gluten.cli.arguments import parse
from gluten.cli.hints import LETTERS, WORDS
from gluten.cli.main import command_line
from gluten.cli.options import task_of
from gluten.errors import UsageError

URL = "http://127.0.0.1:1/"


def refused(*arguments: str) -> str:
    with pytest.raises(UsageError) as caught:
        task_of(parse(arguments, {}))
    return str(caught.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-z 10s", "-z: use -d"), ("-q 50", "-q: use -R"), ("--vus 10", "--vus: use -c"), ("-u 10", "-u: use -c"),
        ("-i 100", "-i: use -n"), ("--iterations=9", "--iterations: use -n"),
        ("-s post.lua", "runs no Lua; -m, -H and -b"), ("-spost.lua", "`gluten.pyz new` prints one"),
        ("--script post.lua", "runs no Lua"), ("-v", "`gluten.pyz --version`"),
        ("--version", "without a command"), ("-B", "no batches"), ("-LB", "no batches"),
        ("--batch_latency", "no batches"),
        ("-disable-keepalive", "use --no-keepalive"), ("-k", "use --insecure"), ("-rate=50", "-rate: use --rate"),
        ("-duration 5s", "-duration: use --duration"), ("-body x", "-body: use --body"), ("-lz", "-l: use -L"),
        ("-t 20s", "-T the timeout of a request"), ("-d {\"a\":1}", "-b the body"),
        ("-T text/html", "use a header with -H"),
        ("-p body.json", "use -b @FILE"), ("--connect-to a:1", "use --resolve"), ("-Z", "no such option"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["run", "submit"])
def test_the_option_of_another_tool_is_refused_with_ours(command: str, words: str, said: str) -> None:
    assert said in refused(command, *words.split(), URL)


def test_what_is_glued_to_a_letter_as_in_wrk_is_a_value() -> None:
    task = task_of(parse(["run", "-t2", "-c64", "-d10s", "-bbody", "-HA: b", "-mPOST", "-R2k", URL], {}))
    assert (task.threads, task.connections, task.body, task.method, task.rate) == (2, 64, b"body", "POST", 2000)


def test_other_commands_have_no_such_hints() -> None:
    with pytest.raises(UsageError, match=r"-z: no such option"):
        parse(["runs", "-z"], {})


def test_no_hint_is_for_an_option_that_there_is_and_each_names_those_that_there_are() -> None:
    for command in ("run", "submit"):
        known = grammar.options(command)
        assert not {option.short for option in known} & set(LETTERS)
        assert not {option.long for option in known} & set(WORDS)
    names = {f"--{option.long}" for name in grammar.commands() for option in grammar.options(name)} | {"--version"}
    for text in (*LETTERS.values(), *WORDS.values()):
        assert set(re.findall(r"--[a-z][a-z0-9-]*", text)) <= names, text


@pytest.mark.parametrize("arguments", [[URL], ["submit", URL], ["--master", "127.0.0.1:1", URL]])
def test_without_a_master_a_url_says_how_to_load_it_from_here(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GLUTEN_MASTER", "127.0.0.1:1")
    assert command_line(arguments) == 3
    said = capsys.readouterr().err
    assert re.search(r"cannot reach the master .* run URL$", said.strip())


def test_a_url_without_a_scheme_is_refused_with_that_reason() -> None:
    with pytest.raises(UsageError, match=r"a URL begins with http://"):
        parse(["127.0.0.1:8080"], {})
