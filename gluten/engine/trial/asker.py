"""Asks one request of a session after the other: with its cookies, and with its redirects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gluten.engine.fault import Fault
from gluten.engine.parts import WorkloadPart
from gluten.engine.trial.hosts import Hosts
from gluten.engine.trial.tried import Tried
from gluten.engine.worker.http1.framing import CHUNKED, Framing
from gluten.engine.worker.requests.cookies import CookieJar, Place, with_cookies
from gluten.engine.worker.requests.exchange import Redactor, bad_answer, failure, secrets_of
from gluten.engine.worker.requests.named import Named
from gluten.engine.worker.requests.raw_response import headers_of, parted, response_of
from gluten.engine.worker.requests.redirects import STATUSES, next_hop, target_of
from gluten.errors import TemplateFailure
from gluten.stats.failure import printable
from gluten.stats.request_stats import BAD_STATUS, redirect_name
from gluten.task.secrets import HIDDEN, is_secret
from gluten.task.task import Task
from gluten.workload.checks.response import Response
from gluten.workload.templates.values import Values

LONGEST_TAKEN = 200
"""Characters of a taken value that a person sees."""


class _Answer(NamedTuple):
    framing: Framing
    data: bytes

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return headers_of(parted(self.data)[0])

    def values_of(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header.lower() == name]

    @property
    def redirect(self) -> str:
        """Where it leads, or an empty text."""
        return next(iter(self.values_of("location")), "") if self.framing.status in STATUSES else ""


class Asker:
    """`values` and `jar` are the session's. `last` is the last response, as checks see it."""

    def __init__(
        self,
        task: Task,
        part: WorkloadPart | None,
        hosts: Hosts,
        values: Values,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._task, self._part, self._hosts, self._clock = task, part, hosts, clock
        self.values, self.jar = values, CookieJar(time.time)
        self.last: Response | None = None
        requests = part.workload.requests if part is not None else ()
        self._takes = {request.name: [name for name, _ in request.takes] for request in requests}

    def ask(self, named: Named) -> Iterator[Tried]:
        """Send the request. Each redirect that is followed comes before its last response."""
        self.last, request, origin, began = None, b"", self._hosts.origins[named.host], 0.0
        try:
            plain = _written(named, self.values)
            cookies = "" if named.own_cookies else self._cookies(origin, plain)
            for hop in range(named.redirects + 1):
                request = with_cookies(plain, cookies)
                connection = self._hosts.connection(origin)
                connection.open()
                began = began or self._clock()
                deadline = began + named.timeout
                answer = _Answer(*connection.ask(request, named.responses, deadline - self._clock()))
                self.jar.store(answer.values_of("set-cookie"), Place.of(origin, target_of(plain)))
                if hop == named.redirects or not answer.redirect:
                    break
                yield self._shown(redirect_name(named.name), request, answer, origin, self._clock() - began)
                origin, plain = next_hop(plain, origin, answer.framing.status, answer.redirect)
                cookies = self._cookies(origin, plain)
        except Fault as fault:
            kept = failure(0, "", request, self._redactor(), origin, str(fault))
            yield Tried(named.name, kept, False, kind=fault.kind, is_bad=True)
            return
        yield self._judged(named, request, answer, origin, self._clock() - began)

    def _cookies(self, origin: str, plain: bytes) -> str:
        return self.jar.header(Place.of(origin, target_of(plain))) if self.jar else ""

    def _judged(self, named: Named, request: bytes, answer: _Answer, origin: str, seconds: float) -> Tried:
        framing, data = answer
        self.last = response_of(framing.status, data, framing.length == CHUNKED, seconds)
        if named.expectations is None:
            good = framing.status < BAD_STATUS
            return self._shown(named.name, request, answer, origin, seconds)._replace(good=good, is_bad=not good)
        outcome = named.expectations.judge(framing, [data], seconds, self.values)
        checks = tuple(zip(named.expectations.texts, outcome.checks, strict=True))
        return self._shown(named.name, request, answer, origin, seconds)._replace(
            good=outcome.good,
            checks=checks,
            takes=self._taken(named, dict(checks)),
            is_bad=not outcome.good and named.expectations.ends(framing.status, outcome),
        )

    def _taken(self, named: Named, checks: Mapping[str, bool]) -> tuple[tuple[str, str], ...]:
        """What this response gave, for a person."""
        redactor, taken = self._redactor(), self.values.taken
        return tuple(
            (name, HIDDEN if is_secret(name) else printable(redactor.text(taken[name]), LONGEST_TAKEN))
            for name in self._takes.get(named.name, ())
            if checks.get(f"take {name}", True)
        )

    def _shown(self, name: str, request: bytes, answer: _Answer, origin: str, seconds: float) -> Tried:
        redactor = self._redactor()
        kept = bad_answer(0, "", request, answer.framing, [answer.data], redactor, origin)
        line = redactor.text(parted(answer.data)[0].partition(b"\n")[0].strip().decode("utf-8", "replace"))
        if self._task.http2:
            line = line.replace("HTTP/1.1", "HTTP/2", 1)
        return Tried(name, kept, True, line, seconds=seconds)

    def _redactor(self) -> Redactor:
        return Redactor(secrets_of(self._task, self._part, self.values), self._task.secret)


def _written(named: Named, values: Values) -> bytes:
    """Raises `Fault` (template)."""
    if named.write is None:
        return named.constant or b""
    try:
        return named.write(values)
    except TemplateFailure as error:
        raise Fault("template", str(error)) from None
