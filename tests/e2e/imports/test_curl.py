"""What curl sends, and what the import of the same command sends, is the same."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest

from tests.support.e2e.programs import gluten
from tests.support.needs import find_program
from tests.support.served import served

pytestmark = pytest.mark.needs("curl")

OF_THE_CLIENT = {"host", "user-agent", "content-length", "connection", "expect"}
"""Headers in which two clients may differ; `Accept: */*` is curl's own."""


class Asked(NamedTuple):
    method: str
    target: Any
    headers: dict[str, str]
    body: Any


def _meaning(kind: str, body: bytes) -> Any:
    """The same for all ways to write a value."""
    if kind == "application/json":
        return json.loads(body, parse_float=str)
    return parse_qsl(body.decode(), keep_blank_values=True) if kind == "application/x-www-form-urlencoded" else body


def _target(path: str) -> Any:
    """`+` and `%20` are the same in a query."""
    front, _, query = path.partition("?")
    return front, parse_qsl(query, keep_blank_values=True)


class Listener(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Listener

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kept = {name.lower(): text for name, text in self.headers.items() if name.lower() not in OF_THE_CLIENT}
        kept = {name: text for name, text in kept.items() if (name, text) != ("accept", "*/*")}
        kept["accept-encoding"] = "gzip" if "gzip" in kept.get("accept-encoding", "") else ""
        kind, _, boundary = kept.get("content-type", "").partition("; boundary=")
        if boundary:  # each client has its own
            kept["content-type"], body = kind, body.replace(boundary.encode(), b"BOUNDARY")
        self.server.asked.append(Asked(self.command, _target(self.path), kept, _meaning(kind, body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_HEAD = do_PURGE = handle_one


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    with served(made):
        yield made


@pytest.mark.parametrize(
    "options",
    [
        "-g '/a?x={{y}}&z=%20b'",
        "/a -X PURGE -H 'X-Odd: {{x}} ${y} \"z\"' -H 'X-Empty;'",
        "/a -d a=b -d 'c=d+e%26f'",
        "/a --data-urlencode 'q=a b&c=ü' --data-urlencode '=plain'",
        "/a -d 'no form at all, {{x}}'",
        '/a --json \'{"a": [1, null, 1.50, "ü{{"]}\'',
        r"/a -H 'Content-Type: application/json' -d $'{\"it\'s\": \"\u00fc\"}'",
        "-G /a?x=1 -d y=2 --data-urlencode 'z=a b'",
        "/a --data-binary @body.bin -H 'Content-Type: image/png'",
        "-T body.bin /up",
        "-F 'title=@x' -F n=1 /up",
        "-F 'photo=@photo.png;type=image/png' -F n=1 /up",
        "-u 'ann:pass word' /a",
        "-b 'lang=de; id=5f9c1a7be4b0' --compressed -A me -e http://r/ /a",
        "-I /a",
    ],
)
def test_the_same_is_sent(options: str, listener: Listener, tmp_path: Path) -> None:
    (tmp_path / "body.bin").write_bytes(bytes(range(256)))
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    base = f"http://127.0.0.1:{listener.server_address[1]}"
    options = options.replace("'title=@x'", "--form-string title=@x").replace("-F --form-string", "--form-string")
    command = "curl -sS " + re.sub(r"(?:^|(?<=[ ']))/", f"{base}/", options, count=1)
    listener.asked.clear()
    bash = [find_program("bash"), "-c", command.replace("curl", shlex.quote(find_program("curl")), 1)]
    subprocess.run(bash, cwd=tmp_path, check=True, capture_output=True, timeout=30)
    imported = gluten(tmp_path, "import", "curl", command, "-o", "load.toml")
    assert (imported.code, imported.error) == (0, "")
    secrets = {"PASSWORD": "pass word", "COOKIE_ID": "5f9c1a7be4b0"}
    tried = gluten(tmp_path, "check", "load.toml", "--try", **secrets)
    assert (tried.code, tried.error) == (0, ""), tried.out
    by_curl, by_import = listener.asked
    assert by_import == by_curl
