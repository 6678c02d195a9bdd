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
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
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
SHA_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workload file in a folder that is not the working directory, and what it names beside it."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "shop.toml").write_text(FILE)
    (tmp_path / "w" / "users.csv").write_text("name\n" + "".join(f"u{n}\n" for n in range(25)))
    (tmp_path / "w" / "pay.json").write_bytes(b"")
    return tmp_path / "w"


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


def test_check_prints_the_plan(folder: Path, command: Command) -> None:
    done = command("check", f"{folder}/shop.toml")
    assert (done.code, done.error) == (0, "")
    # 500 requests are planned, of which a quarter uses a row: the 101st is due after sqrt(200 / 10) s.
    assert (
        done.out
        == """\
shop: http://127.0.0.1:8080: up to 100/s, 10s, 500 planned

request  method  weight   share  of each 4
login    POST         1  25.00%          1
pay      POST         3  75.00%          3

feed  file       pick    rows  they last
user  users.csv  unique    25  4.5s

connections: 50 carry 100/s while a response takes up to 500ms
"""
    )


SESSIONS = """
[[scenario]]
name = "browse"
weight = 80
do = ["pay", {think = "1s..3s"}, {repeat = "1..4", do = ["pay", {think = "exp 2s"}]}]
[[scenario]]
name = "buy"
weight = 20
do = ["login", {chance = 0.5, do = ["pay"]}]
"""


def sessions(folder: Path, more: str = "") -> str:
    (folder / "shop.toml").write_text(FILE.replace("weight = 3\n", "") + more + SESSIONS)
    return f"{folder}/shop.toml"


def test_check_prints_the_plan_of_sessions(folder: Path, command: Command) -> None:
    done = command("check", sessions(folder))
    # browse: pauses of 2 s + 2.5 x 2 s, and 3.5 requests of 100 ms; buy: 1.5 requests. 80 : 20 makes 5.91 s.
    # 500 sessions are planned, of which a fifth uses a row: the 126th is due after sqrt(250 / 10) s.
    assert (
        done.out
        == """\
shop: http://127.0.0.1:8080: up to 100 sessions/s, 10s, 500 planned

scenario  weight   share  of each 5  requests        lasts
browse        80  80.00%          4       3.5  about 7.35s
buy           20  20.00%          1       1.5  about 150ms

feed  file       pick    rows  they last
user  users.csv  unique    25  5s

connections: 100 sessions/s × 5.91s = 591 needed, only 50 given: sessions will wait, and then be dropped
assumed: a session lasts 5.91s on average: its pauses 5.6s, and 100ms for each of its 3.1 requests
"""
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-R50", "-d1m", "-c400"], "connections: 50 sessions/s × 5.91s = 296 needed, 400 given"),
        (["-d1m", "-c50"], "connections: 50, each with one session after the other: about 8.46 sessions/s"),
        (["-n100", "-c50"], "up to 100 sessions/s, 10s, 100 sessions"),
    ],
)
def test_check_tells_which_connections_sessions_need(
    folder: Path, command: Command, arguments: list[str], told: str
) -> None:
    name = sessions(folder)
    if arguments[0] != "-n100":
        text = (folder / "shop.toml").read_text()
        (folder / "shop.toml").write_text(text.replace('stages = "0s:0,10s:100"\nconnections = 50\n', ""))
    assert told in command("check", *arguments, name).out


def test_check_tells_that_connections_are_opened_as_needed(folder: Path, command: Command) -> None:
    name = sessions(folder)
    (folder / "shop.toml").write_text((folder / "shop.toml").read_text().replace("connections = 50\n", ""))
    assert "100 sessions/s × 5.91s = 591 needed, and as many are opened" in command("check", name).out


def test_check_tells_what_is_assumed_of_conditions(folder: Path, command: Command) -> None:
    name = sessions(folder)
    text = (folder / "shop.toml").read_text()
    (folder / "shop.toml").write_text(text.replace('"1..4", do', '"1..4", until = "status == 201", do'))
    assert "no until ends a repeat, each if is true" in command("check", name).out


def test_check_tells_what_is_done_around_the_load(folder: Path, command: Command) -> None:
    (folder / "shop.toml").write_text(f"setup = ['pay']\nteardown = ['pay']\n{FILE}")
    found = command("check", f"{folder}/shop.toml").out
    assert "setup: pay: once, before the load, by one node\nteardown: pay: once, after the load, by one node" in found


def test_check_counts_streams(command: Command) -> None:
    url = "http://127.0.0.1:1/"
    told = command("check", "--http2", "--streams=5", "-c4", url).out
    assert "connections: 4, each with 5 requests at once" in told
    told = command("check", "--http2", "--streams=5", "-R100", url).out
    assert "100/s × the response time (at most 200)" in told  # the target may allow one stream alone
    told = command("check", "--http2", "--streams=5", "-R100", "-c4", url).out
    assert "4 carry 100/s while a response takes up to 200ms" in told  # 20 at once


def test_check_takes_a_url_and_load_options(command: Command, folder: Path) -> None:
    done = command("check", "-n", "100", "http://127.0.0.1:8080/?token=CANARY")
    assert (
        done.out
        == """\
http://127.0.0.1:8080/?token=***: as fast as answers come, 100 requests

connections: 10, each with one request after the other
"""
    )
    url = "http://127.0.0.1:8080/"
    closed = command("check", "-d1m", "--pace=10s", "--ramp=20s", "--warmup=30s", url).out
    assert "1m, at most a request each 10s on a connection, connections begin over 20s, measured from 30s on" in closed
    assert (
        ": 50/s, 1m, 3,000 planned, random arrivals\n"
        in command("check", "-R50", "-d1m", "--arrivals=poisson", url).out
    )
    assert "100/s, 1m, 6,000 planned" in command("check", "-R100", "-d1m", f"{folder}/shop.toml").out


@pytest.mark.parametrize(
    ("pick", "rows", "told"),
    [
        ("unique", 1, "700ms"),  # each fourth session takes a row, and slot 4 is due where 2t + 4.8t² is 4
        ("cycle", 25, "4.4s, then again"),
        ("unique", 1000, "to the end: about 125 of 1,000 are used"),
        ("random", 5, "for ever: rows are drawn"),
    ],
)
def test_check_tells_how_long_rows_last(folder: Path, command: Command, pick: str, rows: int, told: str) -> None:
    (folder / "users.csv").write_text("name\n" + "x\n" * rows)
    (folder / "shop.toml").write_text(FILE.replace('"unique"', f'"{pick}"'))
    found = command("check", "--stages", "0s:2,10s:98", f"{folder}/shop.toml").out
    (line,) = [line for line in found.splitlines() if line.startswith("user ")]
    assert line.split(maxsplit=4)[2:] == [pick, f"{rows:,}", told]


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
