"""The process that does a chore, as the host sees it. No I/O."""

from __future__ import annotations

from typing import Any

from gluten.plan.chores import Chore, ChoreDone


class ChoreProcess:
    """`began` is the monotonic instant at which it was forked, `answer` what it said."""

    __slots__ = ("answer", "began", "chore", "pid")

    def __init__(self, chore: Chore, pid: int, began: float) -> None:
        self.chore, self.pid, self.began = chore, pid, began
        self.answer: dict[str, Any] | None = None

    def done(self, status: int, now: float) -> ChoreDone:
        """It has ended with this wait status."""
        run, kind = self.chore.run, self.chore.kind
        answer = self.answer or {"reason": f"its process was ended (wait status {status})", "fault": "", "taken": {}}
        return ChoreDone(run, kind, answer["reason"], answer["fault"], answer["taken"], now - self.began)
