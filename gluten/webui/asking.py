"""JSON of a form or a script to a `Task`, and a task to the command line that asks for the same.

Field names are `Task`'s. Values are JSON numbers or the command line's texts (`"1.5k"`, `"30s"`), so the
words of an error are the command line's too.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from gluten.errors import TaskError
from gluten.load.task import DEFAULT_DURATION, Task, parse_header, parse_stages
from gluten.units import format_duration, parse_count, parse_duration, parse_rate, parse_size

Values = Mapping[str, Any]


def read_task(values: Values) -> Task:
    """Empty texts and nulls are not given. Raises `TaskError`, which names the field."""
    task, errors = check_task(values)
    if task is None:
        raise errors[0]
    return task


def check_task(values: Values) -> tuple[Task | None, list[TaskError]]:
    """The task, or everything that is wrong with the values, first things first."""
    fields: dict[str, Any] = {"url": ""}
    errors: list[TaskError] = []
    for name, value in values.items():
        if value is None or (isinstance(value, str) and not value.strip() and name != "body"):
            continue
        try:
            fields[name] = _read(name, value)
        except TaskError as error:
            errors.append(error)
    if fields.get("requests") is not None and "duration" not in values:
        fields["duration"] = None
    elif fields.get("requests") is not None:
        fields.setdefault("duration", None)
    return _build(fields, errors)


def _build(fields: dict[str, Any], errors: list[TaskError]) -> tuple[Task | None, list[TaskError]]:
    try:
        task = Task.from_map(fields)
    except TaskError as error:
        seen = {earlier.field for earlier in errors}
        return None, errors if error.field in seen else [*errors, error]
    return (None, errors) if errors else (task, errors)


def _read(name: str, value: Any) -> Any:
    reader = _READERS.get(name)
    if reader is None:
        return value.strip() if isinstance(value, str) and name != "body" else value
    try:
        return reader(value)
    except TaskError:
        raise
    except (ValueError, TypeError) as error:
        raise TaskError(name, f"{name.replace('_', '-')}: {error}") from None


def _number(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Texts are parsed; numbers are left to the task's own check, a whole float as an int."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            return parse(value)
        return int(value) if isinstance(value, float) and value.is_integer() else value

    return read


def _stages(value: Any) -> Any:
    return parse_stages(value, parse_rate, parse_duration) if isinstance(value, str) else value


def _headers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(str(key), str(text)) for key, text in value.items()]
    return [parse_header(item) if isinstance(item, str) else tuple(item) for item in _lines(value)]


def _lines(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [line for line in value.splitlines() if line.strip()]
    if not isinstance(value, list):
        raise ValueError("must be a list, or a text with one a line")
    return value


def _body(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


_READERS: dict[str, Callable[[Any], Any]] = {
    "threads": _number(parse_count),
    "connections": _number(parse_count),
    "requests": _number(parse_count),
    "rate": _number(parse_rate),
    "duration": _number(parse_duration),
    "timeout": _number(parse_duration),
    "max_body": _number(parse_size),
    "stages": _stages,
    "headers": _headers,
    "resolve": _lines,
    "body": _body,
}


def command_line(task: Task, master: str) -> str:
    """`gluten.pyz submit …`: what asks the master at `master` (HOST:PORT) for the same task.

    Secrets stay in it.
    """
    words = ["gluten.pyz", "submit", *(["--master", master] if master else [])]
    words += ["-t", str(task.threads), "-c", str(task.connections), *_length(task), *_schedule(task)]
    words += [*_request(task), *_connection(task), *_run(task), task.url]
    return shlex.join(words)


def _length(task: Task) -> list[str]:
    words = [] if task.duration is None else ["-d", format_duration(task.duration)]
    if task.requests is not None:
        words += ["-n", str(task.requests)]
    return words or ["-d", format_duration(DEFAULT_DURATION)]


def _schedule(task: Task) -> list[str]:
    if task.stages:
        return ["--stages", ",".join(f"{format_duration(at)}:{_plain(rate)}" for at, rate in task.stages)]
    return [] if task.rate is None else ["-R", _plain(task.rate)]


def _request(task: Task) -> list[str]:
    words = [] if task.method == "GET" else ["-m", task.method]
    for name, value in task.headers:
        words += ["-H", f"{name}: {value}"]
    if task.body:
        # A leading @ means a file to the command line, so such a body has to come from one.
        text = task.body.decode("utf-8", "replace")
        words += ["-b", "@body.txt" if text.startswith("@") else text]
    return words


def _connection(task: Task) -> list[str]:
    words = [] if task.timeout == 2.0 else ["-T", format_duration(task.timeout)]
    words += [] if task.keepalive else ["--no-keepalive"]
    words += ["--insecure"] if task.insecure else []
    for option in ("cacert", "cert", "key"):
        value = getattr(task, option)
        words += [f"--{option}", value] if value else []
    for rule in task.resolve:
        words += ["--resolve", rule]
    return words + ([] if task.max_body == 64 << 20 else ["--max-body", str(task.max_body)])


def _run(task: Task) -> list[str]:
    words = ["--name", task.name] if task.name else []
    words += [] if task.on_loss == "rebalance" else ["--on-loss", task.on_loss]
    return words + ([] if task.split == "cores" else ["--split", task.split])


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
