"""The workload of a job, made ready before workers are forked: its bodies are read, and its feeds' rows are found.

The feeds' files are mapped into memory. So all workers of a host share one copy, and the index of its rows.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path

from gluten.engine.host.reported import Weights
from gluten.engine.parts import WorkloadPart
from gluten.errors import WorkloadError
from gluten.plan.job import HostTask
from gluten.stats.request_stats import REQUEST
from gluten.task.task import Task
from gluten.workload.feeds.rows import Rows, read_rows
from gluten.workload.of_url import of_url
from gluten.workload.reader import of_task, with_files
from gluten.workload.workload import Feed, Workload


def prepared(job: HostTask) -> WorkloadPart:
    """The workload without its hosts' addresses. Raises `WorkloadError`: one line."""
    return part_of(job.node_task.task, job.files)._replace(taken=job.taken)


def part_of(task: Task, files: Mapping[str, str]) -> WorkloadPart:
    """The same of a task. `files` are those that it names, with their paths."""
    if task.follows_url:
        return WorkloadPart(of_url(task, REQUEST), {}, ())
    workload = of_task(task)
    feeds = {feed.file for feed in workload.feeds}
    bodies = {name: _bytes(files, name) for name in workload.files if name not in feeds}
    rows = {feed.name: _rows(files, feed) for feed in workload.feeds}
    return WorkloadPart(with_files(workload, bodies), rows, ())


def weights_of(workload: Workload) -> Weights:
    """What has weight 0 is sent outside of sessions."""
    requests, scenarios = (
        {each.name: each.weight for each in named if each.weight} for named in (workload.requests, workload.scenarios)
    )
    return Weights(requests, scenarios)


def _bytes(files: Mapping[str, str], name: str) -> bytes:
    try:
        return Path(files[name]).read_bytes()
    except (KeyError, OSError) as error:
        raise _missing(name, error) from None


def _rows(files: Mapping[str, str], feed: Feed) -> Rows:
    try:
        with Path(files[feed.file]).open("rb") as file:
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return read_rows(feed.file, buffer, feed.separator, feed.skip)
    except (KeyError, OSError, ValueError) as error:
        raise _missing(feed.file, error) from None
    except WorkloadError as error:
        raise WorkloadError(f"{feed.file}: {error}") from None


def _missing(name: str, error: Exception) -> WorkloadError:
    why = getattr(error, "strerror", None) or ("this host does not have it" if isinstance(error, KeyError) else error)
    return WorkloadError(f"{name}: cannot be read: {why}")
