"""The bytes of a task's request, built once; every request of a run is the same."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from gluten.task.host_names import ascii_name, unzoned
from gluten.task.task import Task
from gluten.version import __version__

_TARGET = re.compile("[^/]*//[^/?#]*([^#]*)(?:#.*)?")
BODYLESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
"""Methods whose requests say no length where they have no body (RFC 9110, 8.6)."""


def build(task: Task) -> bytes:
    """Request line, headers and body, HTTP/1.1 (RFC 9112). Headers of the task win over ours, in the bytes that were
    typed: text is UTF-8, and a byte of a command line that is not comes as a lone surrogate."""
    given = {name.lower() for name, _ in task.headers}
    if "transfer-encoding" in given:
        # The body is coded as it is given; a length beside that must not be sent (RFC 9112, 6.2).
        given.add("content-length")
    lines = [f"{task.method} {_path(task)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in own_headers(task) if name.lower() not in given]
    lines += [f"{name}: {value}" for name, value in task.headers]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + task.body


def own_headers(task: Task) -> list[tuple[str, str]]:
    """The headers that we send where the task does not say them."""
    headers = [("Host", _host(task)), ("User-Agent", f"gluten/{__version__}"), ("Accept", "*/*")]
    user = task.target.username
    if user is not None:
        headers.append(("Authorization", _basic(user, task.target.password or "")))
    if task.body or task.method not in BODYLESS:
        headers.append(("Content-Length", str(len(task.body))))
    if not task.keepalive and not task.http2:  # which forbids this header
        headers.append(("Connection", "close"))
    return headers


def _basic(user: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(unquote_to_bytes(user) + b":" + unquote_to_bytes(password)).decode()


def _host(task: Task) -> str:
    parts = task.target
    host = parts.hostname or ""
    # The zone of an IPv6 address means something on this host alone (RFC 6874, section 4).
    host = f"[{unzoned(host)}]" if ":" in host else ascii_name(host)
    return host if parts.port is None else f"{host}:{parts.port}"


def _path(task: Task) -> str:
    """Path and query as they were written. What no server may take is percent-encoded, as browsers do."""
    found = _TARGET.fullmatch(task.url)
    target = found[1] if found else ""
    return quote(target if target.startswith("/") else "/" + target, safe="/?#[]@!$&'()*+,;=:%~-._\\^`{|}")
