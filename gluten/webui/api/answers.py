"""Answers that take long to compute. They need a master's reading alone, so that another process can make them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from gluten.documents import ReportDocument, Row, UpdateDocument, WindowDocument
from gluten.report.compared.document import comparison
from gluten.report.compared.named import numbered
from gluten.stats.row import without_hdr
from gluten.webui.api.sse import HEADERS, RETRY, events_of, pieces_of
from gluten.webui.auth.guard import FILE_POLICY
from gluten.webui.http.answer import Answer, json_answer

Renderer = tuple[str, Callable[[ReportDocument], str]]
"""A report's format: its content type, and the function that renders a report map."""

SUFFIX = {"text": "txt", "hdr": "hdr.txt", "junit": "junit.xml", "wrk": "wrk.txt"}


class Reads(Protocol):
    """What of a master the answers need."""

    # `request`: the rows have this named request alone; empty: none of them.
    def report(self, ref: str, request: str | None = None) -> ReportDocument: ...
    def window(self, ref: str, first: int, last: int) -> WindowDocument: ...
    def update(self, ref: str, after: int = 0, request: str | None = None) -> UpdateDocument: ...


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is a key of `ANSWERS`, `refs` are the runs, `more` are plain values that it needs."""

    kind: str
    refs: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict)


def answer(runs: Reads, formats: Mapping[str, Renderer], question: Question) -> Answer:
    """Raises `NotFound`, `WrongState`, `StoreError`."""
    if question.kind == "report":
        return report(runs, formats, question)
    return ANSWERS[question.kind](runs, question)


def compare(runs: Reads, question: Question) -> Answer:
    """Compare the runs with the first of them."""
    return json_answer(comparison(numbered([runs.report(ref) for ref in question.refs])))


def window(runs: Reads, question: Question) -> Answer:
    return json_answer(runs.window(question.refs[0], question.more["first"], question.more["last"]))


def seconds(runs: Reads, question: Question) -> Answer:
    """In pieces, because a long run has many rows."""
    more = question.more
    empty, update = json_answer(None), runs.update(question.refs[0], more["after"], more.get("request"))
    return replace(empty, body=pieces_of(update))


def events(runs: Reads, question: Question) -> Answer:
    """The event stream of a run that is over. If the reader has everything, 204 tells it not to reconnect."""
    update = runs.update(question.refs[0], question.more["after"], question.more.get("request"))
    if question.more["again"] and update["version"] <= question.more["after"]:
        return Answer(204)
    return Answer(200, _whole_stream(update), dict(HEADERS))


def _whole_stream(update: UpdateDocument) -> Iterator[bytes]:
    yield RETRY
    yield from events_of(update)


def report(runs: Reads, formats: Mapping[str, Renderer], question: Question) -> Answer:
    """`seconds`: with the rows of its seconds; `hdr`: with their histograms; `request`: which named request these have;
    `download`: as a file to keep."""
    request = question.more.get("request") if question.more["seconds"] else ""
    wanted, found = question.more["format"], runs.report(question.refs[0], request)
    if not question.more["seconds"]:
        found = found | {"seconds": []}
    elif not question.more["hdr"]:
        found = found | {"seconds": [cast("Row", without_hdr(dict(row))) for row in found["seconds"]]}
    name = f"gluten-run-{found.get('number', found['id'])}.{SUFFIX.get(wanted, wanted)}"
    # An HTML report must not run as a page of this master, so it is always a download.
    place = "attachment" if wanted == "html" or question.more["download"] else "inline"
    place = f'{place}; filename="{name}"'
    if wanted not in formats:
        return json_answer(found, Content_Disposition=place)
    kind, render = formats[wanted]
    headers = {"Content-Type": kind, "Cache-Control": "no-store", "Content-Disposition": place}
    headers["Content-Security-Policy"] = FILE_POLICY
    return Answer(200, render(found).encode(), headers)


def plain_report(runs: Reads, question: Question) -> Answer:
    """The report as JSON in ASCII, which can be cut anywhere."""
    return Answer(200, json.dumps(runs.report(question.refs[0])).encode())


ANSWERS: Mapping[str, Callable[[Reads, Question], Answer]] = {
    "compare": compare,
    "window": window,
    "seconds": seconds,
    "events": events,
    "plain_report": plain_report,
}
