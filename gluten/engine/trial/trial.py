"""Tries a workload: each request once, in the file's order, with the first rows. It sends no load."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.host.preflight import addresses, allowed, reachable
from gluten.engine.parts import WorkerTask, WorkloadPart
from gluten.engine.trial.connection import Connection
from gluten.engine.worker.http1.framing import Framing
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.recording.recorder import Outcome, Recorders
from gluten.engine.worker.requests.exchange import Redactor, bad_answer, failure, secrets_of
from gluten.engine.worker.requests.load import load_of
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.numbers import Drawer, drawers
from gluten.engine.worker.requests.raw_response import parted
from gluten.errors import Refused, TemplateFailure, Unreachable
from gluten.plan.job import UNREACHED
from gluten.stats.failure import Failure
from gluten.stats.request_stats import BAD_STATUS, REQUEST
from gluten.task.policy import REFUSED, Policy
from gluten.task.task import Task
from gluten.workload.templates.values import Row, Values


class Tried(NamedTuple):
    """One request with its response, without secrets. `line` is the response's first line. `kind` is that of the error
    with which it failed, or empty; `seconds` is the response time. `checks` are their texts, and whether each holds."""

    name: str
    exchange: Failure
    good: bool
    line: str = ""
    kind: str = ""
    seconds: float = 0.0
    checks: tuple[tuple[str, bool], ...] = ()


class Trial:
    """`part` None: the task is one URL. Its addresses are found when it is made: raises Unreachable, Refused."""

    def __init__(
        self, task: Task, part: WorkloadPart | None, policy: Policy, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._task, self._part, self._clock = task, part, clock
        self._origins = part.workload.origins if part is not None else (_origin(task),)
        hosts = [task._replace(url=f"{origin}/") for origin in self._origins]
        self._connections = [Connection(host, _found(host, policy)) for host in hosts]
        self._draw = _Rows(drawers(part.workload, part.rows) if part is not None else {})

    def run(self) -> Iterator[Tried]:
        """Each request, as soon as it is answered."""
        try:
            named, values = self._requests()
            for number, request in enumerate(named):
                values.begin(number)
                values.rows.update((feed, self._draw(feed)) for feed in request.feeds)
                yield self._try(request, values)
        finally:
            for connection in self._connections:
                connection.close()

    def _requests(self) -> tuple[tuple[Named, ...], Values]:
        run = os.urandom(16).hex()
        if self._part is None and not self._task.trace:
            text = build(self._task)
            responses = Responses(self._task.method, self._task.max_body, closing=not self._task.kept)
            recorder = Recorders(False, False, {REQUEST: len(text)}).by_name[REQUEST]
            alone = Named(REQUEST, recorder, responses, text, timeout=self._task.timeout)
            return (alone,), Values(0, run, time.time, str, {})
        load = load_of(WorkerTask(self._task, [], (), (), None, 0.0, workload=self._part), implied=False)
        return load.all, load.values(run)

    def _try(self, named: Named, values: Values) -> Tried:
        request = b""
        redactor = Redactor(secrets_of(self._task, self._part, values), self._task.secret)
        try:
            request = _written(named, values)
            connection = self._connections[named.host]
            connection.open()
            began = self._clock()
            framing, data = connection.ask(request, named.responses, named.timeout)
        except Fault as fault:
            kept = failure(0, "", request, redactor, self._origins[named.host], str(fault))
            return Tried(named.name, kept, False, kind=fault.kind)
        seconds = self._clock() - began
        outcome = _outcome(named, framing, data, seconds, values)
        kept = bad_answer(0, "", request, framing, [data], redactor, self._origins[named.host])
        line = redactor.text(parted(data)[0].partition(b"\n")[0].strip().decode("utf-8", "replace"))
        return Tried(named.name, kept, outcome.good, line, "", seconds, _checks(named, outcome))


class _Rows:
    """The rows of the feeds, from the first one on. After the last one the first comes again: it is no run."""

    def __init__(self, of: Mapping[str, Drawer]) -> None:
        self._of, self._uses = of, dict.fromkeys(of, 0)

    def __call__(self, feed: str) -> Row:
        drawer, use = self._of[feed], self._uses[feed]
        self._uses[feed] += 1
        found = drawer.pick(use % len(drawer.rows), 0)
        return drawer.rows.row(found or 0)


def _found(host: Task, policy: Policy) -> list[str]:
    """The addresses that may be loaded and accept connections. Raises Refused, Unreachable, TaskError."""
    try:
        return reachable(host, allowed(host, policy, addresses(host)))
    except Fault as fault:
        if fault.kind == REFUSED:
            raise Refused(str(fault)) from None
        raise Unreachable(f"{UNREACHED}: {fault}") from None


def _origin(task: Task) -> str:
    return f"{task.target.scheme}://{task.target.netloc}"


def _written(named: Named, values: Values) -> bytes:
    """Raises `Fault` (template)."""
    if named.write is None:
        return named.constant or b""
    try:
        return named.write(values)
    except TemplateFailure as error:
        raise Fault("template", str(error)) from None


def _outcome(named: Named, framing: Framing, data: bytes, seconds: float, values: Values) -> Outcome:
    if named.expectations is None:
        return Outcome(framing.status < BAD_STATUS)
    return named.expectations.judge(framing, [data], seconds, values)


def _checks(named: Named, outcome: Outcome) -> tuple[tuple[str, bool], ...]:
    if named.expectations is None:
        return ()
    return tuple(zip((check.text for check in named.expectations.checks), outcome.checks, strict=True))
