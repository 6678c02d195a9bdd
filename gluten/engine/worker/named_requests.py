"""The requests of a workload, or of a URL with trace ids, as the attack uses them."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.engine.parts import WorkerTask
from gluten.engine.worker.http2.choice import open_session
from gluten.engine.worker.http_session import HttpSession, SessionContext
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.named_sender import Hosts, NamedSender
from gluten.engine.worker.requests.load import ThreadRequests, load_of, thread_requests
from gluten.engine.worker.requests.writer import host_task
from gluten.engine.worker.thread import LoadThread, Paced
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.hosts_transport import HostsTransport
from gluten.engine.worker.transport.transport import MakeTransport, Transport
from gluten.plan.schedule import Schedule


class NamedRequests:
    """See `Requests`."""

    in_steps = False
    last_sent = 0.0

    def __init__(self, job: WorkerTask, implied: bool) -> None:
        self._job, self._load = job, load_of(job, implied)
        self.recorders, self.all, self.plain = self._load.recorders, self._load.all, self._load.plain
        self._of: dict[int, ThreadRequests] = {}

    def dialers(self) -> list[Dialer]:
        job, part = self._job, self._job.workload
        if part is None:
            return [Dialer(job.task, job.addresses, job.policy)]
        first = {request.origin: request for request in reversed(part.workload.requests)}
        return [
            Dialer(host_task(first[origin], job.task), list(addresses), job.policy)
            for origin, addresses in zip(part.workload.origins, part.hosts, strict=True)
        ]

    def number(self, threads: Sequence[LoadThread], schedule: Schedule | None) -> None:
        found = thread_requests(self._load, self._job, schedule)
        self._of = {id(thread): requests for thread, requests in zip(threads, found, strict=True)}

    def session(
        self, context: SessionContext, thread: LoadThread, make: MakeTransport, mailbox: Mailbox
    ) -> HttpSession:
        hosts = 1 + max(named.host for named in self.all)
        if self.plain:
            return open_session(context, thread, make(0), mailbox, make)
        if hosts == 1:
            one = make(0)
            return self._session(context, thread, mailbox, make, one, OneHost())
        several = HostsTransport(make, context.slots.disconnected)
        return self._session(context, thread, mailbox, make, several, several)

    def _session(
        self,
        context: SessionContext,
        thread: LoadThread,
        mailbox: Mailbox,
        make: MakeTransport,
        transport: Transport,
        hosts: Hosts,
    ) -> HttpSession:
        requests = self._of[id(thread)]

        def make_sender(slot: int) -> NamedSender:
            return NamedSender(context, thread, transport, mailbox, slot, requests, hosts)

        return open_session(context, thread, transport, mailbox, make, make_sender)

    def drop(self, thread: Paced, count: int) -> None:
        self._of[id(thread)].drop(count)


class OneHost:
    """There is no other host."""

    def choose(self, host: int) -> None:
        """It is always the same one."""

    def close_others(self) -> None:
        """There is none."""
