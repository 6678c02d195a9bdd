"""An error about a setting names the place where it was set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gluten.cli.arguments import parse
from gluten.cli.commands.submit import idle_nodes
from gluten.cli.program import program, with_program_name
from gluten.errors import ConfigError
from gluten.task.task import Task
from tests.cli.conftest import Command
from tests.support.e2e.programs import gluten

URL = "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("GLUTEN_THREADS", "many", ("run", URL)),
        ("GLUTEN_FORMAT", "pdf", ("run", URL)),
        ("GLUTEN_INSECURE", "perhaps", ("run", URL)),
        ("GLUTEN_MAX_BODY", "x", ("run", URL)),
        ("GLUTEN_ON_LOSS", "cry", ("submit", URL)),
        ("GLUTEN_MASTER", "nonsense", ("nodes",)),
        ("GLUTEN_WEB_PORT", "70000", ("--master-mode",)),
        ("GLUTEN_LEASE", "1s", ("--master-mode",)),
        ("GLUTEN_ALLOW_TARGET", "http://x y", ("run", URL)),
    ],
)
def test_a_setting_of_the_environment_is_named_by_its_variable(
    command: Command, variable: str, value: str, words: tuple[str, ...]
) -> None:
    done = command(*words, **{variable: value})
    assert done.code == 2
    assert done.is_one_line()
    assert done.error.startswith(f"gluten: {variable}")
    assert f"--{variable.removeprefix('GLUTEN_').lower().replace('_', '-')}" not in done.error


def test_a_setting_of_the_file_is_named_by_file_and_key(tmp_path: Path, command: Command) -> None:
    (tmp_path / "gluten.toml").write_text('threads = "many"\n')
    assert command("run", URL).error.startswith("gluten: gluten.toml: threads: 'many' is not ")
    (tmp_path / "other.toml").write_text("rate = 0\n")
    assert command("run", "--config", "other.toml", URL).error.startswith("gluten: other.toml: rate: ")


def test_what_was_given_is_named_by_its_flag(tmp_path: Path, command: Command) -> None:
    (tmp_path / "gluten.toml").write_text("threads = 2\n")
    done = command("run", "--threads", "many", URL, GLUTEN_THREADS="3")
    assert done.error.startswith("gluten: --threads: 'many' is not ")


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        (["--config", "no.toml"], {}, "--config no.toml: cannot be read: No such file or directory; name a file"),
        ([], {"GLUTEN_CONFIG": "no.toml"}, "GLUTEN_CONFIG: no.toml: cannot be read: No such file or directory"),
    ],
)
def test_a_missing_file_is_reported_in_words(words: list[str], environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(["run", *words, URL], environ)
    assert str(caught.value).startswith(said)


def test_an_invalid_toml_file_is_reported_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("threads = \n")
    with pytest.raises(ConfigError, match=r"bad\.toml: cannot be read: .*line 1"):
        parse(["run", "--config", str(file), URL], {})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-t", "0"], "--threads: 0 is not allowed; a whole number from 1 to 100000"),
        (["-t", "20", "-c", "10"], "--connections: 10 is below threads 20; each thread needs at least one"),
        (["-d", "0"], "--duration: 0 is not allowed; above 0 and at most 2592000 seconds"),
        (["-R", "1G"], "--rate: '1G': 1000000000 is not allowed; above 0 and at most 100000000 requests/s"),
        (["--max-body", "0"], "--max-body: 0 is not allowed; "),
        (["--log-format", "x"], "--log-format: 'x' is not text or json"),
        (["--on-loss", "cry"], "--on-loss: 'cry' is not one of rebalance, continue, fail"),
        (["-H", "none"], "--header: 'none'… is not a header: it has no colon; write one such as "),
        (["-H", "A: \x01"], "--header: "),
    ],
)
def test_a_refusal_names_the_option_as_people_type_it(command: Command, words: list[str], said: str) -> None:
    done = command("run", *words, URL)
    assert (done.code, done.error.startswith(f"gluten: {said}")) == (2, True), done.error


def test_an_action_that_is_none_is_not_called_an_option(command: Command) -> None:
    assert command("key", "delete").error == "gluten: key 'delete': is not show, rotate or new\n"


def test_a_url_without_its_scheme_is_named_as_in_the_usage(command: Command) -> None:
    assert command("run", "shop.test").error.startswith("gluten: URL: 'shop.test' needs http:// or https://")


def test_an_unknown_key_of_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    for key, said in (("ratte", "there is no such setting"), ("out", "can only be set on the command line: --out")):
        file.write_text(f"{key} = 3\n")
        with pytest.raises(ConfigError, match=rf"some\.toml: {key}: {said}"):
            parse(["run", "--config", str(file), URL], {})


def test_what_other_commands_know_may_stand_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('web-port = 8888\nkey_file = "k"\nidempotency-key = "x"\nu_latency = true\n')
    assert parse(["run", "--config", str(file), URL], {}).flag("u_latency")


def test_headers_and_rules_are_settings_like_others(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('header = ["A: 1, 2", "A: 3"]\nresolve = "a:1:127.0.0.1 b:1:127.0.0.1"\n')
    filed = parse(["run", "--config", str(file), URL], {})
    assert filed.options["header"] == ["A: 1, 2", "A: 3"]
    assert filed.options["resolve"] == ["a:1:127.0.0.1", "b:1:127.0.0.1"]
    said = parse(["submit", "--config", str(file), URL], {"GLUTEN_HEADER": "B: x, y\nC: z\n"})
    assert said.options["header"] == ["B: x, y", "C: z"]
    assert parse(["run", "--config", str(file), "-H", "D: e", URL], {}).options["header"] == ["D: e"]
    assert parse(["target", "--config", str(file)], {}).options["header"] == []


@pytest.mark.parametrize(("out", "why"), [("no/file", "there is no directory no"), (".", "it is a directory")])
def test_a_report_that_cannot_be_written_is_known_before_the_run(tmp_path: Path, out: str, why: str) -> None:
    """The run does not start. If it did, port 1 would end it with exit code 3."""
    done = gluten(tmp_path, "run", "--out", out, URL)
    assert (done.code, done.error.startswith(f"gluten: --out {out}: cannot be written: {why}")) == (2, True), done.error
    assert done.is_one_line()


@pytest.mark.parametrize(
    ("started", "name"),
    [
        ("/usr/bin/gluten", "gluten"),
        ("gluten-server", "gluten-server"),
        ("dist/gluten-linux-x86_64.pyz", "gluten-linux-x86_64.pyz"),
        ("/x/gluten/__main__.py", "gluten.pyz"),
        ("-c", "gluten.pyz"),
        ("", "gluten.pyz"),
    ],
)
def test_the_program_is_called_as_it_was_started(started: str, name: str) -> None:
    assert program(started) == name
    assert with_program_name("see `gluten.pyz help run`", started) == f"see `{name} help run`"


def test_fewer_threads_than_nodes_is_worth_a_word() -> None:
    known = [("alive", True)] * 3 + [("lost", True), ("alive", False)]
    nodes: Any = [{"state": state, "load": load} for state, load in known]
    notice = "1 of 3 nodes will have no thread to run; -t 3 or more uses all nodes"
    assert idle_nodes(Task(URL, threads=2), nodes) == notice
    assert idle_nodes(Task(URL, threads=3), nodes) == ""


@pytest.mark.needs("root")
@pytest.mark.parametrize(
    ("owner", "mode", "why"),
    [(12345, 0o644, "it belongs to another user"), (os.geteuid(), 0o646, "every user may change it")],
)
def test_a_file_that_others_control_is_used_only_if_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, mode: int, why: str
) -> None:
    file = tmp_path / "gluten.toml"
    file.write_text("threads = 3\n")
    file.chmod(mode)
    os.chown(file, owner, -1)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        parse(["run", URL], {})
    said = f"gluten.toml of this directory is not used, because {why}: to trust it, name it: --config gluten.toml"
    assert str(caught.value) == said
    assert parse(["run", "--config", "gluten.toml", URL], {}).options["threads"] == "3"
    file.chmod(0o664)
    os.chown(file, os.geteuid(), -1)
    assert parse(["run", URL], {}).options["threads"] == "3"
