"""`gluten submit`: sends a task and prints the run's link. With `--watch` it also follows the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.commands.send_files import send_files
from gluten.cli.commands.watch import follow
from gluten.cli.connect import caller, connect, link_for
from gluten.cli.options import asked, usable
from gluten.cli.program import with_program_name
from gluten.cli.reports.outputs import check_report
from gluten.cli.streams import print_notice
from gluten.errors import Unreachable, UsageError
from gluten.net.rpc.rpc_client import Client
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.documents import NodeDocument, RunDocument

_MAYBE_SENT = "interrupted: the task may have been sent: see `gluten.pyz runs`"
_RUN_ALONE = "; to load from this machine alone, without a master: gluten.pyz run URL"


def idle_nodes(task: Task, nodes: Sequence[NodeDocument]) -> str:
    """A notice if some nodes will have nothing to do, else an empty text."""
    able = sum(node["state"] == "alive" and node["load"] for node in nodes)
    # Without -t there is a thread for each core, but only as many threads as connections.
    option, count = ("-c", task.connections) if task.threads is None else ("-t", task.threads)
    if count is None or count >= able:
        return ""
    return f"{able - count} of {able} nodes will have no thread to run; {option} {able} or more uses all nodes"


def _send(client: Client, task: Task, key: str) -> RunDocument:
    """Send the task. Returns the run. Raises Unreachable, Refused."""
    try:
        with interrupts.handled_by(lambda: interrupts.exit_now(with_program_name(_MAYBE_SENT))):
            return client.submit(task, key, caller())
    except Unreachable as error:
        raise Unreachable(f"{error}{_RUN_ALONE}") from None


def _check_report(arguments: Arguments) -> None:
    """Without `--watch` there is no report, so no file is written. Raises UsageError."""
    check_report(arguments)
    if (out := arguments.get("out", ())) and not arguments.flag("watch"):
        raise UsageError(f"--out {out[0]}: needs --watch: only that waits for the report")


def submit(arguments: Arguments) -> int:
    """Send the task. Raises UsageError, Unreachable, Refused; with `--watch` also the errors of `follow`."""
    _check_report(arguments)
    found = asked(arguments)
    task = usable(arguments, found.task, found.file)
    with connect(arguments) as client:
        if found.file is not None:
            send_files(client, found.file, arguments.flag("quiet"))
        run = _send(client, task, arguments.get("idempotency-key", ""))
        link = link_for(run["link"], arguments, client.address)
        if not arguments.flag("quiet") and (notice := idle_nodes(task, client.nodes())):
            print_notice(notice)
        if not arguments.flag("watch"):
            print(link)
            return 0
        if not arguments.flag("quiet"):
            print_notice(f"run {run['number']}: {link}")
        return follow(client, run["id"], arguments)
