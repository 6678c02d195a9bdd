"""JSON of a form or a script to a `Task`, and a task to the command line that asks for the same.

Field names are `Task`'s. Values are JSON numbers or the command line's texts (`"1.5k"`, `"30s"`); they become
options and go the command line's own way, so its rules and the words of its errors hold here too.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from gluten.errors import TaskError
from gluten.plan.requests import names_of
from gluten.slo import names
from gluten.task.fields import BY_NAME, FIELDS, Kind
from gluten.task.parse import ask, values_of
from gluten.task.secrets import HIDDEN
from gluten.task.task import Task
from gluten.task.words import words_of

Values = Mapping[str, Any]
Options = dict[str, Any]

_FIELDS = {field.option.replace("-", "_"): field.name for field in FIELDS}
"""The fields by the names that the parser's errors have for their options."""
_OF_WORKLOAD = ("workload", "env", "files")
_MAX_ITEMS = 10_000
_SOUND_URL = "http://sound.invalid/"


def read_task(values: Values) -> Task:
    """Empty texts, empty lists and nulls are not given. Raises `TaskError`, which names the field."""
    task, errors = check_task(values)
    if task is None:
        raise errors[0]
    return task


def check_task(values: Values) -> tuple[Task | None, list[TaskError]]:
    """The task, or everything that is wrong with the values: each wrong one is left out and asked again."""
    options, errors = _options(values)
    if any(error.field in _OF_WORKLOAD for error in errors):
        return None, errors  # without its workload the task is another one
    url, body = options.pop("url", ""), options.pop("body", b"")
    seen = {error.field for error in errors}
    while True:
        try:
            task = _made(url, options, body)
            if task.slo:
                names.read(task.slo, *names_of(task).figures)
            errors += [*task.missing(), *_lone_key(task)]
            return (None, errors) if errors else (task, [])
        except TaskError as error:
            field = _FIELDS.get(error.field, error.field)
            if field in seen:
                return None, errors
            if field == "workload":
                return None, [*errors, error]
            seen.add(field)
            errors.append(TaskError(field, str(error)))
            url = _SOUND_URL if field == "url" else url
            body = b"" if field == "body" else body
            options.pop(_option(field), None)


def _made(url: str, options: Options, body: bytes) -> Task:
    """The task; with a workload, what is not given is as its file says. Raises TaskError."""
    if not options.get("workload"):
        return ask(url, options, body)
    from gluten.workload.task_of import task_of, with_files  # here, because few tasks have one

    given = values_of({name: value for name, value in options.items() if name not in _OF_WORKLOAD}) | {"body": body}
    task = task_of(options["workload"], given | ({"url": url} if url else {}), options.get("env", {}))
    return with_files(task, options.get("files", {}))


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


def _as_option(name: str, value: Any) -> tuple[str, Any]:
    field = BY_NAME.get(name)
    if field is None:
        raise TaskError(name, f"{name[:80]}: a task has no such field")
    if isinstance(value, (list, Mapping)) and len(value) > _MAX_ITEMS:
        raise TaskError(name, f"{name}: at most {_MAX_ITEMS} items are accepted")
    read = _READERS[field.kind](value, name)
    return field.option, not read if field.switches_off else read


def _option(name: str) -> str:
    return BY_NAME[name].option if name in BY_NAME else name


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise TaskError(field, f"{field}: must be a text")
    return value.strip()


def _document(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise TaskError(field, f"{field}: must be the text of a workload file")
    return value


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


def _map(value: Any, field: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise TaskError(field, f"{field}: must be an object whose values are texts")
    return dict(value)


def _rows(value: Any, field: str) -> dict[str, int]:
    if not isinstance(value, Mapping) or not all(type(count) is int for count in value.values()):
        raise TaskError(field, f"{field}: must be an object whose values are whole numbers")
    return dict(value)


_READERS: dict[Kind, Callable[[Any, str], Any]] = {
    **dict.fromkeys((Kind.URL, Kind.METHOD, Kind.PEM, Kind.TEXT, Kind.CHOICE), _text),
    **dict.fromkeys((Kind.COUNT, Kind.WHOLE, Kind.SIZE, Kind.TIME, Kind.RATE, Kind.SHARE), _number),
    **dict.fromkeys((Kind.ENV, Kind.FILES), _map),
    Kind.ROWS: _rows,
    Kind.FLAG: _flag,
    Kind.STAGES: _stages,
    Kind.HEADERS: _headers,
    Kind.RULES: _texts,
    Kind.SLOS: _texts,
    Kind.NAMES: _texts,
    Kind.WORKLOAD: _document,
    Kind.BODY: _body,
}


def reached_at(host: str, secure: bool) -> str:
    """The master as `--master` takes it, from the host by which a page was asked for."""
    if not host:
        return ""
    port = "" if re.search(r":\d+$", host) else ":443" if secure else ":80"
    return f"{'https://' if secure else ''}{host}{port}"


def command_line(task: Task, master: str) -> str:
    """`gluten.pyz submit …`: what asks the master at `master` (`reached_at`) for the same task, without its secrets."""
    words = ["gluten.pyz", "submit", *(["--master", master] if master else []), *words_of(task.public())]
    return shlex.join(words)
