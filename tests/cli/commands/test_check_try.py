"""`gluten check --try`: each request once, by real connections, and what is printed of it."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from gluten.workload.example import EXAMPLE
from tests.cli.conftest import Command
from tests.support.engine.ledger import Ledger, Seen, chunked, response, well
from tests.support.nginx import self_signed
from tests.support.ports import free_port

SECRET = "p@ss/w örd"
FILE = """\
url = "{url}/v1"
header = ["X-Key: {{{{env API_KEY k-1234567}}}}"]
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
secret = true
[request.login]
post = "/login?u={{{{user.name}}}}"
json = {{name = "{{{{user.name}}}}", word = "{{{{user.word}}}}", all = "{{{{base64 user.word}}}}"}}
check = ["status == 200", "json $.ok == true"]
[request.form]
post = "/form"
form = {{word = "{{{{user.word}}}}", n = "{{{{seq}}}}"}}
check = ["body contains 'ok'", "status 2xx"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users.csv").write_text(f"name,word\nann,{SECRET}\nbob,{SECRET}2\n")
    return tmp_path


def shop(seen: Seen) -> bytes:
    """It says back what it was told."""
    if seen.path == "/v1/login":
        return response(gzip.compress(b'{"ok": true, "you": ' + seen.body + b"}"), 200, "Content-Encoding: gzip")
    return chunked(b"ok " + seen.body)


def test_each_request_is_sent_once_in_the_file_s_order_over_one_connection(folder: Path, command: Command) -> None:
    with Ledger(shop) as target:
        (folder / "w.toml").write_text(FILE.format(url=target.url))
        done = command("check", "--try", "w.toml")
    assert (done.code, done.error) == (0, "")
    assert [(seen.method, seen.path) for seen in target.seen] == [("POST", "/v1/login"), ("POST", "/v1/form")]
    assert len({seen.connection for seen in target.seen}) == 1
    assert json.loads(target.seen[0].body)["word"] == SECRET
    assert target.seen[1].body == b"word=p%40ss%2Fw%20%C3%B6rd2&n=1"


def test_plan_requests_responses_and_checks_are_printed(folder: Path, command: Command) -> None:
    with Ledger(shop) as target:
        (folder / "w.toml").write_text(FILE.format(url=target.url))
        lines = command("check", "--try", "w.toml").out.splitlines()
    assert any(line.startswith("connections: ") for line in lines)
    assert f"login: POST {target.url}/v1/login?u=***" in lines
    assert "> Content-Type: application/json" in lines
    assert "< HTTP/1.1 200 X" in lines
    assert '< {"ok": true, "you": {"name":"***","word":"***","all":"***"}}' in lines
    assert [line for line in lines if line.startswith("  ✓ ")][1:3] == ["  ✓ status == 200", "  ✓ json $.ok == true"]


@pytest.mark.parametrize("shown", ["text", "json"])
def test_no_secret_is_printed_in_whatever_encoding(folder: Path, command: Command, shown: str) -> None:
    with Ledger(shop) as target:
        (folder / "w.toml").write_text(FILE.format(url=target.url))
        done = command("check", "--try", "--format", shown, "w.toml", API_KEY="k-7654321")
    assert target.seen[0].headers["x-key"] == "k-7654321"
    for secret in ("ann", SECRET, "p%40ss", "cEBzcy93", "k-7654321"):
        assert secret not in done.out + done.error


def test_a_check_that_is_not_true_is_exit_1_and_named(folder: Path, command: Command) -> None:
    with Ledger(lambda seen: response(b"{}", 503)) as target:
        (folder / "w.toml").write_text(FILE.format(url=target.url))
        done = command("check", "--try", "w.toml")
    assert (done.code, done.is_one_line()) == (1, True)
    assert done.error == "gluten: 2 of 2 requests are not good: login, form\n"
    assert "  ✗ json $.ok == true" in done.out
    assert "  ✗ status == 200" in done.out


def test_json_says_it_for_programs(folder: Path, command: Command) -> None:
    with Ledger(lambda seen: None if seen.path.endswith("form") else shop(seen)) as target:
        (folder / "w.toml").write_text(FILE.format(url=target.url))
        done = command("check", "--try", "--format", "json", "w.toml")
    assert done.code == 1
    login, form = done.json["requests"]
    assert (done.json["good"], login["good"], form["good"]) == (False, True, False)
    assert login["checks"] == [
        {"check": "status == 200", "holds": True},
        {"check": "json $.ok == true", "holds": True},
    ]
    assert login["answer"]["status"] == 200
    assert login["time"] > 0
    assert (form["answer"], form["error"]["kind"], form["time"]) == (None, "read", None)


@pytest.mark.parametrize(
    ("request_text", "answer", "kind"),
    [
        ('get = "/"\nheader = ["X-A: {{user.text}}"]', well, "template"),
        ('get = "/"\ntimeout = "100ms"', lambda seen: b"HTTP/1.1 200 OK\r\n", "timeout"),
        ('get = "/"', lambda seen: b"220 smtp\r\n\r\n", "protocol"),
        ('get = "/"', lambda seen: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n", "read"),
    ],
)
def test_a_request_that_fails_is_exit_1_with_its_kind(
    folder: Path, command: Command, request_text: str, answer: Callable[[Seen], bytes], kind: str
) -> None:
    (folder / "rows.jsonl").write_text('{"text": "a\\nb"}\n')
    feed = '[[feed]]\nname = "user"\nfile = "rows.jsonl"\n' if "user" in request_text else ""
    with Ledger(answer) as target:
        (folder / "w.toml").write_text(f'url = "{target.url}"\n{feed}[request.a]\n{request_text}\n')
        done = command("check", "--try", "w.toml")
    assert (done.code, done.is_one_line()) == (1, True)
    assert f"  ✗ {kind}: " in done.out


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("head", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
        ("get", b"HTTP/1.1 204 No\r\n\r\n"),
        ("get", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        ("delete", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"),
    ],
)
def test_responses_are_framed_as_those_of_the_load(folder: Path, command: Command, method: str, answer: bytes) -> None:
    with Ledger(lambda seen: answer) as target:
        (folder / "w.toml").write_text(
            f'url = "{target.url}"\n[request.a]\n{method} = "/"\n[request.b]\n{method} = "/"\n'
        )
        done = command("check", "--try", "w.toml")
    assert (done.code, done.error) == (0, "")
    assert len({seen.connection for seen in target.seen}) == (2 if b"close" in answer else 1)


def test_each_host_has_its_connection_also_with_tls(folder: Path, command: Command) -> None:
    made = self_signed(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    with Ledger() as plain, Ledger(tls=context) as secure:
        requests = "".join(f'[request.{name}]\nget = "{url}/{name}"\n' for name, url in [
            ("a", plain.url), ("b", secure.url), ("c", plain.url), ("d", secure.url)
        ])  # fmt: skip
        (folder / "w.toml").write_text(f'url = "{plain.url}"\n{requests}')
        refused = command("check", "--try", "w.toml")
        trusted = command("check", "--try", "--cacert", made.cert, "w.toml")
        blind = command("check", "--try", "--insecure", "w.toml")
    assert (refused.code, refused.is_one_line(), trusted.code, blind.code) == (3, True, 0, 0)
    assert plain.by_path() == {"/a": 2, "/c": 2}
    assert secure.by_path() == {"/b": 2, "/d": 2}
    asked = {seen.connection for seen in secure.seen}
    assert len(asked) == 2  # one for each command that could send


def test_nobody_there_is_exit_3_and_a_target_that_is_not_allowed_exit_4(folder: Path, command: Command) -> None:
    port = free_port()
    assert command("check", "--try", f"http://127.0.0.1:{port}/").code == 3
    done = command("check", "--try", "--allow-target", "10.0.0.0/8", f"http://127.0.0.1:{port}/")
    assert (done.code, done.is_one_line()) == (4, True)
    assert "--allow-target" in done.error


def test_resolve_says_where_a_name_leads(folder: Path, command: Command) -> None:
    with Ledger() as target:
        done = command(
            "check", "--try", "--resolve", f"shop.test:{target.port}:127.0.0.1", f"http://shop.test:{target.port}/x"
        )
    assert done.code == 0
    assert target.seen[0].headers["host"] == f"shop.test:{target.port}"


SESSION = """\
url = "{url}"
[request.login]
post = "/login"
take = {{token = "json $.access", cart = "header Location"}}
[request.view]
get = "/view?t={{{{token}}}}"
[[scenario]]
name = "buy"
do = ["login", {{think = "200ms"}}, "view"]
"""


def signs(seen: Seen) -> bytes:
    return response(b'{"access": "t-8642"}', 200 if seen.path == "/login" else 500, "Location: /cart/7")


def test_a_session_is_printed_in_full(folder: Path, command: Command) -> None:
    with Ledger(signs) as target:
        (folder / "w.toml").write_text(SESSION.format(url=target.url))
        done = command("check", "--try", "w.toml")
    lines = done.out.splitlines()
    assert (done.code, done.error) == (1, "gluten: 1 of 2 requests is not good: view\n")
    shown = ["── buy ──", f"login: POST {target.url}/login", "  token = ***", "  cart = /cart/7", "… 200ms of pause",
             f"view: GET {target.url}/view?t=***", "  the session ends here"]  # fmt: skip
    assert [line for line in lines if line in shown] == shown
    assert "t-8642" not in done.out


def test_json_says_what_was_taken(folder: Path, command: Command) -> None:
    with Ledger(signs) as target:
        (folder / "w.toml").write_text(SESSION.format(url=target.url))
        login, view = command("check", "--try", "--format", "json", "w.toml").json["requests"]
    assert (login["taken"], login["session"], login["pause"]) == ({"token": "***", "cart": "/cart/7"}, "buy", 0)
    assert (view["pause"], view["ended"]) == (0.2, True)


def test_the_format_is_of_try_alone(folder: Path, command: Command) -> None:
    (folder / "w.toml").write_text(EXAMPLE)
    assert command("check", "--format", "json", "w.toml").code == 2
    assert command("check", "w.toml", GLUTEN_FORMAT="json").code == 0
    assert command("check", "--try", "--format", "html", "w.toml").code == 2


def test_without_try_nothing_is_sent(folder: Path, command: Command) -> None:
    with Ledger() as target:
        (folder / "w.toml").write_text(EXAMPLE.replace("http://127.0.0.1:8080", target.url))
        assert command("check", "w.toml", GLUTEN_TRY="1").code == 0
        assert target.connections == 0


def test_the_example_is_good(folder: Path, command: Command) -> None:
    with Ledger() as target:
        (folder / "w.toml").write_text(EXAMPLE.replace("http://127.0.0.1:8080", target.url))
        done = command("check", "--try", "w.toml")
    assert done.code == 0
    assert target.by_path() == {"/": 1, "/search": 1, "/orders": 1}


def test_trace_is_sent(folder: Path, command: Command) -> None:
    with Ledger() as target:
        assert command("check", "--try", "--trace", target.url + "/").code == 0
    assert target.seen[0].headers["traceparent"].startswith("00-")
