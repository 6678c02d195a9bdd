"""`gluten check`: is a workload file right, and what would it do. It sends nothing, but for `--try`."""

from __future__ import annotations

from dataclasses import replace

from gluten.cli.arguments import Arguments
from gluten.cli.check_plan import plan
from gluten.cli.options import asked, usable
from gluten.cli.output import check_format, write
from gluten.cli.workload_file import WorkloadFile
from gluten.errors import UsageError
from gluten.store.files.feed_files import rows_of
from gluten.workload.feeds.rows import Rows
from gluten.workload.reach import check_reach
from gluten.workload.tables.source import parse

FORMATS = ("text", "json")


def check(arguments: Arguments) -> int:
    """Print the plan, and with `--try` send each request once. Raises UsageError, TaskError if the file is wrong, and
    what `try_requests` raises."""
    shown, tries = check_format(arguments, FORMATS), arguments.flag("try")
    if shown != "text" and not tries and "format" not in arguments.places:
        raise UsageError(f"--format {shown}: is for what --try does: add --try")
    found = asked(arguments)
    usable(arguments, found.task, found.file)
    rows = {} if found.file is None else _rows(arguments.words[0], found.file)
    if shown == "text" or not tries:
        workload = None if found.file is None else found.file.workload
        write("\n".join(plan(found.task, workload, {name: len(one) for name, one in rows.items()})), None)
    if tries:
        from gluten.cli.commands.check_try import try_requests  # here, because it needs the engine

        try_requests(arguments, found, rows, shown)
    return 0


def _rows(name: str, file: WorkloadFile) -> dict[str, Rows]:
    """The rows of each feed. Raises WorkloadError for a wrong row, or a column that a template names and none has."""
    found = {feed.name: rows_of(feed, file.paths[feed.file], name) for feed in file.workload.feeds}
    feeds = tuple(replace(feed, columns=tuple(found[feed.name].columns)) for feed in file.workload.feeds)
    check_reach(parse(file.task.workload, name), replace(file.workload, feeds=feeds))
    return found
