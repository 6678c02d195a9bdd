"""What a person asks for: a `Task`. A value, checked when it is made; it never changes.

Every front (command line, gRPC, web form) builds a task by `Task(...)` and gets the same words when
something is wrong: a `TaskError` that names the field.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gluten.errors import TaskError

ON_LOSS = ("rebalance", "continue", "fail")
SPLIT = ("cores", "even")
DEFAULT_DURATION = 10.0
MAX_THREADS = 100_000
MAX_CONNECTIONS = 1_000_000
MAX_DURATION = 30 * 86400.0
MAX_RATE = 1e8
MAX_REQUESTS = 10**13
MAX_BODY = 8 << 20

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A request's line and headers are latin-1; a line break in them would be a second request.
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"})

Header = tuple[str, str]
Stage = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Task:
    """One load test as asked, over the whole cluster.

    `threads`, `connections`, `requests` and `rate` (requests/s) are totals over all nodes; `duration`
    and `timeout` are seconds; `stages` are points (second, requests/s), linear between them;
    `duration` is None where only `requests` ends the run. `cacert`, `cert` and `key` are PEM texts, or paths of
    files that each loading node has. Raises `TaskError`.
    """

    url: str
    threads: int = 2
    connections: int = 10
    duration: float | None = DEFAULT_DURATION
    requests: int | None = None
    rate: float | None = None
    stages: tuple[Stage, ...] = ()
    method: str = "GET"
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    timeout: float = 2.0
    keepalive: bool = True
    insecure: bool = False
    cacert: str = ""
    cert: str = ""
    key: str = field(default="", repr=False)
    resolve: tuple[str, ...] = ()
    max_body: int = 64 << 20
    name: str = ""
    on_loss: str = "rebalance"
    split: str = "cores"

    def __post_init__(self) -> None:
        for check in (_check_url, _check_numbers, _check_stages, _check_request, _check_words):
            check(self)

    @property
    def target(self) -> SplitResult:
        """The parsed URL: scheme, hostname and port are sound."""
        return urlsplit(self.url)

    @property
    def port(self) -> int:
        return self.target.port or (443 if self.target.scheme == "https" else 80)

    @property
    def open_loop(self) -> bool:
        """True where requests are due by a schedule, whatever the target does."""
        return self.rate is not None or bool(self.stages)

    @property
    def peak(self) -> float | None:
        """The highest rate that is asked, in requests/s over the cluster; None in a closed loop, which has no limit."""
        return max((rate for _, rate in self.stages), default=self.rate)

    @property
    def ruled_addresses(self) -> list[str]:
        """What `resolve` says in place of a resolver."""
        rules, wanted = [rule.split(":", 2) for rule in self.resolve], (self.target.hostname or "", self.port)
        return [address.strip("[]") for name, port, address in rules if (name.lower(), int(port)) == wanted]

    def to_map(self) -> dict[str, Any]:
        """Plain values (str, int, float, bytes, list), for the wire and the store."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}

    @classmethod
    def from_map(cls, values: Mapping[str, Any]) -> Task:
        """The inverse of `to_map`, for values that nobody has checked. Raises `TaskError`."""
        known = {f.name for f in dataclasses.fields(cls)}
        extra = sorted(set(map(str, values)) - known)
        if extra:
            raise TaskError(extra[0], f"{extra[0]}: a task has no such field")
        fixed = dict(values)
        try:
            for key, cast in _TUPLES.items():
                if key in fixed:
                    fixed[key] = cast(fixed[key])
            return cls(**fixed)
        except TaskError:
            raise
        except (TypeError, ValueError) as error:
            raise TaskError("task", f"the task cannot be read: {error}") from None

    def redacted(self) -> dict[str, Any]:
        """`to_map` for people's eyes: secrets out, body as text."""
        shown = self.to_map()
        shown["url"] = redact_url(self.url)
        shown["headers"] = [[k, "***" if k.lower() in _SECRET_HEADERS else v] for k, v in self.headers]
        shown["body"] = self.body[:4096].decode("utf-8", "replace")
        shown["key"] = "***" if self.key else ""
        shown |= {name: "(PEM)" for name in ("cacert", "cert") if "\n" in shown[name]}
        return shown


def redact_url(url: str) -> str:
    """The URL without user-info."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return parts._replace(netloc="***@" + parts.netloc.rpartition("@")[2]).geturl()


def parse_stages(text: str, rate: Any, duration: Any) -> tuple[Stage, ...]:
    """`0s:0,30s:1k` as points; `rate` and `duration` read the two halves of each. Raises ValueError."""
    points = []
    for part in text.split(","):
        when, colon, value = part.partition(":")
        if not colon:
            raise ValueError(f"{part!r} is not TIME:RATE, such as 30s:1k")
        points.append((duration(when), rate(value)))
    return tuple(points)


def parse_header(text: str) -> Header:
    """`K: V` as a pair. Raises ValueError."""
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()):
        raise ValueError(f"{text!r} is not a header, such as 'Accept: text/html'")
    return name.strip(), value.strip()


def _pairs(values: Any) -> tuple[Any, ...]:
    return tuple(tuple(pair) for pair in values)


_TUPLES: dict[str, Callable[[Any], tuple[Any, ...]]] = {"stages": _pairs, "headers": _pairs, "resolve": tuple}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _check_url(task: Task) -> None:
    if not isinstance(task.url, str):
        raise TaskError("url", "url: must be a text, such as http://127.0.0.1:8080/")
    try:
        parts = urlsplit(task.url)
        port = parts.port
    except ValueError as error:
        raise TaskError("url", f"url: {task.url!r}: {error}") from None
    if parts.scheme not in ("http", "https") or "://" not in task.url:
        raise TaskError("url", f"url: {task.url!r} needs http:// or https:// in front, such as http://host:8080/")
    if not parts.hostname or port == 0:
        raise TaskError("url", f"url: {task.url!r} names no host or a wrong port")
    if re.search(r"[\x00-\x20\x7f]", task.url):
        raise TaskError("url", f"url: {task.url!r} has a space or control character; write it as %20")


def _check_numbers(task: Task) -> None:
    _whole("threads", task.threads, 1, MAX_THREADS)
    _whole("connections", task.connections, 1, MAX_CONNECTIONS)
    if task.connections < task.threads:
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
    if not isinstance(task.method, str) or not _TOKEN.fullmatch(task.method):
        raise TaskError("method", f"method: {task.method!r} is not a method, such as GET or POST")
    if not isinstance(task.body, bytes) or len(task.body) > MAX_BODY:
        raise TaskError("body", f"body: must be bytes, at most {MAX_BODY >> 20} MiB")
    _check_headers(task)
    for rule in task.resolve:
        if not isinstance(rule, str) or not re.fullmatch(r"[^:\s]+:\d+:\S+", rule):
            raise TaskError("resolve", f"resolve: {rule!r} is not HOST:PORT:ADDR, such as example.com:443:127.0.0.1")


def _check_headers(task: Task) -> None:
    for header in task.headers:
        if len(header) != 2 or not all(isinstance(part, str) for part in header):
            raise TaskError("headers", f"headers: {header!r} is not a pair of texts")
        if not _TOKEN.fullmatch(header[0]):
            raise TaskError("headers", f"headers: {header[0]!r} is not a header's name")
        if not _FIELD_VALUE.fullmatch(header[1]):
            raise TaskError("headers", f"headers: {header[0]}: a line break or a character beyond latin-1")


def _check_words(task: Task) -> None:
    if task.on_loss not in ON_LOSS:
        raise TaskError("on_loss", f"on-loss: {task.on_loss!r} is not one of {', '.join(ON_LOSS)}")
    if task.split not in SPLIT:
        raise TaskError("split", f"split: {task.split!r} is not one of {', '.join(SPLIT)}")
    for name in ("keepalive", "insecure"):
        if not isinstance(getattr(task, name), bool):
            raise TaskError(name, f"{name}: must be true or false")
    for name in ("name", "cacert", "cert", "key"):
        if not isinstance(getattr(task, name), str):
            raise TaskError(name, f"{name}: must be a text")
    if len(task.name) > 200:
        raise TaskError("name", "name: at most 200 characters")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _whole(name: str, value: Any, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        shown = name.replace("_", "-")
        raise TaskError(name, f"{shown}: {value!r} is not allowed; a whole number from {least} to {most}")


def _positive(name: str, value: Any, most: float, unit: str) -> None:
    if not _is_number(value) or not 0 < value <= most:
        raise TaskError(name, f"{name}: {value!r} is not allowed; above 0 and at most {most:g} {unit}")
