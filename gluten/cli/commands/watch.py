"""`gluten watch`: follows a run to its end and prints its report. The exit code says how the run ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.output import check_report, write_report
from gluten.cli.program import with_program_name
from gluten.cli.slos import check_results
from gluten.errors import Refused, RunFailed, Unreachable
from gluten.net.rpc.rpc_client import Client
from gluten.plan.job import UNREACHED
from gluten.plan.run_state import FINAL
from gluten.task.policy import REFUSED
from gluten.terminal.progress import progress_for

if TYPE_CHECKING:
    from gluten.documents import ReportDocument


def watch(arguments: Arguments) -> int:
    check_report(arguments)
    with connect(arguments) as client:
        return follow(client, arguments.words[0] if arguments.words else "last", arguments)


def follow(client: Client, ref: str, arguments: Arguments) -> int:
    """Show the run until its end, then its report. Raises Unreachable, RunFailed, InvalidRun, Interrupted,
    ThresholdMissed."""
    progress = progress_for(arguments.flag("quiet"))
    run: Mapping[str, Any] = {}

    def stop_watching() -> None:
        progress.clear()
        interrupts.exit_now(with_program_name(interrupted_notice(run, ref)))

    with interrupts.handled_by(stop_watching):
        try:
            for update in client.watch(ref):
                run = update["run"]
                progress.show(update)
        finally:
            progress.clear()
        report = client.report(run["id"])
    write_report(arguments, report)
    return outcome(report)


def interrupted_notice(run: Mapping[str, Any], ref: str) -> str:
    """The line for a person who stops watching. `run` is empty until the first update has come."""
    number = run.get("number", ref)
    if run.get("state") in FINAL:
        return f"interrupted: run {number} has ended; see it with `gluten.pyz report {number}`"
    return f"interrupted: run {number} goes on; end it with `gluten.pyz stop {number}`"


def outcome(report: ReportDocument) -> int:
    """Exit code 0. Raises GlutenError, with another exit code, if the run failed, is invalid or missed an SLO."""
    if report["state"] == "failed":
        reason = report["reason"]
        if report.get("kind") == REFUSED:
            raise Refused(f"run {report['number']} was refused: {reason}")
        if not report["requests"]["sent"] and UNREACHED in reason:
            raise Unreachable(reason)
        raise RunFailed(f"run {report['number']} failed: {reason}")
    check_results(report)
    return 0
