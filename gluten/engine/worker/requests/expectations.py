"""What is expected of the responses to one named request: its checks, and what is taken of them.

An outcome is a function of the response's bytes, unless a check is about time, or about a value of the session. So it
is kept beside the response that is known by its bytes, and costs nothing where responses repeat. What is taken goes
into the session's values, so a response with takes is looked into each time.

In the usual case only the status is checked, and JSON is taken by paths. Where all is found, the outcome follows from
the status. So it is kept, and the response is taken apart no further than the takes need it (`json_takes`).
"""

from __future__ import annotations

from collections.abc import Sequence

from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.recording.recorder import Outcome
from gluten.engine.worker.requests.raw_response import LastHead
from gluten.stats.request_stats import BAD_STATUS
from gluten.workload.checks.check import Check
from gluten.workload.checks.content_coding import LARGEST
from gluten.workload.checks.json_takes import JsonTakes
from gluten.workload.checks.response import Response
from gluten.workload.checks.take import Take
from gluten.workload.templates.values import Values

_HEADS_ONLY = frozenset({"status", "time", "header", "cookie"})


class Expectations:
    """`of_bytes`: the outcome follows from the response's bytes alone. `of_body`: it needs the whole body. `texts` are
    the checks as reports have them: a take without `else` is one, too. `head` is that of the last response."""

    __slots__ = ("_before", "_expects_status", "_json_takes", "_needles", "_of_status", "_response", "_takes", "_usual",
                 "checks", "head", "of_body", "of_bytes", "texts")  # fmt: skip

    def __init__(self, checks: Sequence[Check], takes: Sequence[tuple[str, Take]] = ()) -> None:
        self.checks, self._takes = tuple(checks), tuple(takes)
        self.texts = texts_of(checks, takes)
        self.of_bytes = not takes and all(check.of_bytes for check in checks)
        self.of_body = any(check.subject not in _HEADS_ONLY for check in checks) or any(
            take.of_body for _, take in takes
        )
        self._expects_status = any(check.subject == "status" for check in checks)
        self.head = LastHead()
        paths = [(name, take.path) for name, take in takes if take.path is not None]
        self._json_takes = JsonTakes(paths)
        self._needles = [check.needle for check in checks if check.needle is not None]
        simple = all(check.subject == "status" or check.needle is not None for check in checks)
        self._usual = len(paths) == len(takes) and simple
        self._of_status: dict[int, Outcome] = {}
        self._before: tuple[bytes, Outcome] = (b"", Outcome(True))
        self._response: tuple[bytes, Response] = (b"", Response(0, (), b""))

    def judge(self, framing: Framing, pieces: Sequence[bytes], time: float, values: Values) -> Outcome:
        """The outcome of a whole response. `pieces` are its bytes, as far as they were kept; `time` is the response
        time in seconds."""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        known = self._of_status.get(framing.status)
        if known is not None and framing.length != CHUNKED and self._take_json(data, values):
            return known
        before, outcome = self._before
        if data == before and self.of_bytes:
            return outcome
        outcome = self._judged(framing, self._read(framing, data, time), values)
        self._before = (data, outcome)
        return outcome

    def _take_json(self, data: bytes, values: Values) -> bool:
        """Take all in the usual case. False: the response has another form or coding, or something is not there."""
        head = self.head
        if not self._takes and not self._needles:
            return True
        if not head.begins(data) or not head.plain or len(data) > LARGEST:
            return False
        body = data[head.size :]
        for needle in self._needles:
            if needle not in body:
                return False
        return self._json_takes.take(body, values.taken)

    def _judged(self, framing: Framing, response: Response, values: Values) -> Outcome:
        checks = tuple([check.holds(response, values) for check in self.checks])
        took = self._take(response, values)
        good = all(checks) and all(took) and (self._expects_status or framing.status < BAD_STATUS)
        outcome = Outcome(good, checks + took)
        if self._usual and all(took) and (not self._needles or all(checks)):
            self._of_status[framing.status] = outcome
        return outcome

    def _read(self, framing: Framing, data: bytes, time: float) -> Response:
        """The response. What was made of the same bytes before is used again."""
        before, response = self._response
        if data == before:
            response.time = time
            return response
        response = self.head.response(framing.status, data, framing.length == CHUNKED, time)
        self._response = (data, response)
        return response

    def _take(self, response: Response, values: Values) -> tuple[bool, ...]:
        """Keep what is taken. Returns for each take without `else` whether there was a match."""
        found = []
        for name, take in self._takes:
            value = take.value(response, values)
            if value is not None:
                values.taken[name] = value
            if take.required:
                found.append(value is not None)
        return tuple(found)

    def ends(self, status: int, outcome: Outcome) -> bool:
        """Whether a session ends by this outcome: what was too slow alone does not end it."""
        if status >= BAD_STATUS and not self._expects_status:
            return True
        timed = [check.subject == "time" for check in self.checks]
        return any(not true and not (index < len(timed) and timed[index]) for index, true in enumerate(outcome.checks))

    def kinds(self, status: int, outcome: Outcome) -> list[str]:
        """Why a response is not good: the checks that are not true, or its status. Empty: it is good."""
        found = [text for text, true in zip(self.texts, outcome.checks, strict=True) if not true]
        if status >= BAD_STATUS and not self._expects_status:
            found.append(f"status {status}")
        return found


def texts_of(checks: Sequence[Check], takes: Sequence[tuple[str, Take]]) -> tuple[str, ...]:
    """The names of a request's checks in reports."""
    return (*(check.text for check in checks), *(f"take {name}" for name, take in takes if take.required))
