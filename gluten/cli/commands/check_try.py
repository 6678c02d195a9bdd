"""`gluten check --try`: a session of each scenario, or each request once. Prints requests, responses, and what was
taken. Secrets are left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from gluten.cli.arguments import Arguments
from gluten.cli.options import Asked, usable
from gluten.cli.output import write
from gluten.cli.policy_options import policy_of
from gluten.engine.parts import WorkloadPart
from gluten.engine.trial.document import document, plain_of
from gluten.engine.trial.trial import Trial
from gluten.engine.trial.tried import Tried
from gluten.errors import RunFailed
from gluten.stats.failure import Headers
from gluten.stats.request_stats import REQUEST
from gluten.task.policy import Policy
from gluten.task.task import Task
from gluten.units import format_duration
from gluten.workload.feeds.rows import Rows
from gluten.workload.of_url import of_url

LINES = 40
"""Lines of a body that a person sees."""


def try_requests(arguments: Arguments, found: Asked, rows: Mapping[str, Rows], shown: str) -> None:
    """Raises Refused, Unreachable, TaskError; and RunFailed where a request is not good."""
    trial = _trial(usable(arguments, found.task, found.file), found, rows, policy_of(arguments))
    tried: list[Tried] = []
    for one in trial.run():
        begins = bool(one.session) and (not tried or tried[-1].session != one.session)
        tried.append(one)
        if shown == "text":
            write("\n".join(["", *([_heading(one.session), ""] if begins else []), *_text(one)]), None)
    if shown == "json":
        write(json.dumps(document([plain_of(one) for one in tried]), indent=2, ensure_ascii=False), None, exact=True)
    if wrong := [one.name for one in tried if not one.good]:
        raise RunFailed(f"{len(wrong)} of {len(tried)} requests {_is(len(wrong))} not good: {', '.join(wrong)}")


def _trial(task: Task, found: Asked, rows: Mapping[str, Rows], policy: Policy) -> Trial:
    if found.file is not None:
        return Trial(task, WorkloadPart(found.file.workload, rows, ()), policy)
    return Trial(task, WorkloadPart(of_url(task, REQUEST), {}, ()) if task.follows_url else None, policy)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _heading(session: str) -> str:
    return f"── {session} ──"


def _text(one: Tried) -> Iterator[str]:
    """As `curl -v` and hurl show it: what was sent, what was answered, and the checks."""
    sent, answer = one.exchange.sent, one.exchange.answer
    if one.pause:
        yield from (f"… {_time(one.pause)} of pause", "")
    yield f"{one.name}: {sent.method} {sent.url}".rstrip()
    yield from _message("> ", sent.headers, sent.body)
    if answer is None:
        yield f"  ✗ {one.kind}: {one.exchange.text}"
        yield from _end(one)
        return
    yield f"< {one.line}"
    yield from _message("< ", answer.headers, answer.body)
    yield f"  {'✓' if one.good else '✗'} {answer.status} in {_time(one.seconds)}"
    for check, holds in one.checks:
        yield f"  {'✓' if holds else '✗'} {check}"
    yield from (f"  {name} = {value}" for name, value in one.takes)
    yield from _end(one)


def _end(one: Tried) -> Iterator[str]:
    if one.ended and one.session:
        yield "  the session ends here"


def _time(seconds: float) -> str:
    return format_duration(float(f"{seconds:.3g}"))


def _message(sign: str, headers: Headers, body: str) -> Iterator[str]:
    yield from (f"{sign}{name}: {value}" for name, value in headers)
    if body:
        lines = body.splitlines()
        yield sign.rstrip()
        yield from (f"{sign}{line}".rstrip() for line in lines[:LINES])
        if len(lines) > LINES:
            yield f"{sign}… {len(lines) - LINES} more lines"
