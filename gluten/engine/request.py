"""The bytes of a task's request, built once; every request of a run is the same."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

from gluten.load.names import ascii_name, unzoned
from gluten.load.task import Task
from gluten.version import __version__

_BODYLESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def build(task: Task) -> bytes:
    """Request line, headers and body, HTTP/1.1 (RFC 9112). Headers of the task win over ours."""
    given = {name.lower() for name, _ in task.headers}
    lines = [f"{task.method} {_path(task)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in _ours(task) if name.lower() not in given]
    lines += [f"{name}: {value}" for name, value in task.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + task.body


def _ours(task: Task) -> list[tuple[str, str]]:
    headers = [("Host", _host(task)), ("User-Agent", f"gluten/{__version__}"), ("Accept", "*/*")]
    user = task.target.username
    if user is not None:
        headers.append(("Authorization", _basic(user, task.target.password or "")))
    if task.body or task.method not in _BODYLESS:
        headers.append(("Content-Length", str(len(task.body))))
    if not task.keepalive:
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
    """Path and query as written; what a request line may not carry is percent-encoded."""
    parts = task.target
    path = parts.path or "/"
    return quote(path + ("?" + parts.query if parts.query else ""), safe="/?#[]@!$&'()*+,;=:%~-._")
