"""The report for CI servers, in JUnit's XML. It has a test case for each SLO, and three more: how the run ended, its
verdict, and its errors. A search for the capacity has its answer in place of the errors, of which it makes some.

Source of the format: Jenkins' `junit-10.xsd` (testsuites, testsuite, properties, testcase, failure, error, system-out).
GitLab reads it too. The cases agree with the exit codes: a suspect verdict passes, and its text says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from gluten.report.compared_capacity import capacity_of
from gluten.report.formats.session_text import sessions_of
from gluten.report.formats.text import clean
from gluten.report.outcome import MOST, codes, counts_of, error_share, good_of, parts
from gluten.slo.shown import failing, limit, notes, value
from gluten.units import format_rate

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

PASSED, FAILURE, ERROR = "", "failure", "error"
_TIMES = ("min", "mean", "stdev", "p50", "p75", "p90", "p95", "p99", "p99_9", "p99_99", "max")

_OF_CAPACITY = ("holds", "misses", "confidence", "precision", "recovers", "moved")
_COUNTS = ("planned", "sent", "completed", "good", "failed", "in_flight", "dropped", "rate")
_SESSION_COUNTS = ("planned", "begun", "finished", "ended", "cut", "active", "dropped", "good", "most", "count")


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `kind` is PASSED, FAILURE (the result is bad) or ERROR (there is no result). `text` says why."""

    name: str
    kind: str = PASSED
    message: str = ""
    text: str = ""


def as_junit(report: Report) -> str:
    """The whole document. The properties have the keys and numbers of the JSON report."""
    suite = Suite(_title(report), report["duration"], report["started_at"] or "", properties(report))
    return document([(suite, [*_slos(report), *_capacity(report), _end(report), _verdict(report), *_errors(report)])])


@dataclass(frozen=True, slots=True)
class Suite:
    """One test suite. `seconds` is its length. `at` is its start in RFC 3339, or empty."""

    name: str
    seconds: float
    at: str = ""
    properties: Sequence[tuple[str, str]] = ()


def document(suites: Sequence[tuple[Suite, Sequence[Case]]]) -> str:
    """The JUnit XML of these suites and their cases."""
    root = ElementTree.Element("testsuites", {"name": "GLuTEN"})
    for suite, cases in suites:
        _suite(root, suite, cases)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(one.get(name, "0")) for one in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _suite(root: ElementTree.Element, suite: Suite, cases: Sequence[Case]) -> None:
    kinds = [case.kind for case in cases]
    made = ElementTree.SubElement(
        root,
        "testsuite",
        {
            "name": clean(suite.name),
            "tests": str(len(cases)),
            "failures": str(kinds.count(FAILURE)),
            "errors": str(kinds.count(ERROR)),
            "skipped": "0",
            "time": f"{suite.seconds:.3f}",
        },
    )
    if suite.at:
        made.set("timestamp", suite.at.partition(".")[0].removesuffix("Z"))
    if suite.properties:
        listed = ElementTree.SubElement(made, "properties")
        for name, value in suite.properties:
            ElementTree.SubElement(listed, "property", {"name": clean(name), "value": clean(value)})
    for case in cases:
        _case(made, suite, case)


def _case(parent: ElementTree.Element, suite: Suite, case: Case) -> None:
    made = ElementTree.SubElement(
        parent,
        "testcase",
        {"classname": f"gluten.{clean(suite.name)}", "name": clean(case.name), "time": f"{suite.seconds:.3f}"},
    )
    lines = "\n".join(clean(line) for line in case.text.split("\n"))
    if case.kind:
        found = ElementTree.SubElement(made, case.kind, {"message": clean(case.message), "type": case.kind})
        found.text = lines
    elif lines:
        ElementTree.SubElement(made, "system-out").text = lines


def properties(report: Report) -> list[tuple[str, str]]:
    """The figures of the report. Names are the keys of the JSON report, joined by dots; numbers are as in JSON."""
    plain = [("id", report["id"]), ("url", report["url"]), ("state", report["state"])]
    plain.append(("verdict.value", report["verdict"]["value"]))
    plain += [("protocol", report["protocol"])] if "protocol" in report else []
    figures: dict[str, Any] = {"duration": report["duration"], "rate": report["rate"]}
    if report["requests"].get("good") is None:
        figures["requests.good"] = good_of(report)
    known: Mapping[str, Any] = report
    for group in ("requests", "status", "errors", "bytes"):
        figures |= {f"{group}.{name}": value for name, value in known[group].items()}
    for group in ("response_time", "service_time"):
        figures |= {f"{group}.{name}": known[group][name] for name in _TIMES}
    entries: Sequence[Mapping[str, Any]] = report.get("by_request", [])
    for entry in entries if len(entries) > 1 else []:
        figures |= {f"by_request.{entry['name']}.{name}": entry[name] for name in _COUNTS}
        figures |= {f"by_request.{entry['name']}.response_time.{name}": entry["response_time"][name] for name in _TIMES}
    figures |= _sessions(report)
    found = capacity_of(report) or {}
    figures |= {f"capacity.{name}": found.get(name) for name in _OF_CAPACITY}
    plain += [(f"capacity.{name}", found[name]) for name in ("limit", "node", "slo") if found.get(name)]
    figures |= {f"connections.{name}": value for name, value in report.get("connections", {}).items()}
    plain += [(f"verdict.note.{at}", note) for at, note in enumerate(report["verdict"].get("notes", ()), 1)]
    return plain + [(name, json.dumps(value)) for name, value in figures.items() if value is not None]


def _sessions(report: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of sessions, scenarios and groups. A run without scenarios has none."""
    sessions = sessions_of(report)
    if sessions is None:
        return {}
    figures = _timed("sessions", sessions)
    for entry in report.get("by_scenario", ()):
        figures |= _timed(f"by_scenario.{entry['name']}", entry)
    for entry in report.get("groups", ()):
        figures |= _timed(f"groups.{entry['name']}", entry)
    return figures | {f"by_request.{entry['name']}.skipped": entry["skipped"] for entry in report["by_request"]}


def _timed(place: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of an entry, and its time."""
    counts = {f"{place}.{name}": value for name, value in entry.items() if name in _SESSION_COUNTS}
    return counts | {f"{place}.time.{name}": entry["time"][name] for name in _TIMES}


def _title(report: Report) -> str:
    number = f"run {report['number']}" if report.get("number") else "load test"
    return f"{number} {report['name']}" if report["name"] else number


def _slos(report: Report) -> list[Case]:
    """A case for each SLO. One that is missed is a failure, and with `--slo-sure` also one that is not sure."""
    strict = bool(report["task"].get("slo_sure"))
    return [_slo(entry, failing([entry], strict)) for entry in report.get("slo", [])]


def _slo(entry: Mapping[str, Any], failures: Sequence[str]) -> Case:
    text = f"value {value(entry)}, limit {limit(entry)}" + (f", {more}" if (more := notes(entry)) else "")
    name = f"SLO: {entry['slo']}"
    return Case(name, FAILURE, failures[0], text) if failures else Case(name, text=text)


def _capacity(report: Report) -> list[Case]:
    """The answer of a search. It fails where nothing holds, or less than `--at-least`. Where generators were the limit
    below `--at-least`, there is no result."""
    found = capacity_of(report)
    if found is None:
        return []
    wanted, holds, text = report["task"].get("at_least"), found["holds"], str(found["text"])
    name = "the capacity was found" if wanted is None else f"the capacity is at least {format_rate(wanted)}"
    if holds is not None and holds >= (wanted or 0):
        return [Case(name, text=text)]
    unknown = wanted is not None and found["limit"] == "generator"
    return [Case(name, ERROR if unknown else FAILURE, text, text)]


def _errors(report: Report) -> list[Case]:
    """Whether most requests and sessions were good. A search goes to where they are not."""
    return [] if capacity_of(report) is not None else [_good(report), *_good_sessions(report)]


def _end(report: Report) -> Case:
    state, reason = report["state"], report["reason"]
    if state == "failed":
        return Case("the run finished", ERROR, f"the run failed: {reason}", reason)
    return Case("the run finished", text="" if state == "finished" else f"{state}: {reason}")


def _verdict(report: Report) -> Case:
    value, reasons = report["verdict"]["value"], "\n".join(report["verdict"]["reasons"])
    if value == "invalid":
        return Case("the measurement can be trusted", FAILURE, "the verdict is invalid", reasons)
    return Case("the measurement can be trusted", text=f"{value}\n{reasons}" if reasons else value)


def _good_sessions(report: Report) -> list[Case]:
    """Fails if most sessions were not good, where there are scenarios."""
    sessions = report.get("sessions")
    if not sessions:
        return []
    # A stop cuts sessions, and who stopped the run knows that.
    stopped = 0 if report["state"] == "finished" else sessions["cut"]
    name, bad = "most sessions were good", sessions["begun"] - sessions["good"] - stopped
    if bad <= MOST * sessions["begun"]:
        return [Case(name)]
    return [Case(name, FAILURE, f"{bad:,} of {sessions['begun']:,} sessions were not good")]


def _good(report: Report) -> Case:
    """Fails if most requests were errors, so that a build shows it. The figures of such a run may still be right."""
    counts, name = counts_of(report), "most requests were good"
    share, details = error_share(counts), [parts(counts), codes(report["status"])]
    text = "\n".join(filter(None, [*details, *report["verdict"].get("notes", ())]))
    if share > MOST:
        return Case(name, FAILURE, f"{share:.1%} of the requests were errors: {parts(counts)}", text)
    return Case(name, text=text)
