"""A workload file as an argument: looked up, read, planned, and refused in one line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gluten.cli.arguments import parse
from gluten.cli.options import asked, task_of
from gluten.errors import TaskError, UsageError
from tests.cli.conftest import FILE, Command

ROOT = Path(__file__).parents[2]
SHA_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_task_is_what_the_file_says(folder: Path) -> None:
    found = asked(parse(["run", f"{folder}/shop.toml"], {}))
    assert (found.task.name, found.task.connections, found.task.duration) == ("shop", 50, 10.0)
    assert found.task.workload == FILE
    assert dict(found.task.files)["pay.json"] == SHA_OF_NOTHING
    assert found.file is not None
    assert found.file.paths == {"users.csv": folder / "users.csv", "pay.json": folder / "pay.json"}
    assert found.file.workload.requests[1].body == b""


@pytest.mark.parametrize(
    ("arguments", "environment", "toml", "field", "expected"),
    [
        (["-R", "5"], {}, "", "rate", 5.0),
        (["-R", "5"], {"GLUTEN_STAGES": "0s:1,5s:2"}, "", "stages", ()),
        ([], {"GLUTEN_RATE": "7"}, "rate = 9", "rate", 7.0),
        ([], {}, "rate = 9", "rate", None),
        ([], {}, "threads = 3", "threads", 3),
        (["-c", "5"], {"GLUTEN_CONNECTIONS": "6"}, "connections = 7", "connections", 5),
        ([], {}, "connections = 7", "connections", 50),
        (["--url", "http://127.0.0.2/"], {}, "", "url", "http://127.0.0.2/"),
        ([], {"GLUTEN_URL": "http://127.0.0.2/"}, "", "url", "http://127.0.0.2/"),
        (["-H", "x-tenant: 9"], {}, "", "headers", (("x-tenant", "9"),)),
        (["-H", "X-Tenant: 9"], {}, "header = ['Accept: x']", "outranking", ("x-tenant",)),
        ([], {"GLUTEN_HEADER": "Accept: x"}, "", "outranking", ("accept",)),
        ([], {}, "header = ['Accept: x']", "outranking", ()),
        (["--slo", "p99 < 1s", "--slo", "errors < 1%"], {}, "", "slo", ("p99 < 1s", "errors < 1%")),
        (["--insecure"], {}, "", "insecure", True),
        ([], {}, "method = 'POST'", "method", "GET"),
        (["--seed", "9"], {}, "", "seed", 9),
    ],
)
def test_the_command_line_goes_before_the_environment_the_file_and_gluten_toml(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], toml: str,
    field: str, expected: object,
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    (folder / "gluten.toml").write_text(toml)
    assert getattr(task_of(parse(["run", *arguments, "shop.toml"], environment)), field) == expected


def test_the_environment_fills_in_what_the_file_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANT", "7")
    monkeypatch.setenv("OTHER", "x")
    task = task_of(parse(["run", f"{folder}/shop.toml"], {}))
    assert (task.env, task.headers) == ((("TENANT", "7"),), (("X-Tenant", "{{env TENANT 1}}"),))


@pytest.mark.parametrize("option", [("-m", "POST"), ("-b", "x"), ("-m", "GET")])
def test_method_and_body_are_refused(folder: Path, option: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="each request of a workload file has its own"):
        task_of(parse(["run", *option, f"{folder}/shop.toml"], {}))


def test_the_base_of_a_file_is_refused_beside_a_url() -> None:
    with pytest.raises(UsageError, match="--url: belongs to a workload file"):
        task_of(parse(["run", "--url", "http://a/", "http://b/"], {}))
    assert task_of(parse(["run", "http://b/"], {"GLUTEN_URL": "http://a/"})).url == "http://b/"


def test_standard_input_is_a_file_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(FILE.encode())))
    assert task_of(parse(["run", "-"], {})).name == "shop"


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("shop.toml", FILE.replace("post", "pst", 1), "shop.toml: line 12: request.login.pst: is no key"),
        ("shop.toml", FILE.replace("user.name", "user.nam"), "user.nam: the feed has no such column: did you"),
        ("users.csv", "name,b\nx\n", "shop.toml: feed user: users.csv: "),
        ("users.csv", "", "shop.toml: feed user: users.csv: "),
        ("users.csv", None, "shop.toml: line 9: feed.file: users.csv: cannot be read: No such file or directory: it"),
        ("pay.json", None, "shop.toml: line 16: request.pay.body: pay.json: cannot be read"),
        ("shop.toml", FILE.replace('name = "user"', 'name = "users"'), "there is no feed user: did you mean users"),
        ("shop.toml", FILE.replace("stages =", "rate = 1\nstages ="), "line 6: load.stages: give either a rate"),
        ("shop.toml", FILE.replace("connections", "pace = 1\nramp"), "line 6: load.pace: belongs to a closed"),
        ("shop.toml", FILE.replace("connections = 50", "warmup = '20s'"), "shop.toml: line 6: load.warmup: 20s leaves"),
        ("shop.toml", b"\n\xff", "shop.toml: line 2: is not UTF-8"),
        ("shop.toml", b"#" * ((1 << 20) + 1), "shop.toml: longer than 1 MiB"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_exit_2_in_one_line(
    folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch, name: str, text: str | bytes | None, error: str
) -> None:
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.chdir(folder)
    done = command("check", "shop.toml")
    assert (done.code, done.out, done.error.count("\n")) == (2, "", 1)
    assert done.error.startswith("gluten: ")
    assert error in done.error


@pytest.mark.parametrize("name", ["no.toml", "", ".", "/dev/null", "a\0b"])
def test_what_is_no_file_is_refused(command: Command, name: str) -> None:
    done = command("check", name)
    assert (done.code, done.error.count("\n")) == (2, 1)


def test_run_and_submit_read_the_file_before_anything_is_sent(folder: Path, command: Command) -> None:
    (folder / "shop.toml").write_text(FILE.replace("weight", "wait"))
    for name in ("run", "submit"):
        done = command(name, f"{folder}/shop.toml")
        assert (done.code, done.out) == (2, "")
        assert "request.pay.wait: is no key of [request.NAME]" in done.error


def test_new_prints_a_file_that_check_accepts(command: Command, tmp_path: Path) -> None:
    (tmp_path / "load.toml").write_text(command("new").out)
    done = command("check", "load.toml")
    assert (done.code, done.error) == (0, "")
    assert "home" in done.out


def test_schema_prints_json(command: Command) -> None:
    assert json.loads(command("schema").out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_url_needs_neither_toml_nor_the_grammar_of_files() -> None:
    code = (
        "import sys; from gluten.cli.arguments import parse; from gluten.cli.options import task_of, usable;"
        "arguments = parse(['run', '-R5', 'http://127.0.0.1/'], {}); usable(arguments, task_of(arguments));"
        "print(sorted(name for name in sys.modules if name == 'tomllib' or name.startswith('gluten.workload.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("option", [True, False])
def test_an_slo_is_read_before_anything_is_sent(folder: Path, command: Command, option: bool) -> None:
    slo = "p(99)<200"
    place = "--slo"
    if not option:
        (folder / "shop.toml").write_text(f"slo = ['p99 < 1s', '{slo}']\n{FILE}")
        place = f"{folder}/shop.toml: line 1: slo"
    done = command("check", *(["--slo", slo] if option else []), f"{folder}/shop.toml")
    assert (done.code, done.out) == (2, "")
    assert done.error == f"gluten: {place}: 'p(99)<200': write: p99 < 200ms\n"


def test_an_slo_of_nothing_is_refused_with_its_line(folder: Path, command: Command) -> None:
    (folder / "shop.toml").write_text(f"slo = [\n'p99 < 1s',\n'p99 of pya < 1s']\n{FILE}")
    error = command("check", f"{folder}/shop.toml").error
    assert "shop.toml: line 3: slo: 'p99 of pya < 1s': there is no request 'pya'; there is login, pay" in error


def test_an_option_that_outranks_the_file_is_named_by_itself(folder: Path, command: Command) -> None:
    (folder / "shop.toml").write_text(FILE.replace("connections = 50", "warmup = '5s'"))
    error = command("check", "--warmup", "20s", f"{folder}/shop.toml").error
    assert error == "gluten: --warmup: 20s leaves nothing of the duration 10s to measure\n"


def test_an_error_names_the_option_or_the_file(folder: Path, command: Command) -> None:
    assert "gluten: --rate: 'x' is not" in command("check", "-R", "x", f"{folder}/shop.toml").error
    assert "gluten: --url: 'h' needs http://" in command("check", "--url", "h", f"{folder}/shop.toml").error
    with pytest.raises(TaskError):
        task_of(parse(["run", "--seed", "-1", f"{folder}/shop.toml"], {}))
