"""`gluten run`: loads from this machine alone. This process is the host of the same engine as in a cluster."""

from __future__ import annotations

import contextlib
import math
import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.commands.alone.figures import Sums, update
from gluten.cli.commands.alone.guide import Guide
from gluten.cli.commands.chores_alone import ChoresAlone
from gluten.cli.commands.inspected import inspected
from gluten.cli.options import asked as asked_for
from gluten.cli.options import usable
from gluten.cli.policy_options import policy_of, push_to
from gluten.cli.reports.outputs import check_report, must_write, write_report
from gluten.cli.slos import check_results
from gluten.cli.streams import print_notice
from gluten.daemon import machine
from gluten.engine.host.host import Host
from gluten.errors import ConfigError, GlutenError, Interrupted, Refused, RunFailed, Unreachable
from gluten.plan.backlog import Watch, capped, hold, waiting
from gluten.plan.chores import SETUP, TEARDOWN, Chore, ChoreDone, chores_of
from gluten.plan.job import NO_FILES, NO_VALUES, UNREACHED, DeltaReady, HostTask, LoadEnded, WorkerLost
from gluten.plan.requests import names_of, workload_of
from gluten.plan.run_state import BY_SLO
from gluten.plan.split import PlanNode, split
from gluten.report.asked import asked as planned_in
from gluten.report.document import build, rows
from gluten.report.results import Head, NodeResult
from gluten.stats.begun import begun, dropped
from gluten.stats.delta import Delta
from gluten.stats.seconds import Seconds
from gluten.task.host_checks import room, unfit
from gluten.task.policy import REFUSED, Policy
from gluten.task.task import Task
from gluten.terminal.progress import Progress, progress_for

if TYPE_CHECKING:
    from gluten.cli.commands.alone.push import Push
    from gluten.documents import EventDocument, ReportDocument, UpdateDocument
    from gluten.push.address import Destination
    from gluten.workload.workload import Workload

NODE = "local"
THREADS = 2


def run(arguments: Arguments) -> int:
    """Load the target and write the report. Raises GlutenError, whose exit code says how the run ended."""
    check_report(arguments)
    standalone = _standalone_run(arguments)
    with interrupts.handled_by(standalone.interrupt):
        standalone.load()
        with interrupts.deferred():
            report = standalone.report()
            if must_write(report, arguments, standalone.failure):
                write_report(arguments, report)
            if standalone.chores.notice:
                print_notice(f"gluten: {standalone.chores.notice}")
    standalone.finish_push(report)
    if standalone.failure:
        raise standalone.failure
    if standalone.interrupted:
        raise Interrupted("interrupted: the report covers the requests that were sent before")
    check_results(report)
    return 0


def _standalone_run(arguments: Arguments) -> StandaloneRun:
    """The run that the arguments ask for. Raises GlutenError if this host or its policy does not allow it."""
    found = asked_for(arguments)
    task = usable(arguments, found.task, found.file)
    policy, destinations = policy_of(arguments), push_to(arguments)
    task = policy.bounded(inspected(task, found.file, policy, arguments.words[0]))
    host = machine.read()
    task = task.resolved(THREADS if policy.max_connections is None else min(THREADS, policy.max_connections))
    if why := unfit(task.connections or task.thread_count, task.thread_count, host):
        raise ConfigError(f"this host is {why}")
    progress, most = progress_for(arguments.flag("quiet")), room(task.thread_count, host)
    files = {} if found.file is None else {name: str(path) for name, path in found.file.paths.items()}
    return StandaloneRun(task, host.cores, progress, policy, most, files, destinations)


class StandaloneRun:
    """One run on this machine."""

    def __init__(
        self,
        task: Task,
        cores: int,
        progress: Progress,
        policy: Policy,
        room: int | None = None,
        files: Mapping[str, str] = NO_FILES,
        destinations: Sequence[Destination] = (),
    ) -> None:
        """`task` is resolved. `room` is the number of elastic connections that this host allows. `files` are the paths
        of the files that a workload names. Figures are pushed to `destinations`."""
        self.task, self.interrupted = task, False
        self.failure: GlutenError | None = None
        self._room, self._files = room if task.elastic else None, files
        self._progress, self._cores = progress, cores
        self._host = Host(cores, policy)
        self._node_task = split(task, [PlanNode(NODE, NODE, cores)], policy.max_connections)[0]
        self._seconds = Seconds()
        self._sums = Sums(task)
        workload = workload_of(task) if task.workload else None
        self._names = names_of(task, workload)
        self._backlog = Watch()
        self._ended: LoadEnded | None = None
        self._gaps = 0
        self._events: list[EventDocument] = []
        self._shown = 0
        self._id = os.urandom(16).hex()
        self._push = _make_push(destinations, self._id, task.name) if destinations else None
        self._guide = self._make_guide(workload, policy.max_connections)
        chore = Chore(self._id, SETUP, task, self._files, NO_VALUES)
        chores = chores_of(task, workload)
        self.chores = ChoresAlone(self._host, policy, chore, chores, self._process_events, self._add_event)
        self._started = ""
        self._repeats = interrupts.RepeatDetector()
        self._wake_reader, self._wake_writer = socket.socketpair()

    def _make_guide(self, workload: Workload | None, ceiling: int | None) -> Guide:
        key = (self._id, 1)
        most = min((each for each in (ceiling, self._room) if each is not None), default=None)
        elapsed, adjust = partial(self._host.elapsed, *key), partial(self._host.adjust, *key)
        stop = partial(self._host.stop, *key)
        return Guide(self.task, workload, NODE, most, elapsed, adjust, stop, self._add_event)

    def run(self) -> ReportDocument:
        """Load the target. Returns the report. Raises Refused."""
        self.load()
        return self.report()

    def load(self) -> None:
        """Send the requests until the load has ended. Raises Refused; any other failure is stored in `failure`."""
        self._started = _now()
        try:
            self._host.watch(self._wake_reader, self._stop)
            if self._set_up():
                try:
                    self._load()
                finally:
                    self.chores.do(TEARDOWN)
        finally:
            self._progress.clear()
            self._host.close()
            self._wake_reader.close()
            self._wake_writer.close()

    def _set_up(self) -> bool:
        """Whether the load may begin."""
        done = self.chores.do(SETUP)
        if done is None:
            return True
        if self.interrupted:
            self._end(LoadEnded(self._id, 1, "stopped", "", 0.0))
        elif done.reason:
            self._end(LoadEnded(self._id, 1, "failed", done.text, 0.0, done.fault))
        return not done.reason

    def _load(self) -> None:
        """Send the requests of sessions, unless the run was stopped before."""
        if self._ended is None:
            self._started, files, taken = _now(), self._files, self.chores.taken
            self._host.start(HostTask(self._id, 1, self._node_task, None, (), self._room, files, taken))
        while self._ended is None:
            self._process_events(1.0)

    def _start_failure(self, report: ReportDocument, ended: LoadEnded) -> dict[str, Any]:
        """The keys of the report that say why the run could not start. No request failed, so the count is 0."""
        if not ended.kind or report["requests"]["sent"]:
            return {}
        return {"kind": ended.kind, "errors": {ended.kind: 0}, "samples": {ended.kind: ended.reason}}

    def report(self) -> ReportDocument:
        """The report of the load, which must have ended."""
        assert self._ended is not None
        head, nodes = self._head(self._started, self._ended), [self._result(self._ended)]
        found = self._guide.found(head.state, self._ended.kind)
        report = build(self.task, head, nodes, rows(self.task, head, nodes), found=found)
        if head.state == "stopped" and head.reason == self._guide.reason != "":
            report["kind"] = BY_SLO
        if self.failure is None:
            return report
        return cast("ReportDocument", report | self._start_failure(report, self._ended))

    def finish_push(self, report: ReportDocument) -> None:
        """Wait until everything that is to be pushed is delivered, or the time for it is over."""
        if self._push is not None:
            self._push.finish(report["slo"], lambda text: print_notice(f"gluten: {text}"))

    def interrupt(self) -> None:
        """Handle a signal: the first one stops the load in order, the second one aborts it.

        This only wakes the loop, which then does it, because a signal may come while workers are being forked.
        """
        self.interrupted = True
        with contextlib.suppress(OSError):
            wake = b"again" if self._repeats.is_repeat(time.monotonic()) else b"!"
            self._wake_writer.send(wake, socket.MSG_DONTWAIT)

    def _stop(self) -> None:
        again = b"again" in self._wake_reader.recv(64)
        self.chores.stop(again)
        end = self._host.abort if again else self._host.stop
        end(self._id, 1)

    def _process_events(self, timeout: float) -> None:
        for event in self._host.poll(timeout):
            if isinstance(event, DeltaReady):
                self._add_delta(event.delta)
            elif isinstance(event, WorkerLost):
                self._worker_lost(event)
            elif isinstance(event, ChoreDone):
                self.chores.over(event)
            else:
                self._end(event)

    def _end(self, ended: LoadEnded) -> None:
        self._ended = ended
        self._check_failure(ended)

    def _add_delta(self, delta: Delta) -> None:
        if self._progress.wanted or self._guide.judges:
            self._sums.add(delta)
        self._seconds.add(delta)
        self._watch_backlog(delta.second)
        self._guide.take(delta, self._seconds, self._sums)
        if self._push is not None:
            self._push.take(delta, self._host.elapsed(self._id, 1), self._guide.shown()["slo"])
        # A delta after the end of load has only the last responses. It is not shown as a second of load.
        if self._progress.wanted and not self._after_load(delta):
            self._progress.show(self._update(self._seconds[delta.second]))

    def _watch_backlog(self, second: int) -> None:
        delta, task = self._seconds[second], self.task
        asks = planned_in(self._guide.schedule, second)
        if not asks:
            return self._backlog.end()
        if text := self._backlog.take(waiting(asks, delta, hold(delta, task.timeout, task.streams))):
            self._add_event("backlog", text, second)
        if text := capped(delta, self._room):
            self._room = None
            self._add_event("capped", text, second, NODE)
        return None

    def _after_load(self, delta: Delta) -> bool:
        """Whether the load ended before the second of this delta."""
        task, total = self.task, self._sums.total
        if task.duration is not None and delta.second >= task.duration:
            return True
        before = begun(total) + dropped(total) - begun(delta) - dropped(delta)
        return task.open_loop and before >= (task.requests or math.inf)

    def _add_event(self, kind: str, text: str, second: int | None = None, node: str = "") -> None:
        self._events.append({"at": _now(), "second": second, "kind": kind, "node": node, "text": text})
        if self._push is not None:
            self._push.event(kind, text, node, second)

    def _update(self, delta: Delta) -> UpdateDocument:
        state = "stopping" if self.interrupted or self._guide.reason else "running"
        more = {"state": state} | self._guide.shown()
        asked, events, self._shown = self._guide.schedule, self._events[self._shown :], len(self._events)
        return update(self.task, self._names, asked, NODE, delta, self._sums, self._backlog, more, events)

    def _worker_lost(self, lost: WorkerLost) -> None:
        self._gaps += lost.gap
        self._add_event("worker_lost", lost.text, node=NODE)
        self._guide.worker_lost()

    def _check_failure(self, ended: LoadEnded) -> None:
        if ended.state != "failed":
            return
        if ended.kind == REFUSED:
            raise Refused(ended.reason)
        if UNREACHED in ended.reason:
            self.failure = Unreachable(ended.reason)
        else:
            self.failure = RunFailed(f"the run failed: {ended.reason}")

    def _head(self, started: str, ended: LoadEnded) -> Head:
        share = {"threads": self.task.threads, "connections": self.task.connections}
        rate, requests = self._node_task.rate, self.task.requests
        plan = [{"name": NODE, "cores": self._cores, "rate": rate, "requests": requests} | share]
        state, reason = ended.state, ended.reason
        if state == "stopped" and not self.interrupted and self._guide.reason:
            state, reason = self._guide.state, self._guide.reason
        adjustments = self._guide.adjustments
        return Head(self._id, 0, self.task.name, state, reason, started, "", self._events, plan, adjustments)

    def _result(self, ended: LoadEnded) -> NodeResult:
        task = self.task
        return NodeResult.summed(
            self._seconds,
            ended.ended,
            name=NODE,
            cores=self._cores,
            threads=task.threads,
            connections=task.connections,
            rate=self._node_task.rate,
            start_skew=0.0,
            gaps=self._gaps,
        )


def _make_push(destinations: Sequence[Destination], run: str, name: str) -> Push:
    from gluten.cli.commands.alone.push import Push  # here, because most runs push nowhere

    return Push(destinations, run, name, NODE)


def _now() -> str:
    """The current time in RFC 3339."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
