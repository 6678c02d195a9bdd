"""What a workload's files are to the task: are rows and bodies right, how many rows are there, which is secret.

`inspect` reads the workload and all of its files once. It takes seconds for a long text or a large feed, so a node
calls it in a native thread.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gluten.errors import TaskError, UsageError, WorkloadError
from gluten.stats.request_stats import REQUEST
from gluten.task.limits import MAX_FILE_BODY
from gluten.task.task import Task
from gluten.workload.feeds.rows import Rows, read_rows
from gluten.workload.hosts import hosts_of
from gluten.workload.reach import check_reach
from gluten.workload.reader import of_source, of_task, with_files
from gluten.workload.sessions import most_sessions
from gluten.workload.tables.source import parse
from gluten.workload.workload import Feed, Workload, files_of

PathOf = Callable[[str], Path]
"""The path of a file by its name in the workload. May raise StoreError."""


@dataclass(frozen=True)
class Inspection:
    """`hosts` are the task once for each host that it asks. `requests`, `scenarios` and `groups` are names. `rows` is
    how many each feed has, `sessions` how many sessions these allow (None: any number). `files` are SHA-256, and
    whether the file is of a secret feed."""

    hosts: tuple[Task, ...]
    requests: tuple[str, ...] = (REQUEST,)
    scenarios: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()
    sessions: int | None = None
    files: Mapping[str, bool] = field(default_factory=dict)
    workload: Workload | None = None
    """What the file says, without its bodies; None: the task is one URL."""


def read_text(task: Task) -> Inspection:
    """What the task's text alone says: hosts and files. It is for a node: the master has seen the files. Raises
    WorkloadError."""
    if not task.workload:
        return Inspection((task,))
    workload = of_task(task)
    hosts, files = tuple(hosts_of(task, workload)), _secrets(task, workload)
    return Inspection(hosts, *_names(workload), task.rows, task.sessions, files, workload)


def inspect(task: Task, path_of: PathOf, name: str = "workload") -> Inspection:
    """Raises TaskError (WorkloadError for a wrong row or body, with its line), UsageError, StoreError."""
    if not task.workload:
        return Inspection((task,))
    source = parse(task.workload, name)
    workload = of_source(source, task)
    hosts = tuple(hosts_of(task, workload))
    files = _secrets(task, workload)
    rows = {feed.name: rows_of(feed, path_of(feed.file), name) for feed in workload.feeds}
    feeds = tuple(replace(feed, columns=tuple(rows[feed.name].columns)) for feed in workload.feeds)
    check_reach(source, replace(_with_bodies(workload, path_of, name), feeds=feeds))
    counts = {feed: len(found) for feed, found in rows.items()}
    sessions = most_sessions(workload, counts)
    return Inspection(hosts, *_names(workload), tuple(counts.items()), sessions, files, workload)


def _names(workload: Workload) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Of requests, scenarios and groups."""
    requests, scenarios = (tuple(each.name for each in named) for named in (workload.measured, workload.scenarios))
    return requests, scenarios, workload.groups


def rows_of(feed: Feed, path: Path, name: str) -> Rows:
    """The rows of a feed. `name` is the workload file's. Raises WorkloadError for a wrong row, UsageError."""
    try:
        with path.open("rb") as file:
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        return read_rows(feed.file, buffer, feed.separator, feed.skip)
    except WorkloadError as error:
        raise WorkloadError(f"{name}: feed {feed.name}: {feed.file}: {error}") from None
    except OSError as error:
        raise UsageError(f"{name}: feed {feed.name}: {feed.file}: cannot be read: {error.strerror}") from None


def _secrets(task: Task, workload: Workload) -> dict[str, bool]:
    """SHA-256 of each file, and whether it is of a secret feed. Raises TaskError where one is missing."""
    digests = dict(task.files)
    if unknown := [file for file in workload.files if file not in digests]:
        raise TaskError("files", f"files: the SHA-256 of {unknown[0][:200]!r} is missing, which the workload names")
    secret = {feed.file for feed in workload.feeds if feed.secret}
    hidden = {digests[file] for file in secret}
    return {sha: sha in hidden for sha in digests.values()}


def _with_bodies(workload: Workload, path_of: PathOf, name: str) -> Workload:
    bodies = [name for request in workload.requests for name in files_of(request.body)]
    contents = {}
    for file in dict.fromkeys(bodies):
        with path_of(file).open("rb") as opened:
            contents[file] = opened.read(MAX_FILE_BODY + 1)
        if len(contents[file]) > MAX_FILE_BODY:
            raise UsageError(f"{name}: {file}: longer than {MAX_FILE_BODY >> 20} MiB: a body is shorter")
    try:
        return with_files(workload, contents)
    except WorkloadError as error:
        raise WorkloadError(f"{name}: {error}") from None
