"""Setup or teardown of a run, in a process of its own: its requests are asked one after the other."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from gluten.engine.channel import report
from gluten.engine.fault import Fault
from gluten.errors import GlutenError
from gluten.plan.chores import SETUP, Chore, too_much
from gluten.task.policy import Policy

LONGEST_REASON = 800
"""Characters. A message on the bus holds it with what stands before it."""


def do(policy: Policy, chore: Chore, channel: socket.socket) -> None:
    """Send what was taken, or why the chore failed."""
    answer = {"reason": "", "fault": "", "taken": {}}
    try:
        reason, taken = _done(policy, chore)
        answer |= {"reason": reason[:LONGEST_REASON], "taken": {} if reason else dict(taken)}
    except GlutenError as error:
        cause = error.__cause__
        fault = cause.kind if isinstance(cause, Fault) else ""
        answer |= {"reason": str(error)[:LONGEST_REASON], "fault": fault}
    report(channel, answer)


def _done(policy: Policy, chore: Chore) -> tuple[str, Mapping[str, str]]:
    """Why it failed, and what it took. Raises Unreachable, Refused, WorkloadError."""
    # Here, because few runs have chores.
    from gluten.engine.host.workload import part_of
    from gluten.engine.parts import WorkerTask
    from gluten.engine.trial.asker import Asker
    from gluten.engine.trial.hosts import Hosts
    from gluten.engine.trial.order import ask_chore, taken_in_setup
    from gluten.engine.worker.requests.load import load_of

    task, part = chore.task, part_of(chore.task, chore.files)._replace(taken=chore.taken)
    workload, is_setup = part.workload, chore.kind == SETUP
    places = workload.setup if is_setup else workload.teardown
    needed = dict.fromkeys(workload.requests[place].origin for place in places)
    hosts = Hosts(task, workload.origins, policy, needed)
    load = load_of(WorkerTask(task, [], (), (), None, 0.0, workload=part), implied=False)
    asker = Asker(task, part, hosts, load.values(chore.run))
    asker.values.begin(0)
    why = [tried.why for tried in ask_chore(chore.kind, workload, load.all, asker) if tried.ended]
    hosts.close()
    taken = {name: _whole(text) for name, text in taken_in_setup(workload, asker.values).items()} if is_setup else {}
    return (why[0] if why else too_much(taken)), taken


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and messages cannot."""
    return text.encode("utf-8", "replace").decode()
