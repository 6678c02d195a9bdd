"""`gluten submit`: send a task, print the run's link, end at once (or follow it, with `--watch`)."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect, link_for, who
from gluten.cli.options import task_of, usable
from gluten.cli.output import check_report
from gluten.cli.watch import follow
from gluten.load.task import Task


def idle(task: Task, nodes: Sequence[Mapping[str, Any]]) -> str:
    """A line where some nodes will have nothing to do; empty where all will."""
    able = sum(node["state"] == "alive" and node["load"] for node in nodes)
    # Without -t there is a thread for each core, but none without a connection.
    option, count = ("-c", task.connections) if task.threads is None else ("-t", task.threads)
    if count is None or count >= able:
        return ""
    return f"{able - count} of {able} nodes will have no thread to run: {option} {able} or more uses all\n"


def submit(arguments: Arguments) -> int:
    """Raises UsageError, Unreachable, Refused; with `--watch` also what the run's end says."""
    check_report(arguments)
    task = usable(arguments, task_of(arguments))
    with connect(arguments) as client:
        run = client.submit(task, arguments.get("idempotency-key", ""), who())
        link = link_for(run["link"], arguments)
        if not arguments.flag("quiet"):
            sys.stderr.write(idle(task, client.nodes()))
        if not arguments.flag("watch"):
            print(link)
            return 0
        if not arguments.flag("quiet"):
            sys.stderr.write(f"run {run['number']}: {link}\n")
        return follow(client, run["id"], arguments)
