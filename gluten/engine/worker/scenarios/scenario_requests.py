"""The requests of a workload whose next request follows from what was answered: by scenarios, takes or redirects."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gluten.engine.parts import WorkerTask
from gluten.engine.worker.http2.choice import open_session
from gluten.engine.worker.http_session import SessionContext
from gluten.engine.worker.mailbox import Mailbox
from gluten.engine.worker.named_requests import OneHost
from gluten.engine.worker.named_sender import Hosts
from gluten.engine.worker.recording.session_recorder import SessionRecorder
from gluten.engine.worker.requests.cookies import CookieJar
from gluten.engine.worker.requests.load import load_of, thread_requests
from gluten.engine.worker.requests.writer import host_task
from gluten.engine.worker.scenarios.asking import Asking
from gluten.engine.worker.scenarios.host_directory import HostDirectory
from gluten.engine.worker.scenarios.progress import Progress
from gluten.engine.worker.scenarios.scenario_sender import ScenarioSender
from gluten.engine.worker.scenarios.scenario_session import ScenarioSession
from gluten.engine.worker.scenarios.thread_sessions import ThreadSessions
from gluten.engine.worker.thread import LoadThread, Paced
from gluten.engine.worker.transport.dialer import Dialer
from gluten.engine.worker.transport.hosts_transport import HostsTransport
from gluten.engine.worker.transport.transport import MakeTransport, Transport
from gluten.plan.schedule import Schedule
from gluten.workload.scenarios.steps import Group, every_step
from gluten.workload.workload import Workload


class ScenarioRequests:
    """See `Requests`."""

    plain = False

    def __init__(self, job: WorkerTask) -> None:
        assert job.workload is not None
        self._job, self._workload = job, job.workload.workload
        self._load = load_of(job, implied=False)
        self.recorders, self.all = self._load.recorders, self._load.all
        self.recorders.sessions = self._recorder = _recorder(self._workload)
        self._of: dict[int, ThreadSessions] = {}
        self._hosts = self._directory()
        self._all_progress: list[Progress] = []

    @property
    def last_sent(self) -> float:
        # Without scenarios nothing goes on after the load, so a run ends as one of plain requests does.
        sent = [progress.sent_at for progress in self._all_progress] if self.in_steps else []
        return max(sent, default=0.0)

    @property
    def in_steps(self) -> bool:
        """Whether there are scenarios, so that sessions go on after the load ended."""
        return self._recorder is not None

    def _directory(self) -> HostDirectory:
        job, part = self._job, self._job.workload
        assert part is not None
        first = {request.origin: request for request in reversed(self._workload.requests)}
        origins = self._workload.origins
        dialers = [
            Dialer(host_task(first[origin], job.task), list(addresses), job.policy)
            for origin, addresses in zip(origins, part.hosts, strict=True)
        ]
        return HostDirectory(host_task(first[origins[0]], job.task), job.policy, origins, dialers)

    def dialers(self) -> list[Dialer]:
        """A redirect to another host adds one to the list."""
        return self._hosts.dialers

    def number(self, threads: Sequence[LoadThread], schedule: Schedule | None) -> None:
        found = thread_requests(self._load, self._job, schedule)
        for thread, requests in zip(threads, found, strict=True):
            self._of[id(thread)] = ThreadSessions(
                self._workload, self.all, requests.numbers, requests.values, requests.tracer, schedule is None
            )

    def session(
        self,
        context: SessionContext,
        thread: LoadThread,
        make: MakeTransport,
        mailbox: Mailbox,
    ) -> ScenarioSession:
        transport, hosts = self._transport(context, make)
        sessions = self._of[id(thread)]

        def make_sender(slot: int) -> ScenarioSender:
            jar = CookieJar(time.time)
            values, tracer = sessions.values(), sessions.tracer
            return ScenarioSender(context, thread, transport, mailbox, slot, hosts, values, jar, tracer)

        http = open_session(context, thread, transport, mailbox, make, make_sender)
        sender = http.sender
        assert isinstance(sender, ScenarioSender)
        progress = Progress(self._recorder)
        self._all_progress.append(progress)
        asking = Asking(http, sender, self._hosts, progress)
        return ScenarioSession(http, sender, sessions, mailbox, asking, progress)

    def _transport(self, context: SessionContext, make: MakeTransport) -> tuple[Transport, Hosts]:
        if len(self._workload.origins) == 1 and not any(named.redirects for named in self.all):
            return make(0), OneHost()
        several = HostsTransport(make, context.slots.disconnected)
        return several, several

    def drop(self, thread: Paced, count: int) -> None:
        found = self._of[id(thread)].drop(count)
        for place, times in enumerate(found):
            if self._recorder is not None:
                self._recorder.dropped(place, times)
            else:
                self.all[place].recorder.dropped += times


def _recorder(workload: Workload) -> SessionRecorder | None:
    if not workload.scenarios:
        return None
    names = [scenario.name for scenario in workload.scenarios]
    steps = [step for scenario in workload.scenarios for step in every_step(scenario.do)]
    groups = dict.fromkeys(step.name for step in steps if isinstance(step, Group))
    return SessionRecorder(names, list(groups))
