"""`gluten import har|curl|openapi`: a workload file from what people have."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from gluten.cli.arguments import Arguments
from gluten.cli.output import write
from gluten.errors import UsageError

MOST = 100_000_000
"""Bytes of a recording or a document."""


def import_workload(arguments: Arguments) -> int:
    """Print the workload file, or write it to `--out`. Raises UsageError, ConfigError."""
    kind, what = arguments.words
    if kind not in _KINDS:
        raise UsageError(f"import: {kind[:40]!r} is not one of {', '.join(_KINDS)}")
    hosts = arguments.get("host", [])
    if hosts and kind != "har":
        raise UsageError("--host: belongs to import har")
    write(_KINDS[kind](what, hosts), arguments.get("out"), exact=True)
    return 0


def _har(what: str, hosts: Sequence[str]) -> str:
    from gluten.workload.importers.har.har_file import import_har

    return import_har(_content(what), _shown(what), hosts)


def _openapi(what: str, _: Sequence[str]) -> str:
    from gluten.workload.importers.openapi.document import import_openapi

    return import_openapi(_content(what), _shown(what))


def _curl(what: str, _: Sequence[str]) -> str:
    """The command itself, or standard input: a command has quotes that are hard to put into quotes."""
    from gluten.workload.importers.curl.command import import_curl

    return import_curl(_content(what) if what == "-" else what)


_KINDS: dict[str, Callable[[str, Sequence[str]], str]] = {"har": _har, "curl": _curl, "openapi": _openapi}
"""Each loads its own importer, and no other."""


def _shown(what: str) -> str:
    return "standard input" if what == "-" else os.path.basename(what) or what


def _content(what: str) -> str:
    name = _shown(what)
    content = _read(what)
    if len(content) > MOST:
        raise UsageError(f"{name}: longer than {MOST // 1_000_000} MB: record less at a time, or cut it down")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}: line {line}: is not UTF-8") from None


def _read(what: str) -> bytes:
    """At most one byte more than is allowed, because a file may have no end."""
    if what == "-" and sys.stdin is None:
        raise UsageError("standard input is closed: name a file")
    try:
        if what == "-":
            return sys.stdin.buffer.read(MOST + 1)
        with open(what, "rb") as file:
            return file.read(MOST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise UsageError(f"{what!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None
