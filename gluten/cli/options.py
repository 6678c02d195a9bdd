"""A command's options as a task, checked before anything is sent or forked."""

from __future__ import annotations

from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.cli.hints import misread
from gluten.errors import TaskError, UsageError
from gluten.load.ask import ask
from gluten.load.check import MAX_AUTHORITIES, MAX_BODY
from gluten.load.task import Task


def task_of(arguments: Arguments) -> Task:
    """The task that `run` or `submit` was asked for. Raises UsageError, TaskError."""
    options = dict(arguments.options)
    options["no-keepalive"] = arguments.flag("no-keepalive")
    options["insecure"] = arguments.flag("insecure")
    options["secret"] = arguments.flag("secret")
    for name in ("cacert", "cert", "key"):
        if options.get(name):
            # Its text travels in the task: the nodes that load do not have this host's files.
            options[name] = _text(name, options[name])
    body = _body(options.get("body"))
    try:
        return ask(arguments.words[0], options, body)
    except TaskError as error:
        typed = arguments.get(error.field) if error.field not in arguments.places else None
        raise TaskError(error.field, f"{error}{misread(error.field, str(typed or ''))}") from None


def _text(option: str, path: str) -> str:
    try:
        return _content(option, path, MAX_AUTHORITIES).decode("ascii")
    except ValueError:
        raise UsageError(f"--{option}: {path!r} is not a PEM file") from None


def _content(option: str, path: str, most: int) -> bytes:
    """The file's, or so much of it that the task is refused for its length: a file may have no end."""
    try:
        with Path(path).open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise UsageError(f"--{option}: {path!r} cannot be read: {getattr(error, 'strerror', error)}") from None


def _body(text: str | None) -> bytes:
    """The body itself, or the content of @FILE."""
    if not text:
        return b""
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")  # the very bytes that were typed
    if text == "@":
        raise UsageError("--body: '@' names no file, such as @order.json")
    return _content("body", text[1:], MAX_BODY)
