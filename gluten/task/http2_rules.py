"""What HTTP/2 allows of a task. Each rule raises a `TaskError` that names the field. Pure."""

from __future__ import annotations

from typing import Protocol

from gluten.errors import TaskError
from gluten.task.limits import MAX_CONNECTIONS

_OF_ONE_CONNECTION = frozenset(
    {"connection", "upgrade", "transfer-encoding", "keep-alive", "proxy-connection", "http2-settings"}
)
"""These say something about a connection of HTTP/1, and may not be sent (RFC 9113, 8.2.2)."""

ALPN = "h2"
"""The name of HTTP/2 over TLS (RFC 9113, 3.2)."""
NOT_SPOKEN = "the target does not speak HTTP/2 on this port: leave out --http2"


class Asked(Protocol):
    """The fields of a `Task`, before they are checked, that concern HTTP/2."""

    @property
    def http2(self) -> bool: ...
    @property
    def streams(self) -> int: ...
    @property
    def connections(self) -> int | None: ...
    @property
    def keepalive(self) -> bool: ...
    @property
    def method(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...


def check_http2(task: Asked) -> None:
    """Raises `TaskError` for what HTTP/2 forbids, and for streams that there cannot be."""
    if task.streams > 1:
        _check_streams(task)
    if task.http2:
        _check_request(task)


def _check_streams(task: Asked) -> None:
    if not task.http2:
        raise TaskError("streams", f"streams: {task.streams} needs --http2; HTTP/1.1 has one request at once")
    if not task.keepalive:
        raise TaskError("streams", f"streams: {task.streams} needs connections that are kept; leave out no-keepalive")
    if (task.connections or 1) * task.streams > MAX_CONNECTIONS:
        raise TaskError(
            "streams",
            f"streams: {task.streams} on each of {task.connections} connections; at most {MAX_CONNECTIONS} in all",
        )


def _check_request(task: Asked) -> None:
    if why := wrong_method(task.method):
        raise TaskError("method", f"method: {why}")
    for name, value in task.headers:
        if why := wrong_header(name, value):
            raise TaskError("headers", f"headers: {why}")


def wrong_method(method: str) -> str:
    """Why HTTP/2 cannot send a request with this method; empty if it can."""
    return "CONNECT opens a tunnel in HTTP/2, and sends no request" if method == "CONNECT" else ""


def wrong_header(name: str, value: str) -> str:
    """Why HTTP/2 cannot send this header; empty if it can."""
    if name.lower() in _OF_ONE_CONNECTION:
        return f"{name}: HTTP/2 forbids this header; leave it out"
    if name.lower() == "te" and value.strip().lower() != "trailers":
        return f"{name}: HTTP/2 allows the value trailers alone"
    return ""
