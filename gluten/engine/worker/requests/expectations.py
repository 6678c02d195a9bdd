"""What is expected of the responses to one named request: its checks.

An outcome is a function of the response's bytes, unless a check is about time, or about a value of the session. So it
is kept beside the response that is known by its bytes, and costs nothing where responses repeat.
"""

from __future__ import annotations

from collections.abc import Sequence

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.requests.raw_response import response_of
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.checks.check import Check
from gluten.workload.templates.values import Values

_HEADS_ONLY = frozenset({"status", "time", "header", "cookie"})


class Expectations:
    """`of_bytes`: the outcome follows from the response's bytes alone. `of_body`: it needs the whole body."""

    __slots__ = ("_before", "_expects_status", "checks", "of_body", "of_bytes")

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)
        self.of_bytes = all(check.of_bytes for check in checks)
        self.of_body = any(check.subject not in _HEADS_ONLY for check in checks)
        self._expects_status = any(check.subject == "status" for check in checks)
        self._before: tuple[bytes, Outcome] = (b"", Outcome(True))

    def judge(self, framing: Framing, pieces: Sequence[bytes], time: float, values: Values) -> Outcome:
        """The outcome of a whole response. `pieces` are its bytes, as far as they were kept; `time` is the response
        time in seconds."""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        before, outcome = self._before
        if data == before and self.of_bytes:
            return outcome
        response = response_of(framing.status, data, framing.length == CHUNKED, time)
        checks = tuple([check.holds(response, values) for check in self.checks])
        outcome = Outcome(all(checks) and (self._expects_status or framing.status < BAD_STATUS), checks)
        self._before = (data, outcome)
        return outcome

    def kinds(self, status: int, outcome: Outcome) -> list[str]:
        """Why a response is not good: the checks that are not true, or its status. Empty: it is good."""
        found = [check.text for check, true in zip(self.checks, outcome.checks, strict=True) if not true]
        if status >= BAD_STATUS and not self._expects_status:
            found.append(f"status {status}")
        return found
