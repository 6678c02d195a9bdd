"""A command's options as a task, checked before anything is sent or forked."""

from __future__ import annotations

from pathlib import Path

from gluten.cli.arguments import Arguments
from gluten.errors import UsageError
from gluten.load.ask import ask
from gluten.load.task import Task


def task_of(arguments: Arguments) -> Task:
    """The task that `run` or `submit` was asked for. Raises UsageError, TaskError."""
    options = dict(arguments.options)
    options["no-keepalive"] = arguments.flag("no-keepalive")
    options["insecure"] = arguments.flag("insecure")
    for name in ("cacert", "cert", "key"):
        if options.get(name) and not Path(options[name]).is_file():
            raise UsageError(f"--{name}: {options[name]!r} is no file")
    return ask(arguments.words[0], options, _body(options.get("body")))


def _body(text: str | None) -> bytes:
    """The body itself, or the content of @FILE."""
    if not text:
        return b""
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"--body: {text[1:]!r} cannot be read: {error.strerror}") from None
