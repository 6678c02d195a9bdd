"""What a task may be: each check raises a `TaskError` that names the field. Everything that has a size has a limit.

Nothing that is refused is repeated in the refusal where it may be a secret.
"""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gluten.errors import TaskError
from gluten.task.host_names import MAX_LABEL, ascii_name
from gluten.task.secrets import HIDDEN, blunt

Task = Any
"""A `gluten.task.task.Task` whose values nobody has checked yet, so each may be of any type."""

ON_LOSS = ("rebalance", "continue", "fail")
SPLIT = ("cores", "even")
DEFAULT_DURATION = 10.0
DEFAULT_CONNECTIONS = 10
MAX_THREADS = 100_000
MAX_CONNECTIONS = 1_000_000
MAX_DURATION = 30 * 86400.0
MAX_RATE = 1e8
MAX_REQUESTS = 10**13
# What fits, with a subtask's threads, in one message of 4 MiB on the bus and in gRPC.
MAX_BODY = 2 << 20
MAX_URL = 16 << 10
MAX_NAME = 253
MAX_HEADERS, MAX_HEADER_BYTES = 200, 64 << 10
MAX_STAGES = 1000
MAX_RULES, MAX_RULE = 100, 300
MAX_METHOD = 40
MAX_AUTHORITIES, MAX_PEM = 512 << 10, 64 << 10
PEM = "-----BEGIN"
"""How a certificate or key begins."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RULE = re.compile(r"[^:\s\x00-\x20\x7f\ud800-\udfff]+:\d{1,5}:[^\s\x00-\x20\x7f\ud800-\udfff]+")
# Any bytes but control characters: a line break would be a second request. U+DC80 to U+DCFF: bytes that are not UTF-8.
_FIELD_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udc7f\udd00-\udfff]*")


def check(task: Task) -> None:
    """Raises `TaskError` for the first thing that is wrong."""
    for rule in (_check_url, _check_numbers, _check_stages, _check_request, _check_words, _check_pem):
        rule(task)


def _check_url(task: Task) -> None:
    if not isinstance(task.url, str):
        raise TaskError("url", "url: must be a text, such as http://127.0.0.1:8080/")
    if len(task.url) > MAX_URL:
        raise TaskError("url", f"url: {len(task.url)} characters; at most {MAX_URL}")
    shown = blunt(task.url)[:200]
    parts = _parted(task.url, shown)
    if parts.scheme not in ("http", "https") or "://" not in task.url:
        raise TaskError("url", f"url: {shown!r} needs http:// or https:// in front, such as http://host:8080/")
    if re.search(r"[\x00-\x20\x7f]", task.url):
        raise TaskError("url", f"url: {shown!r} has a space or control character; write it as %20")
    if not is_utf8(task.url):
        raise TaskError("url", f"url: {shown!r} has bytes that are not UTF-8; write them as %XX")
    if not _is_host(parts.hostname or "", parts.netloc.rpartition("@")[2]):
        raise TaskError("url", f"url: {shown!r} names no host, or one that cannot be")
    if parts.scheme == "https" and len(ascii_name(parts.hostname or "")) > MAX_NAME:
        raise TaskError("url", f"url: {shown!r}: a host's name has at most {MAX_NAME} characters")


def _parted(url: str, shown: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        wrong_port = parts.port == 0
    except ValueError as error:
        wrong_port = "port" in str(error).lower()
        if not wrong_port:
            raise TaskError("url", f"url: {shown!r}: it cannot be read") from None
    if wrong_port:
        raise TaskError("url", f"url: {shown!r}: its port is not a number from 1 to 65535")
    return parts


def is_utf8(text: str) -> bool:
    """Bytes of a command line that are not UTF-8 come as lone surrogates, and JSON can have them, too."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_storable(text: str) -> bool:
    """Whether databases, JSON and names of files keep the text as it is: UTF-8 without a NUL."""
    return "\x00" not in text and is_utf8(text)


def _is_host(host: str, place: str) -> bool:
    """An address in brackets with nothing but a port behind, or labels that a resolver can be asked for (RFC 1035)."""
    if place.startswith("["):
        return re.fullmatch(r"\[[^]]+\](:\d*)?", place) is not None
    try:
        host = ascii_name(host)
    except UnicodeError:
        return False
    return all(0 < len(label) <= MAX_LABEL for label in host.removesuffix(".").split("."))


def _check_numbers(task: Task) -> None:
    if task.threads is not None:
        _whole("threads", task.threads, 1, MAX_THREADS)
    if task.connections is not None:
        _whole("connections", task.connections, 1, MAX_CONNECTIONS)
    if task.connections is not None and task.threads is not None and task.connections < task.threads:
        raise TaskError(
            "connections",
            f"connections: {task.connections} is below threads {task.threads}; each thread needs at least one",
        )
    if task.requests is not None:
        _whole("requests", task.requests, 1, MAX_REQUESTS)
    if task.duration is not None:
        _positive("duration", task.duration, MAX_DURATION, "seconds")
    elif task.requests is None:
        raise TaskError("duration", "duration: a run needs a duration or a number of requests to end")
    if task.rate is not None:
        _positive("rate", task.rate, MAX_RATE, "requests/s")
    _positive("timeout", task.timeout, 86400.0, "seconds")
    _whole("max_body", task.max_body, 1, 1 << 50)


def _check_stages(task: Task) -> None:
    if not task.stages:
        return
    if len(task.stages) > MAX_STAGES:
        raise TaskError("stages", f"stages: {len(task.stages)} points; at most {MAX_STAGES}")
    if task.rate is not None:
        raise TaskError("stages", "stages: give either a rate or stages, not both")
    _check_points(task)
    if max(rate for _, rate in task.stages) <= 0:
        raise TaskError("stages", "stages: no point has a rate above 0")
    if task.duration is None and task.stages[-1][1] == 0:
        raise TaskError("stages", "stages: the last rate is 0 and there is no duration: the run might never end")


def _check_points(task: Task) -> None:
    for point in task.stages:
        if len(point) != 2 or not all(_is_number(value) for value in point):
            raise TaskError("stages", f"stages: {point!r} is not (second, requests/s)")
        if point[0] > MAX_DURATION or not 0 <= point[1] <= MAX_RATE or point[0] < 0:
            raise TaskError("stages", f"stages: {point!r} is out of range")
    times = [when for when, _ in task.stages]
    if times != sorted(set(times)):
        raise TaskError("stages", "stages: the times must rise from point to point")


def _check_request(task: Task) -> None:
    if not isinstance(task.method, str) or len(task.method) > MAX_METHOD or not TOKEN.fullmatch(task.method):
        raise TaskError("method", f"method: {str(task.method)[:MAX_METHOD]!r} is not a method, such as GET or POST")
    if not isinstance(task.body, bytes):
        raise TaskError("body", "body: must be bytes")
    if len(task.body) > MAX_BODY:
        raise TaskError("body", f"body: longer than {MAX_BODY >> 20} MiB, which is what fits in a task")
    _check_headers(task)
    if len(task.resolve) > MAX_RULES:
        raise TaskError("resolve", f"resolve: {len(task.resolve)} rules; at most {MAX_RULES}")
    for rule in task.resolve:
        if not isinstance(rule, str) or len(rule) > MAX_RULE or not _RULE.fullmatch(rule):
            raise TaskError("resolve", f"resolve: {str(rule)[:80]!r} is not HOST:PORT:ADDR, such as a.test:80:10.0.0.1")


def _check_headers(task: Task) -> None:
    for header in task.headers:
        if len(header) != 2 or not all(isinstance(part, str) for part in header):
            raise TaskError("headers", "headers: each must be a pair of texts, a name and a value")
        if not TOKEN.fullmatch(header[0]):
            raise TaskError("headers", f"headers: {header[0][:40]!r} is not a header's name")
        if not _FIELD_VALUE.fullmatch(header[1]):
            raise TaskError("headers", f"headers: {header[0][:40]}: a line break or another control character")
    size = sum(len(name) + len(value.encode("utf-8", "surrogateescape")) + 4 for name, value in task.headers)
    if len(task.headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
        most = f"at most {MAX_HEADERS} with {MAX_HEADER_BYTES >> 10} KiB in all"
        raise TaskError("headers", f"headers: {len(task.headers)} with {size} bytes; {most}")


def _check_words(task: Task) -> None:
    if task.on_loss not in ON_LOSS:
        raise TaskError("on_loss", f"on-loss: {task.on_loss!r} is not one of {', '.join(ON_LOSS)}")
    if task.split not in SPLIT:
        raise TaskError("split", f"split: {task.split!r} is not one of {', '.join(SPLIT)}")
    for name in ("keepalive", "insecure", "secret"):
        if not isinstance(getattr(task, name), bool):
            raise TaskError(name, f"{name}: must be true or false")
    if not isinstance(task.name, str) or len(task.name) > 200 or not is_storable(task.name):
        raise TaskError("name", "name: must be a text (UTF-8, no NUL) of at most 200 characters")


def _check_pem(task: Task) -> None:
    """Texts alone: a path would have each node read a file of its own that somebody else has named."""
    for name, most in (("cacert", MAX_AUTHORITIES), ("cert", MAX_PEM), ("key", MAX_PEM)):
        text = getattr(task, name)
        if not isinstance(text, str) or (text and text != HIDDEN and (PEM not in text or not is_storable(text))):
            raise TaskError(name, f"{name}: must be the text of a PEM file ({PEM} …), not its path")
        if len(text) > most:
            raise TaskError(name, f"{name}: {len(text)} characters; at most {most >> 10} KiB")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _whole(name: str, value: Any, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        shown = name.replace("_", "-")
        raise TaskError(name, f"{shown}: {value!r} is not allowed; a whole number from {least} to {most}")


def _positive(name: str, value: Any, most: float, unit: str) -> None:
    if not _is_number(value) or not 0 < value <= most:
        raise TaskError(name, f"{name}: {_plain(value)} is not allowed; above 0 and at most {most:.0f} {unit}")


def _plain(value: Any) -> str:
    """A number as a person writes it."""
    return f"{value:.0f}" if _is_number(value) and value == int(value) else repr(value)
