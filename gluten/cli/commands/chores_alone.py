"""Setup and teardown of `gluten run`: before and after the load, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from gluten.plan.chores import SETUP, TEARDOWN, Chore, ChoreDone, Chores
from gluten.plan.job import NO_VALUES
from gluten.task.policy import Policy

if TYPE_CHECKING:
    from gluten.engine.host.host import Host


class ChoresAlone:
    """`chore` has what is the same for setup and teardown, `chores` says which of them there are, and `taken` is what
    setup took. `wait` handles the host's events, and gives a `ChoreDone` to `over`. `add_event` gets a kind and a text
    for people."""

    def __init__(
        self,
        host: Host,
        policy: Policy,
        chore: Chore,
        chores: Chores,
        wait: Callable[[float], None],
        add_event: Callable[[str, str], None],
    ) -> None:
        self._host, self._policy, self._wait, self._add_event = host, policy, wait, add_event
        self._chore, self._chores = chore, chores
        self._doing: Chore | None = None
        self._done: ChoreDone | None = None
        self.taken: Mapping[str, str] = NO_VALUES
        self.notice = ""
        """Why teardown failed. It changes no exit code."""

    def do(self, kind: str) -> ChoreDone | None:
        """Do it with what setup took. None: the task has none."""
        if self._chores.longest(kind) is None:
            return None
        from gluten.engine.trial.chore import do  # here, because few runs have chores

        self._doing, self._done = self._chore._replace(kind=kind, taken=self.taken), None
        self._host.do(self._doing, partial(do, self._policy))
        done = self._awaited()
        self._doing = None
        self._add_event(done.event, done.text)
        if kind == SETUP:
            self.taken = done.taken
        elif done.reason:
            self.notice = done.text
        return done

    def _awaited(self) -> ChoreDone:
        while True:
            if (done := self._done) is not None:
                return done
            self._wait(1.0)

    def over(self, done: ChoreDone) -> None:
        """A chore has ended."""
        self._done = done

    def stop(self, at_once: bool) -> None:
        """A person stops the run. Teardown goes on, unless everything is to end at once."""
        doing = self._doing
        if doing is not None and (at_once or doing.kind != TEARDOWN):
            self._host.end_chore(doing.run, doing.kind)
