"""JSON of a form or a script to a `Task`, and a task to the command line that asks for the same.

Field names are `Task`'s. Values are JSON numbers or the command line's texts (`"1.5k"`, `"30s"`); they become
options and go the command line's own way, so its rules and the words of its errors hold here too.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from gluten.errors import TaskError
from gluten.task.parse import ask
from gluten.task.secrets import HIDDEN
from gluten.task.task import Task
from gluten.task.validate import DEFAULT_DURATION
from gluten.units import format_duration, parse_duration

Values = Mapping[str, Any]
Options = dict[str, Any]

_NAMES = {"headers": "header"}
_FIELDS = {"header": "headers", "no_keepalive": "keepalive"}
_SOUND_URL = "http://sound.invalid/"
# One word of a command line is at most 128 KiB on Linux.
_LONGEST_WORD = 100_000


def read_task(values: Values) -> Task:
    """Empty texts, empty lists and nulls are not given. Raises `TaskError`, which names the field."""
    task, errors = check_task(values)
    if task is None:
        raise errors[0]
    return task


def check_task(values: Values) -> tuple[Task | None, list[TaskError]]:
    """The task, or everything that is wrong with the values: each wrong one is left out and asked again."""
    options, errors = _options(values)
    url, body = options.pop("url", ""), options.pop("body", b"")
    seen = {error.field for error in errors}
    while True:
        try:
            task = ask(url, options, body)
            errors += [*task.missing(), *_lone_key(task)]
            return (None, errors) if errors else (task, [])
        except TaskError as error:
            field = _FIELDS.get(error.field, error.field)
            if field in seen:
                return None, errors
            seen.add(field)
            errors.append(TaskError(field, str(error)))
            url = _SOUND_URL if field == "url" else url
            body = b"" if field == "body" else body
            options.pop(_option(field), None)


def _lone_key(task: Task) -> list[TaskError]:
    """The command line takes a key without a certificate for the cluster's: here it has no use at all."""
    if task.key in ("", HIDDEN) or task.cert:
        return []
    return [TaskError("cert", "cert: is missing, and the key of a client's certificate is of no use without it")]


def _options(values: Values) -> tuple[Options, list[TaskError]]:
    options: Options = {}
    errors: list[TaskError] = []
    for field, value in values.items():
        if value is None or value == [] or (isinstance(value, str) and not value.strip() and field != "body"):
            continue
        try:
            name, text = _as_option(field, value)
            options[name] = text
        except TaskError as error:
            errors.append(error)
    return options, errors


def _as_option(field: str, value: Any) -> tuple[str, Any]:
    reader = _READERS.get(field)
    if reader is None:
        raise TaskError(field, f"{field[:80]}: a task has no such field")
    if field == "keepalive":
        return "no-keepalive", not _flag(value, field)
    return _option(field), reader(value, field)


def _option(field: str) -> str:
    return _NAMES.get(field, field.replace("_", "-"))


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise TaskError(field, f"{field}: must be a text")
    return value.strip()


def _number(value: Any, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TaskError(field, f"{field}: must be a number, or a text such as the command line takes")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value).strip()


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise TaskError(field, f"{field}: must be true or false")
    return value


def _body(value: Any, field: str) -> bytes:
    if not isinstance(value, str):
        raise TaskError(field, f"{field}: must be a text")
    return value.encode()


def _stages(value: Any, field: str) -> str:
    if isinstance(value, str):
        return value.strip()
    return ",".join(f"{at}:{rate}" for at, rate in _pairs(value, field))


def _headers(value: Any, field: str) -> list[str]:
    if isinstance(value, Mapping):
        value = list(value.items())
    return [item if isinstance(item, str) else _joined(item, field) for item in _lines(value, field)]


def _joined(item: Any, field: str) -> str:
    ((name, text),) = _pairs([item], field)
    return f"{name}: {text}"


def _pairs(value: Any, field: str) -> list[tuple[Any, Any]]:
    if not isinstance(value, list) or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value):
        raise TaskError(field, f"{field}: must be a text, or a list of pairs")
    return [(first, second) for first, second in value]


def _lines(value: Any, field: str) -> list[Any]:
    if isinstance(value, str):
        # Not splitlines, which also takes letters of other scripts for a line's end.
        return [line for line in re.split(r"\r\n|\r|\n", value) if line.strip()]
    if not isinstance(value, list):
        raise TaskError(field, f"{field}: must be a list, or a text with one a line")
    return value


def _texts(value: Any, field: str) -> list[str]:
    return [_text(item, field) for item in _lines(value, field)]


_READERS: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(("url", "method", "cacert", "cert", "key", "name", "on_loss", "split"), _text),
    **dict.fromkeys(("threads", "connections", "requests", "rate", "duration", "timeout", "max_body"), _number),
    **dict.fromkeys(("keepalive", "insecure", "secret"), _flag),
    "stages": _stages,
    "headers": _headers,
    "resolve": _texts,
    "body": _body,
}


def reached_at(host: str, secure: bool) -> str:
    """The master as `--master` takes it, from the host by which a page was asked for."""
    if not host:
        return ""
    port = "" if re.search(r":\d+$", host) else ":443" if secure else ":80"
    return f"{'https://' if secure else ''}{host}{port}"


def command_line(task: Task, master: str) -> str:
    """`gluten.pyz submit …`: what asks the master at `master` (`reached_at`) for the same task, without its secrets."""
    task = task.public()
    words = ["gluten.pyz", "submit", *(["--master", master] if master else [])]
    words += [*_size(task), *_length(task), *_schedule(task)]
    words += [*_request(task), *_connection(task), *_run(task), task.url]
    return shlex.join(words)


def _size(task: Task) -> list[str]:
    words = [] if task.threads is None else ["-t", str(task.threads)]
    return words if task.connections is None else [*words, "-c", str(task.connections)]


def _length(task: Task) -> list[str]:
    words = [] if task.duration is None else ["-d", _time(task.duration)]
    if task.requests is not None:
        words += ["-n", str(task.requests)]
    return words or ["-d", _time(DEFAULT_DURATION)]


def _schedule(task: Task) -> list[str]:
    if task.stages:
        return ["--stages", ",".join(f"{_time(at)}:{_plain(rate)}" for at, rate in task.stages)]
    return [] if task.rate is None else ["-R", _plain(task.rate)]


def _request(task: Task) -> list[str]:
    words = [] if task.method == "GET" else ["-m", task.method]
    for name, value in task.headers:
        words += ["-H", f"{name}: {value}"]
    if task.body:
        words += ["-b", "@body.txt" if task.secret or _needs_file(task.body) else task.body.decode()]
    return words + (["--secret"] if task.secret else [])


def _needs_file(body: bytes) -> bool:
    """Whether a body cannot stand in a line: a leading @ means a file there, and not all bytes are a text."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return True
    return text.startswith("@") or text == "--" or "\0" in text or len(body) > _LONGEST_WORD


def _connection(task: Task) -> list[str]:
    words = [] if task.timeout == 2.0 else ["-T", _time(task.timeout)]
    words += [] if task.keepalive else ["--no-keepalive"]
    words += ["--insecure"] if task.insecure else []
    for option in ("cacert", "cert", "key"):
        # Its text cannot stand in a line: the command line reads it from a file.
        words += [f"--{option}", f"{option}.pem"] if getattr(task, option) else []
    for rule in task.resolve:
        words += ["--resolve", rule]
    return words + ([] if task.max_body == 64 << 20 else ["--max-body", str(task.max_body)])


def _run(task: Task) -> list[str]:
    words = [f"--name={task.name}"] if task.name == "--" else ["--name", task.name] if task.name else []
    words += [] if task.on_loss == "rebalance" else ["--on-loss", task.on_loss]
    return words + ([] if task.split == "cores" else ["--split", task.split])


def _time(seconds: float) -> str:
    """As people write it, where that is exact."""
    text = format_duration(seconds)
    return text if parse_duration(text) == seconds else f"{_plain(seconds)}s"


def _plain(value: float) -> str:
    """All digits, without an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
