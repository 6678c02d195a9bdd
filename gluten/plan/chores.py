"""Chores: the setup and the teardown of a run. One node does each of them once, outside all figures. Values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gluten.plan.requests import workload_of
from gluten.task.limits import MAX_TAKEN, MAX_TAKEN_NAMES
from gluten.task.task import Task

if TYPE_CHECKING:
    from gluten.workload.workload import Workload

SETUP, TEARDOWN = "setup", "teardown"
KINDS = (SETUP, TEARDOWN)


class Chore(NamedTuple):
    """Send the requests of `kind` once for `run`. `files` are those that the workload names, with their paths on this
    host. `taken` are the values that setup took."""

    run: str
    kind: str
    task: Task
    files: Mapping[str, str]
    taken: Mapping[str, str]


class ChoreDone(NamedTuple):
    """A chore is over after so many seconds. `reason` says why it failed; empty: it is done, and took `taken`. `fault`
    is an error kind if nothing was sent, because a host could not be reached or is not allowed."""

    run: str
    kind: str
    reason: str
    fault: str
    taken: Mapping[str, str]
    seconds: float

    @property
    def event(self) -> str:
        """The kind of the run's event."""
        return f"{self.kind}_failed" if self.reason else self.kind

    @property
    def text(self) -> str:
        """For people: without values."""
        if self.reason:
            return f"{self.kind} failed: {self.reason}"
        count, milliseconds = len(self.taken), round(self.seconds * 1000)
        if self.kind == TEARDOWN:
            return f"teardown was done in {milliseconds} ms"
        return f"setup took {count} value{'' if count == 1 else 's'} in {milliseconds} ms"


class Chores(NamedTuple):
    """How many seconds setup and teardown may take by the timeouts of their requests; None: there is none. `takes`:
    setup takes values."""

    setup: float | None = None
    teardown: float | None = None
    takes: bool = False

    def longest(self, kind: str) -> float | None:
        return self.setup if kind == SETUP else self.teardown


def chores_of(task: Task, workload: Workload | None = None) -> Chores:
    """What the workload of the task says. `workload` None: its file is read."""
    if not task.workload:
        return Chores()
    workload = workload or workload_of(task)
    takes = any(workload.requests[place].takes for place in workload.setup)
    return Chores(_longest(task, workload, workload.setup), _longest(task, workload, workload.teardown), takes)


def _longest(task: Task, workload: Workload, places: tuple[int, ...]) -> float | None:
    """Each host's name is resolved, and its addresses are tried, before the first request."""
    if not places:
        return None
    requests = [workload.requests[place] for place in places]
    hosts = len({request.origin for request in requests})
    return sum(request.timeout or task.timeout for request in requests) + 2 * task.timeout * hosts


def too_much(taken: Mapping[str, str]) -> str:
    """Why all nodes cannot be given these values; empty: they can."""
    if len(taken) > MAX_TAKEN_NAMES:
        return f"it took {len(taken)} values; at most {MAX_TAKEN_NAMES}"
    size = sum(len(name) + len(value.encode()) for name, value in taken.items())
    return f"it took values of {size} bytes in all; at most {MAX_TAKEN >> 10} KiB" if size > MAX_TAKEN else ""
