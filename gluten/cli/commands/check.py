"""`gluten check`: is a workload file right, and what would it do. It sends nothing, but for `--try`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from gluten.cli.arguments import Arguments
from gluten.cli.options import Asked, asked
from gluten.cli.output import check_format, write
from gluten.cli.workload_file import WorkloadFile
from gluten.errors import UsageError
from gluten.plan.schedule import Schedule
from gluten.report.formats.table import align
from gluten.store.files.feed_files import rows_of
from gluten.task.secrets import redact_url
from gluten.task.task import Task
from gluten.units import format_duration
from gluten.workload.feeds.rows import Rows
from gluten.workload.mix import reduced
from gluten.workload.reach import check_reach
from gluten.workload.tables.source import parse
from gluten.workload.workload import Feed, Workload

FORMATS = ("text", "json")


def check(arguments: Arguments) -> int:
    """Print the plan, and with `--try` send each request once. Raises UsageError, TaskError if the file is wrong, and
    what `try_requests` raises."""
    shown, tries = check_format(arguments, FORMATS), arguments.flag("try")
    if shown != "text" and not tries and "format" not in arguments.places:
        raise UsageError(f"--format {shown}: is for what --try does: add --try")
    found = asked(arguments)
    rows = {} if found.file is None else _rows(arguments.words[0], found.file)
    if shown == "text" or not tries:
        write("\n".join(_plan(found, rows)), None)
    if tries:
        from gluten.cli.commands.check_try import try_requests  # here, because it needs the engine

        try_requests(arguments, found, rows, shown)
    return 0


def _plan(found: Asked, rows: Mapping[str, Rows]) -> Iterator[str]:
    yield _summary(found.task)
    if found.file is not None:
        yield from _requests(found.file.workload)
        yield from _feeds(found.task, found.file.workload, {name: len(one) for name, one in rows.items()})
    yield from _connections(found.task)


def _summary(task: Task) -> str:
    name = f"{task.name}: " if task.name else ""
    ends = [format_duration(task.duration)] if task.duration is not None else []
    ends += [f"{task.requests:,} requests"] if task.requests is not None else []
    pace = "as fast as answers come"
    if task.open_loop:
        schedule = Schedule.of(task)
        pace = f"up to {task.peak:g}/s" if task.stages else f"{task.rate:g}/s"
        ends += [f"{schedule.planned():,} planned"]
    return f"{name}{redact_url(task.url)}: {pace}, {', '.join(ends)}"


def _requests(workload: Workload) -> Iterator[str]:
    weights, total = reduced(workload.weights), sum(workload.weights)
    block = sum(weights)
    yield ""
    rows = [
        (request.name, request.method, str(request.weight), f"{request.weight / total:.2%}", str(weight))
        for request, weight in zip(workload.requests, weights, strict=True)
    ]
    yield from align([("request", "method", "weight", "share", f"of each {block:,}"), *rows], "<<>>>", indent="")


def _rows(name: str, file: WorkloadFile) -> dict[str, Rows]:
    """The rows of each feed. Raises WorkloadError for a wrong row, or a column that a template names and none has."""
    found = {feed.name: rows_of(feed, file.paths[feed.file], name) for feed in file.workload.feeds}
    feeds = tuple(replace(feed, columns=tuple(found[feed.name].columns)) for feed in file.workload.feeds)
    check_reach(parse(file.task.workload, name), replace(file.workload, feeds=feeds))
    return found


def _feeds(task: Task, workload: Workload, rows: Mapping[str, int]) -> Iterator[str]:
    if not workload.feeds:
        return
    yield ""
    table = [
        (feed.name, feed.file, feed.pick, f"{rows[feed.name]:,}", _lasts(task, workload, feed, rows[feed.name]))
        for feed in workload.feeds
    ]
    yield from align([("feed", "file", "pick", "rows", "they last"), *table], "<<<><", indent="")


def _lasts(task: Task, workload: Workload, feed: Feed, rows: int) -> str:
    """When the rows have all been used once, by the share of the requests that use the feed."""
    if feed.pick == "random":
        return "for ever: rows are drawn"
    using = sum(request.weight for request in workload.requests if feed.name in workload.feeds_of(request))
    share = Fraction(using, sum(workload.weights))
    again = "" if feed.pick == "unique" else ", then again"
    if not task.open_loop:
        return f"{math.ceil(rows / share):,} requests{again}"
    schedule = Schedule.of(task)
    when = schedule.due(math.ceil(rows / share))
    if math.isinf(when):
        return f"to the end: about {math.ceil(schedule.planned() * share):,} of {rows:,} are used"
    return f"{format_duration(round(when, 1))}{again}"


def _connections(task: Task) -> Iterator[str]:
    """What connections and rate mean for each other: on average rate x response time are busy (Little's law)."""
    yield ""
    if task.peak is None:
        count = task.connections or task.resolved(task.threads or 1).connections
        yield f"connections: {count}, each with one request after the other"
    elif task.connections is None:
        most = math.ceil(task.peak * task.timeout)
        yield f"connections: as many as are needed: {task.peak:g}/s × the response time (at most {most:,})"
    else:
        each = task.connections / task.peak
        yield f"connections: {task.connections:,} carry {task.peak:g}/s while a response takes up to {_time(each)}"


def _time(seconds: float) -> str:
    return format_duration(float(f"{seconds:.3g}"))
