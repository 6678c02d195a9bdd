"""`gluten watch`: follow a run to its end, print its report, end with what the run deserves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.output import check_report, write_report
from gluten.cli.program import named
from gluten.errors import InvalidRun, Refused, RunFailed, Unreachable
from gluten.net.rpc.rpc_client import Client
from gluten.plan.job import UNREACHED
from gluten.plan.run_state import FINAL
from gluten.report.verdict import INVALID
from gluten.task.policy import REFUSED
from gluten.terminal.progress import progress_for


def watch(arguments: Arguments) -> int:
    check_report(arguments)
    with connect(arguments) as client:
        return follow(client, arguments.words[0] if arguments.words else "last", arguments)


def follow(client: Client, ref: str, arguments: Arguments) -> int:
    """Show the run until its end, then its report. Raises Unreachable, RunFailed, InvalidRun, Interrupted."""
    progress = progress_for(arguments.flag("quiet"))
    run: Mapping[str, Any] = {}

    def leave() -> None:
        progress.clear()
        interrupts.exit_now(named(left(run, ref)))

    with interrupts.handled_by(leave):
        try:
            for update in client.watch(ref):
                run = update["run"]
                progress.show(update)
        finally:
            progress.clear()
        report = client.report(run["id"])
    write_report(arguments, report)
    return outcome(report)


def left(run: Mapping[str, Any], ref: str) -> str:
    """What to say to who turns away from a run; it is empty while nothing is known of it."""
    number = run.get("number", ref)
    if run.get("state") in FINAL:
        return f"interrupted: run {number} has ended; see it with `gluten.pyz report {number}`"
    return f"interrupted: run {number} goes on; end it with `gluten.pyz stop {number}`"


def outcome(report: Mapping[str, Any]) -> int:
    """0, or the error that the contract's exit code stands for."""
    if report["state"] == "failed":
        reason = report["reason"]
        if report.get("kind") == REFUSED:
            raise Refused(f"run {report['number']} was refused: {reason}")
        if not report["requests"]["sent"] and UNREACHED in reason:
            raise Unreachable(reason)
        raise RunFailed(f"run {report['number']} failed: {reason}")
    if report["verdict"]["value"] == INVALID:
        raise InvalidRun("the verdict is invalid: " + "; ".join(report["verdict"]["reasons"]))
    return 0
