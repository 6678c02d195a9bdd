"""The JSON API: `/api/v1/…`. Each method answers one request or raises an error of `gluten.errors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from gluten.documents import Plain
from gluten.errors import TaskError, UsageError
from gluten.hub_turn import turn
from gluten.plan.schedule import Schedule
from gluten.task.secrets import redact_url
from gluten.task.storable import is_storable
from gluten.task.task import Task
from gluten.units import parse_rate
from gluten.webui.api.answers import Question, Renderer, answer
from gluten.webui.api.openapi import MAX_SECONDS, document
from gluten.webui.api.overview import MAX_RUNS, asked_listing, asked_overview, node_list
from gluten.webui.api.readings import Asker, ReadHere, Readings
from gluten.webui.api.sse import HEADERS, HEARTBEAT, stream
from gluten.webui.api.task_json import check_task, command_line, reached_at, read_task
from gluten.webui.api.web_facade import WebFacade
from gluten.webui.api.workload_plan import plan_of
from gluten.webui.auth.gate import Gate
from gluten.webui.http.answer import Answer, json_answer, paced_answer
from gluten.webui.http.failure import Failure
from gluten.webui.http.web_request import Request

T = TypeVar("T")

SHORT_LIST = 50
MAX_COMPARED = 10
MAX_NOTES = 10_000
MAX_REQUEST = 1000
"""Characters of the name of a request."""


class Api:
    """The handlers of the JSON API. `heartbeat` is in seconds. `readings` computes what takes long."""

    def __init__(
        self,
        master: WebFacade,
        formats: Mapping[str, Renderer],
        gate: Gate,
        heartbeat: float = HEARTBEAT,
        readings: Readings | None = None,
    ) -> None:
        self._master = master
        self._readings = readings or ReadHere(master, formats)
        self._gate = gate
        self._formats = formats
        self._heartbeat = heartbeat

    def openapi(self, request: Request) -> Answer:
        return json_answer(document(sorted({"json", *self._formats})))

    def overview(self, request: Request) -> Answer:
        """The data of the dashboard, in one answer of limited size."""
        found = self._listed(request, lambda: asked_overview(self._master, request))
        return paced_answer(found, turn)

    def nodes(self, request: Request) -> Answer:
        return paced_answer(node_list(self._master), turn)

    def runs(self, request: Request) -> Answer:
        """A page of a list. The number of the last run leads to the next one where the list is in that order."""
        limit, by = request.whole("limit", 50, 1, MAX_RUNS), asked_listing(request)
        before = request.whole("before", 0) or None
        search = request.query.get("search", "")
        runs = self._listed(request, lambda: self._master.runs(limit=limit, before=before, search=search, by=by))
        more = len(runs) == limit and (by.sort, by.ascending) == ("number", False)
        return paced_answer({"runs": runs, "next": runs[-1]["number"] if more else None}, turn)

    def names(self, request: Request) -> Answer:
        return json_answer({"names": self._master.names()})

    def _listed(self, request: Request, work: Callable[[], T]) -> T:
        """A list, which may be long. Then one is made at a time."""
        is_short = request.whole("limit", 0) <= SHORT_LIST and not request.query.get("search")
        return work() if is_short else self._readings.here(Asker.of(request), work)

    def create(self, request: Request) -> Answer:
        task = self._task_of(request)
        run = self._master.submit(task, request.headers.get("idempotency-key", ""), request.who)
        self._gate.note(request.audit_entry("submit", run["id"]))
        return json_answer(run, 201, Location=f"/runs/{run['id']}")

    def check(self, request: Request) -> Answer:
        """Check a task without creating a run. The answer has the errors of all fields."""
        values, master = request.json(), reached_at(request.host, request.secure)
        if not values.get("workload"):
            return json_answer(_checked(values, master))
        return json_answer(self._master.apart(lambda: _checked(values, master)))

    def attempt(self, request: Request) -> Answer:
        """Send each request of a task once. It takes the same rights as a run."""
        task = self._task_of(request)
        self._gate.note(request.audit_entry("try", "", redact_url(task.url)))
        return json_answer(self._master.attempt(task))

    def _task_of(self, request: Request) -> Task:
        values = request.json()
        return self._master.apart(lambda: read_task(values)) if values.get("workload") else read_task(values)

    def run(self, request: Request, ref: str) -> Answer:
        return json_answer(self._master.run(ref))

    def stop(self, request: Request, ref: str) -> Answer:
        run = self._master.stop(ref, request.who)
        self._gate.note(request.audit_entry("stop", run["id"]))
        return json_answer(run)

    def pin(self, request: Request, ref: str) -> Answer:
        """Pin a run as a baseline. `{"pinned": false}` unpins it."""
        pinned = request.json().get("pinned", True)
        if not isinstance(pinned, bool):
            raise Failure(400, "pinned: true or false is expected", "pinned")
        run = self._master.pin(ref, pinned)
        self._gate.note(request.audit_entry("pin" if pinned else "unpin", run["id"]))
        return json_answer(run)

    def delete(self, request: Request, ref: str) -> Answer:
        """Delete a run that is over. The answer is the run as it was."""
        run = self._master.delete(ref)
        self._gate.note(request.audit_entry("delete", run["id"], f"run {run['number']}"))
        return json_answer(run)

    def baselines(self, request: Request) -> Answer:
        return json_answer({"baselines": self._master.baselines()})

    def compare(self, request: Request) -> Answer:
        """Compare the runs of `?runs=6,7,8` with the first of them.

        A first `baseline` stands for the baseline that has the second run's name.
        """
        refs = [ref for ref in request.query.get("runs", "").split(",") if ref]
        if not 2 <= len(refs) <= MAX_COMPARED:
            raise Failure(400, f"runs: give 2 to {MAX_COMPARED} runs, such as 6,7", "runs")
        if refs[0] == "baseline":
            refs[0] = f"baseline:{self._master.run(refs[1])['name']}"
        return self._ask(request, Question("compare", tuple(refs)))

    def adjust(self, request: Request, ref: str) -> Answer:
        rate = _rate(request.json().get("rate"))
        run = self._master.adjust(ref, rate, request.who)
        self._gate.note(request.audit_entry("adjust", run["id"], f"{rate:g} requests/s"))
        return json_answer(run)

    def window(self, request: Request, ref: str) -> Answer:
        """The figures of the run-seconds from `?from=` to `?to=`, without the last one."""
        first = request.whole("from", 0, 0, MAX_SECONDS)
        last = request.whole("to", MAX_SECONDS, first + 1, MAX_SECONDS + 1)
        return self._read(request, Question("window", (ref,), {"first": first, "last": last}))

    def notes(self, request: Request, ref: str) -> Answer:
        """The notes that people wrote about the run."""
        return json_answer({"text": self._master.annotation(ref)})

    def annotate(self, request: Request, ref: str) -> Answer:
        text = request.json().get("text")
        if not isinstance(text, str) or len(text) > MAX_NOTES or not is_storable(text):
            raise Failure(400, f"text: a text (UTF-8, no NUL) of at most {MAX_NOTES} characters is expected", "text")
        kept = self._master.annotate(ref, text.strip())
        self._gate.note(request.audit_entry("notes", self._master.run(ref)["id"]))
        return json_answer({"text": kept})

    def audit_log(self, request: Request, ref: str) -> Answer:
        """Who did what to the run."""
        return json_answer({"deeds": self._master.audit_log(ref)})

    def seconds(self, request: Request, ref: str) -> Answer:
        """One update, for clients that poll."""
        return self._read(
            request, Question("seconds", (ref,), {"after": request.whole("after", 0), "request": _named(request)})
        )

    def events(self, request: Request, ref: str) -> Answer:
        """The event stream. If the reader has everything of an ended run, 204 tells it not to reconnect."""
        last = request.headers.get("last-event-id", "")
        known = last.isascii() and last.isdigit() and len(last) < 19
        after = int(last) if known else request.whole("after", 0)
        named = _named(request)
        if stored := self._readings.stored(ref):
            return self._ask(
                request, Question("events", (stored,), {"after": after, "again": bool(last), "request": named})
            )
        first = self._readings.here(Asker.of(request), lambda: self._master.update(ref, after, named))
        if last and first["final"] and first["version"] <= after:
            return Answer(204)
        allowed = self._still_allowed(request)
        return Answer(200, stream(self._master, ref, first, self._heartbeat, allowed, turn, named), dict(HEADERS))

    def _still_allowed(self, request: Request) -> Callable[[], bool]:
        principal, version = request.principal, self._gate.keyring.version
        return lambda: principal is not None and self._gate.still_allowed(principal, version)

    def report(self, request: Request, ref: str) -> Answer:
        wanted = request.query.get("format", "json")
        if wanted != "json" and wanted not in self._formats:
            known = ", ".join(sorted({"json", *self._formats}))
            raise Failure(400, f"format: {wanted[:40]!r} is not one of {known}", "format")
        parts = {name: request.query.get(name) != "0" for name in ("seconds", "hdr")}
        asked = {"format": wanted, "download": "download" in request.query, "request": _named(request), **parts}
        return self._ask(request, Question("report", (ref,), asked))

    def _ask(self, request: Request, question: Question) -> Answer:
        gzip = "gzip" in request.headers.get("accept-encoding", "")
        return self._readings.ask(Asker.of(request), question, gzip)

    def _read(self, request: Request, question: Question) -> Answer:
        """The same of a run that may not be over: then its figures are here."""
        stored = self._readings.stored(question.refs[0])
        if stored is not None:
            return self._ask(request, replace(question, refs=(stored,)))
        return self._readings.here(Asker.of(request), lambda: _whole(answer(self._master, {}, question)))


def _whole(found: Answer) -> Answer:
    """The answer with its pieces put together."""
    if isinstance(found.body, bytes):
        return found
    parts = []
    for part in found.body:
        parts.append(part)
        turn()
    return replace(found, body=b"".join(parts))


def _named(request: Request) -> str | None:
    """Of which named request rows have figures: empty: of none; None: of all."""
    return request.text("request", MAX_REQUEST) if "request" in request.query else None


def _checked(values: Mapping[str, Any], master: str) -> Plain:
    """A text of a workload may take seconds."""
    task, errors = check_task(values)
    found = [{"field": error.field, "message": str(error)} for error in errors]
    if task is None:
        nothing = dict.fromkeys(("task", "planned", "plan"))
        return {"ok": False, "errors": found, "command": ""} | nothing
    planned = Schedule.of(task).planned() if task.open_loop and not task.find_capacity else None
    line = command_line(task, master)
    shown = {"task": task.redacted(), "planned": planned, "plan": plan_of(task)}
    return {"ok": True, "errors": [], "command": line} | shown


def _rate(value: Any) -> float:
    if isinstance(value, str):
        try:
            return parse_rate(value)
        except ValueError as error:
            raise TaskError("rate", f"rate: {error}") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TaskError("rate", "rate: give the new rate in requests/s, such as 500 or 1.5k")
    if not 0 <= value < 1e15:
        raise UsageError(f"rate: {value!r} is not allowed; give a rate in requests/s above 0")
    return float(value)
