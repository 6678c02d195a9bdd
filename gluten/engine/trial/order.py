"""Asks requests in their order: one of a session, and those of a chore."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from gluten.engine.trial.asker import Asker
from gluten.engine.trial.tried import Tried
from gluten.engine.worker.requests.named import Named
from gluten.plan.chores import SETUP
from gluten.workload.scenarios.steps import CONTINUE, END
from gluten.workload.templates.values import Values
from gluten.workload.workload import Workload


def ask_one(
    asker: Asker, named: Named, step: int, session: str, pause: float = 0.0, on_fail: str = END
) -> Generator[Tried, None, bool]:
    """Returns whether the request ends its session."""
    asker.values.step, ended = step, False
    for tried in asker.ask(named):
        ended = tried.is_bad and on_fail != CONTINUE
        yield tried._replace(session=session, pause=pause, ended=ended)
        pause = 0.0
    return ended


def ask_chore(kind: str, workload: Workload, named: Sequence[Named], asker: Asker) -> Generator[Tried, None, bool]:
    """The requests of setup or teardown, up to the first one that is not good. Returns whether there was one. Only a
    request itself can say that it need not be good."""
    for step, place in enumerate(workload.setup if kind == SETUP else workload.teardown):
        on_fail = workload.requests[place].on_fail or END
        ended = yield from ask_one(asker, named[place], step, kind, on_fail=on_fail)
        if ended:
            return True
    return False


def taken_in_setup(workload: Workload, values: Values) -> dict[str, str]:
    """What sessions know from now on. A value that was not taken is empty."""
    takes = [name for place in workload.setup for name, _ in workload.requests[place].takes]
    return {name: values.taken.get(name, "") for name in takes}
