"""What came of one request of a trial."""

from __future__ import annotations

from typing import NamedTuple

from gluten.stats.failure import Failure


class Tried(NamedTuple):
    """One request with its response, without secrets. `line` is the response's first line. `kind` is that of the error
    with which it failed, or empty; `seconds` is the response time. `checks` are their texts, and whether each holds.

    `takes` are the names and texts of what was taken. `session` is the scenario, or `setup` and `teardown`; empty
    without scenarios. `pause` is how long a session pauses before it. `is_bad`: it ends its session, unless `on_fail`
    says otherwise; `ended`: it did.
    """

    name: str
    exchange: Failure
    good: bool
    line: str = ""
    kind: str = ""
    seconds: float = 0.0
    checks: tuple[tuple[str, bool], ...] = ()
    takes: tuple[tuple[str, str], ...] = ()
    session: str = ""
    pause: float = 0.0
    is_bad: bool = False
    ended: bool = False

    @property
    def why(self) -> str:
        """Why it is not good, in one line."""
        if self.kind:
            return f"request {self.name}: {self.kind}: {self.exchange.text}"
        status = self.exchange.answer.status if self.exchange.answer is not None else 0
        failed = next((text for text, holds in self.checks if not holds), "")
        what = f"{failed!r} does not hold: it was answered" if failed else "it was answered"
        return f"request {self.name}: {what} with status {status}"
