"""A workload file on the command line: its text, its environment, and the files beside it.

Only `run`, `submit` and `check` with a file import this module: a URL needs neither `tomllib` nor the grammar.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from shlex import quote
from typing import Any

from gluten.cli.arguments import Arguments
from gluten.config import variable
from gluten.errors import TaskError, UsageError, WorkloadError
from gluten.task import pem
from gluten.task.limits import MAX_AUTHORITIES, MAX_FEED, MAX_FILE_BODY, MAX_WORKLOAD
from gluten.task.parse import values_of
from gluten.task.task import Task
from gluten.task.toml_scan import Path as KeyPath
from gluten.workload import task_of
from gluten.workload.reader import with_files
from gluten.workload.tables.source import Source, parse
from gluten.workload.workload import Workload

STDIN = "-"
_SINGLE = ("method", "body")
_PARTNERS = {"cert": "key", "key": "cert"}
_OPTION = re.compile(r"(?<![\w-])--(cert|key)\b")
"""As messages name an option that is a key of [load], too."""


@dataclass(frozen=True)
class WorkloadFile:
    """What the command line makes of a file. `paths` are the files that it names, on this host. `pem`: the fields of
    the task whose texts are of files that [load] names, and these files."""

    task: Task
    workload: Workload
    paths: Mapping[str, Path]
    source: Source
    pem: Mapping[str, str] = field(default_factory=dict)

    def placed(self, error: TaskError) -> TaskError:
        """The error with its line, if it is of what the file says."""
        return task_of.placed(self.source, error, {})

    def of_certificate(self, error: TaskError) -> WorkloadError | None:
        """The error of a certificate or key with its line, if it is of a file that [load] names."""
        name, why = error.field, str(error).partition(": ")[2]
        if name in self.pem:
            why = _OPTION.sub(r"\1", why.replace("-in KEY", f"-in {quote(self.pem[name])}"))
            return self._refused(name, f"{self.pem[name]!r} {why}")
        partner = _PARTNERS.get(name, "")
        if partner in self.pem and not getattr(self.task, name):
            return self._refused(partner, f'is of no use without its {name}: write {name} = "FILE", too')
        return None

    def _refused(self, name: str, message: str) -> WorkloadError:
        """A key may be in the file of its certificate."""
        load = self.source.document["load"]
        return self.source.error(("load", name if name in load else _PARTNERS[name]), message)


def read_file(arguments: Arguments, options: Mapping[str, Any]) -> WorkloadFile:
    """`options` are the command's, with the texts of its PEM files and its flags. Raises UsageError, TaskError."""
    name = arguments.words[0]
    levels = _levels(arguments, options)
    text = _text(name)
    source = parse(text, "standard input" if name == STDIN else name)
    given = task_of.layered(levels["command line"], levels["environment"])
    given["outranking"] = tuple(name for name, _ in given.get("headers", ()))
    files = {field: file for field, file in task_of.pem_files(source, os.environ).items() if field not in given}
    texts = _pem_texts(source, name, files)
    task, workload = task_of.planned(source, text, given, levels["file"], os.environ, texts)
    paths = {file: _path(name, file) for file in workload.files}
    task = task_of.with_files(task, {file: _digest(source, file, path) for file, path in paths.items()})
    pem_of = {field: files.get(field) or files["cert"] for field in texts if field not in given}
    return WorkloadFile(task, _with_bodies(source, workload, paths), paths, source, pem_of)


def _levels(arguments: Arguments, options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of a task that were set, by where. Raises UsageError for what each request of a file has itself."""
    levels: dict[str, dict[str, Any]] = {"command line": {}, "environment": {}, "file": {}}
    for name, value in options.items():
        # A key that came with its certificate is of the place of that.
        place = arguments.places.get("cert" if name == "key" and not arguments.options.get(name) else name)
        if value is None or value == [] or (value is False and place is None):
            continue
        level = "command line" if place is None else "environment" if place == variable(name) else "file"
        if name in _SINGLE and level != "file":
            raise UsageError(f"--{name}: each request of a workload file has its own: write it into the file")
        levels[level][name] = value
    return {level: values_of(found) | _url(found) for level, found in levels.items()}


def _url(options: Mapping[str, Any]) -> dict[str, str]:
    return {"url": options["url"]} if "url" in options else {}


def _text(name: str) -> str:
    content = _standard_input() if name == STDIN else _content(name)
    if len(content) > MAX_WORKLOAD:
        raise UsageError(f"{name}: longer than {MAX_WORKLOAD >> 20} MiB: a workload file is shorter")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}: line {line}: is not UTF-8") from None


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise UsageError("standard input is closed: name a workload file")
    try:
        return sys.stdin.buffer.read(MAX_WORKLOAD + 1)
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {error.strerror or error}") from None


def _content(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_WORKLOAD + 1)
    except FileNotFoundError:
        allowed = "needs http:// or https:// in front, such as http://host:8080/"
        raise TaskError("url", f"url: {name!r} {allowed}; nor is there a workload file of that name") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise UsageError(f"{name!r} cannot be read: {getattr(error, 'strerror', error)}") from None


def _path(name: str, file: str) -> Path:
    """Beside the workload file; beside the working directory for standard input."""
    return (Path() if name == STDIN else Path(name).parent) / file


def _pem_texts(source: Source, name: str, files: Mapping[str, str]) -> dict[str, str]:
    """The texts of certificates and keys. Raises WorkloadError."""

    def read(field: str, file: str) -> bytes:
        with _opened(source, file, _path(name, file), ("load", field)) as opened:
            return opened.read(MAX_AUTHORITIES + 1)

    try:
        return pem.texts_of(files, read)
    except WorkloadError:
        raise
    except TaskError as error:
        raise source.error(("load", error.field), str(error).partition(": ")[2]) from None


def _digest(source: Source, name: str, path: Path) -> str:
    """SHA-256. Raises WorkloadError."""
    with _opened(source, name, path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_FEED:
            raise _wrong(source, name, f"{size:,} bytes; at most {MAX_FEED >> 30} GiB")
        return hashlib.file_digest(file, "sha256").hexdigest()


def _with_bodies(source: Source, workload: Workload, paths: Mapping[str, Path]) -> Workload:
    """The workload with its bodies. Raises WorkloadError."""
    feeds = {feed.file for feed in workload.feeds}
    contents = {file: _body(source, file, path) for file, path in paths.items() if file not in feeds}
    try:
        return with_files(workload, contents)
    except WorkloadError as error:
        raise WorkloadError(f"{source.name}: {error}") from None


def _body(source: Source, name: str, path: Path) -> bytes:
    with _opened(source, name, path) as file:
        content = file.read(MAX_FILE_BODY + 1)
    if len(content) > MAX_FILE_BODY:
        raise _wrong(source, name, f"longer than {MAX_FILE_BODY >> 20} MiB: a body is shorter")
    return content


def _opened(source: Source, name: str, path: Path, at: KeyPath = ()) -> BufferedReader:
    """Raises WorkloadError for what is no file."""
    try:
        if path.exists() and not path.is_file():
            raise IsADirectoryError(errno.EISDIR, "it is no file")
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        why = getattr(error, "strerror", None) or error
        beside = f": it is looked up beside {source.name}" if isinstance(error, FileNotFoundError) else ""
        raise _wrong(source, name, f"cannot be read: {why}{beside}", at) from None


def _wrong(source: Source, name: str, why: str, at: KeyPath = ()) -> WorkloadError:
    """An error of the file `name`, with the place that names it: `at`, else the first."""
    return source.error(at or next(_places(source.document, (name, f"@{name}")), ()), f"{name}: {why}")


def _places(value: Any, texts: tuple[str, str], path: KeyPath = ()) -> Iterator[KeyPath]:
    """The keys whose text is one of these."""
    if isinstance(value, str) and value in texts:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, texts, (*path, key))
