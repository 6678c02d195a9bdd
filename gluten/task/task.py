"""What a person asks for: a `Task`. A value, checked when it is made; it never changes.

Every front (command line, gRPC, web form) builds a task by `Task(...)` and gets the same words when
something is wrong: a `TaskError` that names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from gluten.errors import TaskError
from gluten.task.fields import BY_NAME, FIELDS, Field, Kind, Secret, default, fields_of
from gluten.task.host_names import bare_name
from gluten.task.limits import DEFAULT_CONNECTIONS, MAX_THREADS
from gluten.task.secrets import HIDDEN, is_redacted, redact
from gluten.task.validate import check

Header = tuple[str, str]
Stage = tuple[float, float]


class _Fields(NamedTuple):
    """The fields of a task, which are not checked yet."""

    url: str
    threads: int | None = default("threads")
    connections: int | None = default("connections")
    duration: float | None = default("duration")
    requests: int | None = default("requests")
    rate: float | None = default("rate")
    stages: tuple[Stage, ...] = default("stages")
    method: str = default("method")
    body: bytes = default("body")
    headers: tuple[Header, ...] = default("headers")
    timeout: float = default("timeout")
    keepalive: bool = default("keepalive")
    insecure: bool = default("insecure")
    cacert: str = default("cacert")
    cert: str = default("cert")
    key: str = default("key")
    resolve: tuple[str, ...] = default("resolve")
    max_body: int = default("max_body")
    name: str = default("name")
    on_loss: str = default("on_loss")
    split: str = default("split")
    secret: bool = default("secret")


class Task(_Fields):
    """One load test as asked, over the whole cluster. `task/fields` has a row for each field.

    `threads`, `connections`, `requests` and `rate` (requests/s) are totals over all nodes. `threads` None: not known
    before it is known who loads (`resolved`). `connections` None: at a rate they are elastic (`plan/elastic`), in a
    closed loop the default. `duration` and `timeout` are seconds; `stages` are points (second, requests/s), linear
    between them; `duration` is None where only `requests` ends the run. `cacert`, `cert` and `key` are PEM texts: a
    task names no file of any node. `secret`: the body and the headers' values are secrets. Raises `TaskError`.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers know the arguments from the fields

        def __new__(cls, *values, **named):
            task = super().__new__(cls, *values, **named)
            check(task)
            return task

    def _replace(self, **changed: Any) -> Task:
        """The task with other values of some fields, checked. Raises `TaskError`."""
        return Task(**(self._asdict() | changed))

    def __repr__(self) -> str:
        """Without its secrets: it may end up in a log."""
        return f"Task({', '.join(f'{name}={value!r}' for name, value in self.redacted().items())})"

    @property
    def target(self) -> SplitResult:
        """The parsed URL: scheme, hostname and port are sound."""
        return urlsplit(self.url)

    @property
    def port(self) -> int:
        return self.target.port or (443 if self.target.scheme == "https" else 80)

    @property
    def kept(self) -> bool:
        """True where a connection carries more than one request: not where we say `close` on it (RFC 9112, 9.6)."""
        words = [word for name, value in self.headers if name.lower() == "connection" for word in value.split(",")]
        return self.keepalive and "close" not in {word.strip().lower() for word in words}

    @property
    def open_loop(self) -> bool:
        """True where requests are due by a schedule, whatever the target does."""
        return self.rate is not None or bool(self.stages)

    @property
    def elastic(self) -> bool:
        """True where connections are opened as they are needed."""
        return self.open_loop and self.connections is None

    @property
    def thread_count(self) -> int:
        """The threads of a task that is `resolved`. Raises ValueError for another."""
        if self.threads is None:
            raise ValueError("a task without a number of threads")
        return self.threads

    def resolved(self, threads: int) -> Task:
        """The task with `threads`, where it asks for no number: at most as many as it asks for connections. In a closed
        loop with connections, too."""
        count = self.threads
        if count is None:
            count = max(1, min(threads, MAX_THREADS, self.connections or MAX_THREADS))
        connections = self.connections
        if connections is None and not self.open_loop:
            connections = max(DEFAULT_CONNECTIONS, count)
        return self._replace(threads=count, connections=connections)

    @property
    def peak(self) -> float | None:
        """The highest rate that is asked, in requests/s over the cluster; None in a closed loop, which has no limit."""
        return max((rate for _, rate in self.stages), default=self.rate)

    @property
    def ruled_addresses(self) -> list[str]:
        """What `resolve` says in place of a resolver."""
        if not self.resolve:
            return []
        rules, wanted = (
            [rule.split(":", 2) for rule in self.resolve],
            (bare_name(self.target.hostname or ""), self.port),
        )
        return [address.strip("[]") for name, port, address in rules if (bare_name(name), int(port)) == wanted]

    def to_map(self) -> dict[str, Any]:
        """Plain values (str, int, float, bytes, list), for the wire and the store."""
        return {name: _plain(value) for name, value in self._asdict().items()}

    @classmethod
    def from_map(cls, values: Mapping[str, Any]) -> Task:
        """The inverse of `to_map`, for values that nobody has checked. Raises `TaskError`."""
        extra = sorted(set(map(str, values)) - set(cls._fields))
        if extra:
            raise TaskError(extra[0], f"{extra[0]}: a task has no such field")
        fixed = dict(values)
        try:
            for field in fields_of(*_TUPLES):
                if field.name in fixed:
                    fixed[field.name] = _TUPLES[field.kind](fixed[field.name])
            return cls(**fixed)
        except TaskError:
            raise
        except (TypeError, ValueError) as error:
            raise TaskError("task", f"the task cannot be read: {error}") from None

    def public(self) -> Task:
        """The task without its secrets, each `***`: what may be written down."""
        shown = {field.name: redact(field, getattr(self, field.name), self.secret) for field in FIELDS}
        return self._replace(**shown)

    @property
    def withheld(self) -> list[str]:
        """Fields of which something is missing, because the task was written down or shown as `public`."""
        return [field.name for field in FIELDS if is_redacted(field, getattr(self, field.name))]

    def missing(self) -> list[TaskError]:
        """What to say of each secret that is missing."""
        text = f"{HIDDEN} stands for a secret, which is kept nowhere: write it again"
        return [TaskError(name, f"{name}: {text}") for name in self.withheld]

    def check_whole(self) -> None:
        """Raises `TaskError` where a secret is missing."""
        for error in self.missing():
            raise error

    def redacted(self) -> dict[str, Any]:
        """`to_map` for people's eyes: secrets out, body as text."""
        shown = self.public().to_map()
        return {name: _shown(BY_NAME[name], value) for name, value in shown.items()}


def _shown(field: Field, value: Any) -> Any:
    match field.kind:
        case Kind.HEADERS:
            return [[name, _readable(text)] for name, text in value]
        case Kind.BODY:
            return value[:4096].decode("utf-8", "replace").replace("\x00", "\ufffd")
        case Kind.PEM if value and field.secret is Secret.NOTHING:
            return "(PEM)"
        case _:
            return value


def _readable(text: str) -> str:
    """Without the bytes that are not UTF-8, which no page and no report can hold."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _pairs(values: Any) -> tuple[Any, ...]:
    return tuple(tuple(pair) for pair in values)


_TUPLES: dict[Kind, Callable[[Any], tuple[Any, ...]]] = {
    Kind.STAGES: _pairs,
    Kind.HEADERS: _pairs,
    Kind.RULES: tuple,
}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
