"""What people order: to submit a task, to stop a run, to change its rate. Each takes effect before it is answered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gluten.cluster.master.membership import Membership
from gluten.cluster.master.provider import Provider
from gluten.cluster.master.queries import Queries
from gluten.cluster.master.run_writer import LiveRun
from gluten.cluster.master.scheduler import Scheduler
from gluten.cluster.ports import AsyncStore, MasterFiles, Trials
from gluten.cluster.run.assignment import Moment
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.documents import RunDocument
from gluten.engine.certificates import check_certificates
from gluten.errors import WrongState
from gluten.plan.run_state import QUEUED
from gluten.slo import names
from gluten.store.files.feed_files import Inspection, inspect
from gluten.store.records import RunRecord
from gluten.task.policy import Policy
from gluten.task.task import Task

T = TypeVar("T")


class Orders:
    """`policy` says which tasks are accepted. `take_effect` is called after each change. `provider` keeps the files of
    runs, which are among `files`. `trials` sends requests for people who try them."""

    def __init__(
        self,
        store: AsyncStore,
        membership: Membership,
        scheduler: Scheduler,
        queries: Queries,
        policy: Policy,
        moment: Callable[[], Moment],
        take_effect: Callable[[], None],
        files: MasterFiles,
        provider: Provider,
        trials: Trials | None = None,
    ) -> None:
        self._trials = trials
        self._files, self._provider = files, provider
        self._store, self._membership, self._scheduler, self._queries = store, membership, scheduler, queries
        self._policy, self._moment, self._take_effect = policy, moment, take_effect
        self.expects_node = False
        """A node is about to join: a task waits for it, and is not refused."""

    def submit(self, task: Task, key: str, who: str) -> RunDocument:
        """Queue a task; the same key gives the same run. Raises TaskError, Refused, WrongState (also for a key that
        stands for another task, and for files that the master lacks), StoreError.

        Its secrets are in memory alone: the store gets the task without them.
        """
        task = self._policy.bounded(task)
        for live in self._scheduler.runs:
            if key and live.book.key == key:
                public = self._apart(task, task.public)
                _check_same(live.book.public.to_map(), public.to_map(), live.book.number)
                return self._queries.live_map(live)
        found = self._checked(task)
        task = task._replace(rows=found.rows, sessions=found.sessions)
        public = self._apart(task, task.public)
        run, created = uuid.uuid4().hex, self._moment().wall
        record = RunRecord(id=run, task=public.to_map(), name=task.name, key=key, who=who, created_at=created)
        kept = self._store.create_run(record)
        _check_same(kept.task, record.task, kept.number)
        if not self._is_new(kept, record):
            return self._queries.run(kept.id)
        book = RunBook(kept.id, kept.number, task, kept.created_at, key, who, public, found.workload)
        book.files = found.files
        self._provider.keep(book)
        return self._changed(self._scheduler.add(Run(book)))

    def attempt(self, task: Task) -> dict[str, Any]:
        """Send each request of the task once, under the rules of `submit`. Raises TaskError, Refused, WrongState,
        StoreError."""
        self._sound(task)
        if self._trials is None:
            raise WrongState("this master cannot try requests")
        path_of = self._path_in(task)
        return self._trials.attempt(task, {name: str(path_of(name)) for name, _ in task.files})

    def stop(self, ref: str, who: str) -> RunDocument:
        """End a run early. Raises NotFound, WrongState."""
        live = self._queries.unfinished(ref, "stop")
        live.run.stop(self._moment(), who)
        return self._changed(live)

    def adjust(self, ref: str, rate: float, who: str) -> RunDocument:
        """Change a running task's rate (requests/s). Raises NotFound, WrongState, TaskError, Refused."""
        live = self._queries.unfinished(ref, "adjust")
        self._policy.check_rate(rate)
        live.run.adjust(rate, self._moment(), who)
        return self._changed(live)

    def _checked(self, task: Task) -> Inspection:
        """The same, if a run can be queued now."""
        found = self._sound(task)
        if self._scheduler.closing:
            raise WrongState("the master is being stopped: send the task once it is back")
        if not self.expects_node and not any(node.present and node.info.load for node in self._membership):
            raise WrongState("no node takes part in load: start a slave, or the master without --no-load")
        return found

    def _sound(self, task: Task) -> Inspection:
        """What the task's workload and files say. A calling greenlet may wait for that."""
        task.check_whole()
        check_certificates(task)
        self._check_files(task)
        found = self._apart(task, partial(inspect, task, self._path_in(task)))
        if task.slo:
            names.read(task.slo, found.requests, found.scenarios, found.groups)
        for one in found.hosts:
            self._policy.check(one)
        return found

    def _apart(self, task: Task, work: Callable[[], T]) -> T:
        """Of a workload, everything may take seconds."""
        return self._files.apart(work) if task.workload else work()

    def _check_files(self, task: Task) -> None:
        """Raises WrongState for files that are not here."""
        if missing := [name for name, sha in task.files if not self._files.touch(sha)]:
            names = ", ".join(missing)
            raise WrongState(f"files: the master lacks {names[:500]}: send them first (PUT /api/v1/files/SHA256)")

    def _path_in(self, task: Task) -> Callable[[str], Path]:
        digests = dict(task.files)
        return lambda name: Path(self._files.path(digests[name]))

    def _is_new(self, kept: RunRecord, record: RunRecord) -> bool:
        """The run is to be queued here: it was stored just now, or earlier when the store's answer did not come."""
        if self._scheduler.find(kept.id) is not None:
            return False  # another request with the same key was quicker
        return kept.id == record.id or kept.state == QUEUED

    def _changed(self, live: LiveRun) -> RunDocument:
        self._scheduler.changed(live)
        self._take_effect()
        return self._queries.live_map(live)


def _check_same(known: dict[str, Any], asked: dict[str, Any], number: int) -> None:
    """An idempotency key is for sending one task again. Another task would get the counts of the first one."""
    asks = {*known, *asked} - {"rows", "sessions"}  # the master has counted these
    if differing := sorted(name for name in asks if known.get(name) != asked.get(name)):
        raise WrongState(
            f"this idempotency key belongs to run {number}, whose task differs ({', '.join(differing)}): choose another"
        )
