"""Turns the options of a command into a task, and checks it before anything is sent or forked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gluten.cli.arguments import Arguments
from gluten.cli.hints import value_hint
from gluten.config import is_inside
from gluten.errors import TaskError, UsageError
from gluten.task import pem
from gluten.task.fields import BY_NAME, Kind, fields_of
from gluten.task.limits import MAX_AUTHORITIES, MAX_BODY
from gluten.task.parse import ask
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.cli.workload_file import WorkloadFile


_MEASURES = (Kind.COUNT, Kind.WHOLE, Kind.SIZE, Kind.TIME, Kind.RATE, Kind.STAGES, Kind.SHARE)
"""Kinds whose values have units, so that an error may say the value in another one."""


class Asked(NamedTuple):
    """What `run`, `submit` or `check` is asked for. `file`: the workload file, if it is one."""

    task: Task
    file: WorkloadFile | None = None


def task_of(arguments: Arguments) -> Task:
    """The task that the options of `run` or `submit` describe. Raises UsageError, TaskError."""
    return asked(arguments).task


def asked(arguments: Arguments) -> Asked:
    """The task, and the workload file that it is of. Raises UsageError, TaskError."""
    found = _asked(arguments)
    if found.task.slo:
        from gluten.plan.requests import names_of  # here, because most runs have none
        from gluten.slo import names

        try:
            names.read(found.task.slo, *names_of(found.task).figures)
        except TaskError as error:
            raise found.file.placed(error) if found.file else error from None
    return found


def _asked(arguments: Arguments) -> Asked:
    options = _options(arguments)
    if not arguments.words[0].strip():  # a variable of the shell that is not set
        raise UsageError("URL: is empty; give a URL such as http://host:8080/, or a workload file")
    if "://" not in arguments.words[0]:
        from gluten.cli.workload_file import read_file

        file = read_file(arguments, options)
        return Asked(file.task, file)
    if options.get("url") and "url" not in arguments.places:
        raise UsageError("--url: belongs to a workload file; here the argument is the URL")
    _refuse_found_body(arguments)
    body = _body(options.get("body"))
    try:
        return Asked(ask(arguments.words[0], options, body))
    except TaskError as error:
        typed = arguments.get(error.field) if error.field not in arguments.places else None
        hint = value_hint(error.field, str(typed or ""))
        raise TaskError(error.field, f"{_with_value(error, arguments)}{hint}") from None


def _with_value(error: TaskError, arguments: Arguments) -> str:
    """The error's text, with the value as it was typed where it does not say that: `0s`, and not only 0."""
    field = BY_NAME.get(error.field)
    typed = arguments.get(field.option) if field is not None and field.kind in _MEASURES else None
    if not typed or str(typed) in str(error):
        return str(error)
    name, _, why = str(error).partition(": ")
    return f"{name}: {typed!r}: {why}"


def _options(arguments: Arguments) -> dict[str, Any]:
    """The options with flags as such, and the texts of PEM files. Raises UsageError, TaskError."""
    options = dict(arguments.options)
    options |= {field.option: arguments.flag(field.option) for field in fields_of(Kind.FLAG)}
    # An empty environment variable counts as not set.
    given = [
        name for name in pem.WANTED if options.get(name) or (options.get(name) == "" and name not in arguments.places)
    ]
    files = {name: options[name] for name in given}
    texts = pem.texts_of(files, lambda name, path: _content(name, path, MAX_AUTHORITIES))
    return options | dict.fromkeys(pem.WANTED) | texts


def usable(arguments: Arguments, task: Task, file: WorkloadFile | None = None) -> Task:
    """The task, if its certificates and its key can be used. Else raises TaskError, which names option and file, or
    the line of the workload file."""
    if not (task.cacert or task.cert or task.key):
        return task
    from gluten.engine.certificates import check_certificates

    try:
        check_certificates(task)
    except TaskError as error:
        if file is not None and (placed := file.of_certificate(error)):
            raise placed from None
        from shlex import quote  # here, because most certificates can be used

        name, path = error.field, arguments.options.get(error.field)
        why = str(error).partition(": ")[2].replace("-in KEY", f"-in {quote(path or 'KEY')}")
        raise TaskError(name, f"--{name}: {f'{path!r} ' if path else ''}{why}") from None
    return task


def _content(option: str, path: str, most: int) -> bytes:
    """The content of the file. It stops one byte after `most`, because a file may have no end; the task is then
    refused for its length."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise UsageError(f"--{option}: {path!r} cannot be read: {getattr(error, 'strerror', error)}") from None


def _refuse_found_body(arguments: Arguments) -> None:
    """Raises UsageError if a `gluten.toml` that nobody named has a file sent that is not beside it."""
    settings, text = arguments.settings, str(arguments.get("body"))
    from_file = arguments.places.get("body") == f"{settings.file}: body"
    if from_file and not settings.named and text.startswith("@") and not is_inside(text[1:]):
        raise UsageError(
            f"{settings.file}: body: {text!r} is not used, because nobody named this file and {text[1:]!r} is in "
            f"another directory: to trust the file, name it: --config {settings.file}"
        )


def _body(text: str | None) -> bytes:
    """The body: the text itself, or the content of @FILE."""
    if not text:
        return b""
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")  # exactly the bytes that were typed
    if text == "@":
        raise UsageError("--body: '@' names no file; write @FILE, such as @order.json")
    return _content("body", text[1:], MAX_BODY)
