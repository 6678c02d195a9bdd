"""`gluten watch`: follow a run to its end, print its report, end with what the run deserves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gluten.cli.arguments import Arguments
from gluten.cli.connect import connect
from gluten.cli.output import check_report, write_report
from gluten.cli.progress import progress_for
from gluten.errors import Interrupted, InvalidRun, Refused, RunFailed, Unreachable
from gluten.load.job import UNREACHED
from gluten.load.policy import REFUSED
from gluten.load.verdict import INVALID
from gluten.net.client import Client


def watch(arguments: Arguments) -> int:
    check_report(arguments)
    with connect(arguments) as client:
        return follow(client, arguments.words[0] if arguments.words else "last", arguments)


def follow(client: Client, ref: str, arguments: Arguments) -> int:
    """Show the run until its end, then its report. Raises Unreachable, RunFailed, InvalidRun, Interrupted."""
    progress = progress_for(arguments.flag("quiet"))
    run: Mapping[str, Any] = {}
    try:
        for update in client.watch(ref):
            run = update["run"]
            progress.show(update)
    except KeyboardInterrupt:
        number = run.get("number", ref)
        raise Interrupted(f"interrupted: run {number} goes on; end it with `gluten.pyz stop {number}`") from None
    finally:
        progress.clear()
    report = client.report(run["id"])
    write_report(arguments, report)
    return outcome(report)


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
