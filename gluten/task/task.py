"""The load test that a person asks for: a `Task`. It is checked when it is made, and never changes.

The command line, gRPC and the web form all make a task by `Task(...)`. So they show the same message when something is
wrong: a `TaskError` that names the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from gluten.errors import TaskError
from gluten.task.fields import BY_NAME, FIELDS, Field, Kind, Secret, default, fields_of
from gluten.task.host_names import bare_name, bracketed
from gluten.task.limits import DEFAULT_CONNECTIONS, MAX_RATE, MAX_THREADS, SEARCH_FROM, SESSION_DRAIN
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
    seed: int = default("seed")
    slo: tuple[str, ...] = default("slo")
    slo_sure: bool = default("slo_sure")
    trace: bool = default("trace")
    workload: str = default("workload")
    env: tuple[tuple[str, str], ...] = default("env")
    files: tuple[tuple[str, str], ...] = default("files")
    rows: tuple[tuple[str, int], ...] = default("rows")
    sessions: int | None = default("sessions")
    drain: float | None = default("drain")
    pace: float | None = default("pace")
    ramp: float | None = default("ramp")
    warmup: float | None = default("warmup")
    arrivals: str = default("arrivals")
    find_capacity: bool = default("find_capacity")
    search_from: float | None = default("search_from")
    search_to: float | None = default("search_to")
    precision: float = default("precision")
    hold: float = default("hold")
    at_least: float | None = default("at_least")
    http2: bool = default("http2")
    streams: int = default("streams")
    redirects: int | None = default("redirects")
    outranking: tuple[str, ...] = default("outranking")


class Task(_Fields):
    """One load test as asked, over the whole cluster. `task/fields` has a row for each field.

    `threads`, `connections`, `requests` and `rate` (requests/s) are totals over all nodes. `threads` None: not known
    before it is known who loads (`resolved`). `connections` None: at a rate they are elastic (`plan/elastic`), in a
    closed loop the default. `duration` and `timeout` are seconds; `stages` are points (second, requests/s), linear
    between them; `duration` is None where only `requests` ends the run. With `http2` a connection carries up to
    `streams` requests at once, so `connections` x `streams` are in flight at most. `redirects`: how many of a request
    are followed; None: none, or as the workload file says. `cacert`, `cert` and `key` are PEM texts: a task names no
    file of any node. `secret`: the body and the headers' values are secrets.

    `drain`, `pace`, `ramp` and `warmup` are seconds; None: not asked for. A `drain` of None is the timeout, or 30 s for
    scenarios.

    `find_capacity`: the run searches for the highest rate at which its SLOs hold, within its duration. It begins at
    `search_from`, goes no higher than `search_to` (requests/s; None: the default, no bound) and is to be exact to
    `precision`, a share. The answer is held for `hold` seconds, at most twice. Connections are elastic, and
    `connections` bounds them. `at_least` is the rate that has to hold.

    `workload` is the text of a workload file, or empty. With it `url` is the base of its requests, and what else the
    file says for all of them stands in the ordinary fields, as `workload/task_of` has put it there; requests, feeds and
    variables are read from the text. `env` and `files` are what the text names. `rows` are how many each feed
    has; whoever begins the run counts them. `outranking` are the names of those headers that replace a request's own of
    that name, too. Raises `TaskError`.
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
        """Without secrets, since it may end up in a log."""
        return f"Task({', '.join(f'{name}={value!r}' for name, value in self.redacted().items())})"

    @property
    def target(self) -> SplitResult:
        """The parsed URL. Its scheme, hostname and port are valid."""
        return urlsplit(self.url)

    @property
    def port(self) -> int:
        return self.target.port or (443 if self.target.scheme == "https" else 80)

    @property
    def authority(self) -> str:
        """HOST:PORT of the target."""
        return f"{bracketed(self.target.hostname or '')}:{self.port}"

    @property
    def kept(self) -> bool:
        """True if a connection carries more than one request. It does not if we send `close` on it (RFC 9112, 9.6)."""
        words = [word for name, value in self.headers if name.lower() == "connection" for word in value.split(",")]
        return self.keepalive and "close" not in {word.strip().lower() for word in words}

    @property
    def open_loop(self) -> bool:
        """True if requests are due by a schedule, whatever the target does."""
        return self.rate is not None or bool(self.stages) or self.find_capacity

    @property
    def elastic(self) -> bool:
        """True if connections are opened as they are needed."""
        return self.open_loop and (self.connections is None or self.find_capacity)

    @property
    def follows_url(self) -> bool:
        """True for a single URL whose redirects are followed. The engine makes it a workload of one request."""
        return bool(self.redirects) and not self.workload

    @property
    def thread_count(self) -> int:
        """The number of threads of a `resolved` task. Raises ValueError for another task."""
        if self.threads is None:
            raise ValueError("a task without a number of threads")
        return self.threads

    def resolved(self, threads: int) -> Task:
        """The task with a number of threads: `threads` if it asks for none, but at most as many as its connections. In
        a closed loop its connections are resolved, too."""
        count = self.threads
        if count is None:
            count = max(1, min(threads, MAX_THREADS, self.connections or MAX_THREADS))
        connections = self.connections
        if connections is None and not self.open_loop:
            connections = max(DEFAULT_CONNECTIONS, count)
        return self._replace(threads=count, connections=connections)

    @property
    def peak(self) -> float | None:
        """The highest asked rate, in requests/s over the cluster. None in a closed loop, which has no limit. Of a
        search for the capacity: the rate with which it begins."""
        if self.find_capacity:
            return min(self.search_from or SEARCH_FROM, self.search_to or MAX_RATE)
        return max((rate for _, rate in self.stages), default=self.rate)

    @property
    def ruled_addresses(self) -> list[str]:
        """The addresses that `resolve` gives in place of a resolver."""
        if not self.resolve:
            return []
        rules, wanted = (
            [rule.split(":", 2) for rule in self.resolve],
            (bare_name(self.target.hostname or ""), self.port),
        )
        return [address.strip("[]") for name, port, address in rules if (bare_name(name), int(port)) == wanted]

    @property
    def longest_drain(self) -> float:
        """For how long (s) sessions under way may go on after the load's end, at most."""
        if self.drain is not None:
            return self.drain
        return SESSION_DRAIN if self.workload else 0.0

    def to_map(self) -> dict[str, Any]:
        """Plain values (str, int, float, bytes, list, dict), for the wire and the store."""
        maps = {field.name for field in fields_of(*_MAPS)}
        return {name: dict(value) if name in maps else _plain(value) for name, value in self._asdict().items()}

    @classmethod
    def from_map(cls, values: Mapping[str, Any]) -> Task:
        """The inverse of `to_map`. It checks the values. Raises `TaskError`."""
        extra = sorted(set(map(str, values)) - set(cls._fields))
        if extra:
            raise TaskError(extra[0], f"{extra[0]}: a task has no such field")
        try:
            return cls(**typed(values))
        except TaskError:
            raise
        except (TypeError, ValueError) as error:
            raise TaskError("task", f"the task cannot be read: {error}") from None

    def public(self) -> Task:
        """The task with `***` in place of each secret. This may be stored and shown."""
        shown = {field.name: redact(field, getattr(self, field.name), self.secret) for field in FIELDS}
        if self.workload:
            # Here, because only a workload file needs the scanner of TOML.
            from gluten.task.workload_secrets import redact_variables, redact_workload

            shown |= {
                "workload": redact_workload(self.workload, self.secret),
                "env": redact_variables(self.workload, self.env),
            }
        return self._replace(**shown)

    @property
    def withheld(self) -> list[str]:
        """The fields in which something is missing, because the task was stored or shown as `public`."""
        found = [field.name for field in FIELDS if is_redacted(field, getattr(self, field.name))]
        if self._hides_workload():
            found.append("workload")
        return [*found, "env"] if HIDDEN in dict(self.env).values() else found

    def _hides_workload(self) -> bool:
        """Whether something is missing in the text of the workload file."""
        if not self.workload:
            return False
        from gluten.task.workload_secrets import hides_secrets  # as in `public`

        return hides_secrets(self.workload)

    def missing(self) -> list[TaskError]:
        """An error for each secret that is missing."""
        text = f"{HIDDEN} stands for a secret, which is kept nowhere: write it again"
        return [TaskError(name, f"{name}: {text}") for name in self.withheld]

    def check_whole(self) -> None:
        """Raises `TaskError` if a secret is missing."""
        for error in self.missing():
            raise error

    def redacted(self) -> dict[str, Any]:
        """`to_map` for people: without secrets, and with the body as text."""
        return self.public().shown()

    def shown(self) -> dict[str, Any]:
        """The same of a task that is `public` already."""
        return {name: _shown(BY_NAME[name], value) for name, value in self.to_map().items()}


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a map with tuples in place of lists. Raises TypeError, ValueError where that cannot be."""
    return {
        name: _TUPLES[BY_NAME[name].kind](value) if BY_NAME[name].kind in _TUPLES else value
        for name, value in values.items()
    }


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
    """The text without bytes that are not UTF-8. No page and no report can hold those."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _pairs(values: Any) -> tuple[Any, ...]:
    return tuple(tuple(pair) for pair in values)


def _items(values: Any) -> tuple[Any, ...]:
    """A map has no order on the wire: sorted, so that equal tasks are equal."""
    return tuple(sorted(dict(values).items()))


_MAPS = (Kind.ENV, Kind.FILES, Kind.ROWS)
_TUPLES: dict[Kind, Callable[[Any], tuple[Any, ...]]] = {
    Kind.STAGES: _pairs,
    Kind.HEADERS: _pairs,
    Kind.RULES: tuple,
    Kind.SLOS: tuple,
    Kind.NAMES: tuple,
    **dict.fromkeys(_MAPS, _items),
}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
