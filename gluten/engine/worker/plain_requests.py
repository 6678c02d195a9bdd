"""The requests of a worker's task. Here: of a task that is one URL; `named_requests` has those of a workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gluten.engine.parts import WorkerTask
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.http2.choice import open_session
from gluten.engine.worker.http_session import HttpSession, SessionContext
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.thread import LoadThread, Paced
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.transport import MakeTransport
from gluten.plan.schedule import Schedule
from gluten.stats.request_stats import REQUEST


class Requests(Protocol):
    """What the attack asks of its requests. `plain`: there is one, always the same: the fastest callbacks send it.
    `last_sent`: when the last one was sent (monotonic seconds), where sessions go on after the load ended."""

    recorders: Recorders
    all: tuple[Named, ...]
    plain: bool

    @property
    def in_steps(self) -> bool:
        """Whether sessions have steps, and go on after the load ended."""

    @property
    def last_sent(self) -> float: ...

    def dialers(self) -> list[Dialer]:
        """One for each host. Raises `Fault` (tls, refused)."""

    def number(self, threads: Sequence[LoadThread], schedule: Schedule | None) -> None:
        """The threads are there. `schedule` None: a closed loop."""

    def session(
        self,
        context: SessionContext,
        thread: LoadThread,
        make: MakeTransport,
        mailbox: Mailbox,
    ) -> HttpSession:
        """A session that sends the requests of a thread."""

    def drop(self, thread: Paced, count: int) -> None:
        """`count` planned requests of the thread were not sent."""


class PlainRequests:
    """One URL: one recorder, and one memory of its responses."""

    plain = True
    in_steps = False
    last_sent = 0.0

    def __init__(self, job: WorkerTask, implied: bool) -> None:
        task = job.task
        request = build(task)
        self._job = job
        self.recorders = Recorders(task.open_loop, implied, {REQUEST: len(request)})
        responses = Responses(task.method, task.max_body, closing=not task.kept)
        self.all: tuple[Named, ...] = (
            Named(REQUEST, self.recorders.by_name[REQUEST], responses, request, timeout=task.timeout),
        )

    def dialers(self) -> list[Dialer]:
        return [Dialer(self._job.task, self._job.addresses, self._job.policy)]

    def number(self, threads: Sequence[LoadThread], schedule: Schedule | None) -> None:
        """One request needs no numbers."""

    def session(
        self, context: SessionContext, thread: LoadThread, make: MakeTransport, mailbox: Mailbox
    ) -> HttpSession:
        return open_session(context, thread, make(0), mailbox, make)

    def drop(self, thread: Paced, count: int) -> None:
        self.all[0].recorder.dropped += count


def requests_of(job: WorkerTask, implied: bool) -> Requests:
    """The requests of the job. `implied`: see `Recorder`."""
    if job.workload is None and not job.task.trace:
        return PlainRequests(job, implied)
    if job.workload is not None and job.workload.workload.follows:
        from gluten.engine.worker.scenarios.scenario_requests import ScenarioRequests

        return ScenarioRequests(job)
    # A task that is one URL starts sooner without these modules.
    from gluten.engine.worker.named_requests import NamedRequests

    return NamedRequests(job, implied)
