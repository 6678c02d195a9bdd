"""Tries a workload: a session of each scenario, or each request once, with the first rows. It sends no load."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from gluten.engine.parts import WorkerTask, WorkloadPart
from gluten.engine.trial.asker import Asker
from gluten.engine.trial.hosts import Hosts
from gluten.engine.trial.sessions import FirstRows, Sessions
from gluten.engine.trial.tried import Tried
from gluten.engine.worker.http1.request import build
from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.recording.recorder import Recorders
from gluten.engine.worker.requests.load import load_of
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.numbers import drawers
from gluten.stats.request_stats import REQUEST
from gluten.task.policy import Policy
from gluten.task.task import Task
from gluten.workload.templates.values import Values


class Trial:
    """`part` None: the task is one URL. Its addresses are found when it is made: raises Unreachable, Refused."""

    def __init__(
        self,
        task: Task,
        part: WorkloadPart | None,
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._task, self._part, self._clock, self._sleep = task, part, clock, sleep
        self._hosts = Hosts(task, part.workload.origins if part is not None else (_origin(task),), policy)

    def run(self) -> Iterator[Tried]:
        """Each request, as soon as it is answered."""
        try:
            named, values = self._requests()
            asker = Asker(self._task, self._part, self._hosts, values, self._clock)
            if self._part is None:
                yield from asker.ask(named[0])
            else:
                yield from self._sessions(self._part, named, asker).run()
        finally:
            self._hosts.close()

    def _sessions(self, part: WorkloadPart, named: tuple[Named, ...], asker: Asker) -> Sessions:
        rows = FirstRows(drawers(part.workload, part.rows))
        with_once = not self._task.open_loop
        return Sessions(part.workload, named, asker, rows, with_once, self._hosts.close, self._sleep)

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


def _origin(task: Task) -> str:
    return f"{task.target.scheme}://{task.target.netloc}"
