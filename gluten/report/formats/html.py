"""The report as one HTML file. It has no script, needs no network, and its charts are inline SVG.

All texts from outside are escaped. The page's content security policy also blocks scripts, in case one is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.compared_capacity import reason_of, searched
from gluten.report.formats.capacity_html import capacity_card, capacity_charts, trial_table
from gluten.report.formats.charts import report_charts
from gluten.report.formats.failures import failure_list
from gluten.report.formats.markup import card, escape, page, table
from gluten.report.formats.session_html import session_figures, session_tables
from gluten.report.formats.session_text import sessions_of
from gluten.report.formats.text import (
    DISTRIBUTION,
    check_cells,
    connections,
    node_cells,
    over,
    request_cells,
    request_head,
    slo_cells,
)
from gluten.report.outcome import counts_of, error_share, errors_of, parts
from gluten.task.fields import BY_NAME, CAPACITY, Kind
from gluten.units import format_duration, format_micros, format_size
from gluten.version import __version__

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_VERDICTS = {
    "valid": "The measurement can be trusted.",
    "suspect": "Take these numbers with care.",
    "invalid": "Do not use these numbers.",
}


def render(report: Report) -> str:
    """The whole page."""
    body = [
        _header(report),
        _slos(report),
        capacity_card(report),
        _verdict(report),
        _cards(report),
        *_charts(report),
        *_tables(report),
        _footer(report),
    ]
    return page(_title(report), body)


def _title(report: Report) -> str:
    number = f"Run {report['number']}" if report.get("number") else "Load test"
    return f"{number}: {report['name']}" if report["name"] else number


def _header(report: Report) -> str:
    reason = reason_of(report)
    facts = [report["state"] + (f" ({reason})" if reason else "")]
    facts += [report["started_at"]] if report["started_at"] else []
    facts.append(f"{format_duration(round(report['duration'], 3))} of load")
    if part := report.get("measured"):
        facts.append(f"measured from {part['from']}s to {part['to']}s, after the warmup")
    facts.append(f"{report['task']['threads']} threads, {_connections(report)}")
    return (
        f"<header><h1>{escape(_title(report))}</h1>"
        f'<p class="target">{escape(_target(report))}</p>'
        f'<p class="facts">{escape(" · ".join(facts))}{_link(report.get("link", ""))}</p></header>'
    )


def _connections(report: Report) -> str:
    count = f"{connections(report):,} connections"
    used = report.get("connections")
    if used is None:
        return count
    if used["limit"] is None:
        return f"at most {count} at once, elastic{over(report)}"
    return f"{count}, {used['opened']:,} opened{over(report)}"


def _link(link: str) -> str:
    """A link to the run's page. Only http and https become a link."""
    if not link.startswith(("http://", "https://")):
        return ""
    return f' · <a href="{escape(link)}">live page</a>'


def _slos(report: Report) -> str:
    if not (cells := slo_cells(report)):
        return ""
    missed = sum(entry["state"] == "missed" for entry in report["slo"])
    head = f"{missed} of {len(cells)} SLOs missed" if missed else "All SLOs hold"
    listed = table(["", "SLO", "value", "limit", ""], cells, "mhnnt")
    return f'<section class="card wide slos {"missed" if missed else "held"}"><h2>{head}</h2>{listed}</section>'


def _verdict(report: Report) -> str:
    value, reasons = report["verdict"]["value"], report["verdict"]["reasons"]
    kind = value if value in _VERDICTS else "suspect"
    items = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    listed = f"<ul>{items}</ul>" if items else ""
    head = f"<strong>Verdict: {escape(value)}.</strong> {_VERDICTS[kind]}"
    notes = "".join(f'<p class="note">Note: {escape(note)}</p>' for note in report["verdict"].get("notes", ()))
    return f'<section class="verdict {kind}">{head}{listed}{notes}</section>'


def _cards(report: Report) -> str:
    requests, length = report["requests"], report["duration"]
    asked = report["task"].get("rate")
    unit = " sessions/s" if sessions_of(report) is not None else ""
    pace = "by stages" if report["task"].get("stages") else "closed loop"
    pace = "over the whole search" if searched(report) else f"{asked:g}{unit} asked" if asked else pace
    counts = counts_of(report)
    share = f"{error_share(counts):.2%}"
    read = report["bytes"]["read"]
    figures = [
        ("Requests/s", f"{report['rate']:,.2f}", pace),
        ("Completed", f"{requests['completed']:,}", f"of {requests['sent']:,} sent"),
        ("Errors", f"{errors_of(counts):,}", ": ".join(filter(None, (share, parts(counts))))),
        ("Median", format_micros(report["response_time"]["p50"]), "response time"),
        ("99th percentile", format_micros(report["response_time"]["p99"]), "response time"),
        ("Transfer/s", format_size(read / length if length else 0), f"{format_size(read)} read"),
    ]
    return _figure_cards(figures) + _figure_cards(session_figures(report))


def _figure_cards(figures: Sequence[tuple[str, str, str]]) -> str:
    cards = (
        f'<div class="card figure"><div class="name">{name}</div><div class="value">{value}</div>'
        f'<div class="note">{escape(note)}</div></div>'
        for name, value, note in figures
    )
    return f'<section class="cards">{"".join(cards)}</section>' if figures else ""


def _charts(report: Report) -> Iterable[str]:
    drawn = [card(title, picture) for title, picture in (*capacity_charts(report), *report_charts(report))]
    return [f'<section class="grid2">{"".join(drawn)}</section>'] if drawn else []


def _tables(report: Report) -> list[str]:
    left = card("Percentiles", _percentiles(report)) + card("Requests", _requests(report))
    right = card("The task asked", _task(report)) + card("Errors", _errors(report))
    wide = [card(title, content, "wide") for title, content in (*trial_table(report), *session_tables(report))]
    wide += [card("By request", _by_request(report), "wide")] if len(report.get("by_request", [])) > 1 else []
    if cells := check_cells(report):
        wide.append(card("Checks", table(["", "request", "check", "true", "not true"], cells, "mttnn"), "wide"))
    if report.get("failures"):
        wide.append(card("First failures", failure_list(report["failures"]), "wide"))
    wide.append(card("Nodes", _nodes(report), "wide"))
    if report.get("plan"):
        wide.append(card("Plan", _plan(report), "wide"))
    if report.get("events"):
        wide.append(card("Events", _events(report), "wide"))
    columns = "".join(f'<div class="column">{column}</div>' for column in (left, right))
    return [f'<section class="grid2">{columns}</section>', *wide]


def _percentiles(report: Report) -> str:
    columns = [report["response_time"], report["service_time"], report.get("lateness", {}), report.get("lag", {})]
    names = {"min": "min", "mean": "mean", "stdev": "stdev"} | {key: f"{p}%" for p, key in DISTRIBUTION.items()}
    rows = [
        [name, *(format_micros(times[key]) if key in times else "" for times in columns)] for key, name in names.items()
    ]
    return table(["", "response time", "service time", "generator's lateness", "its clock's lag"], rows, "hnnnn")


def _requests(report: Report) -> str:
    keys: tuple[str, ...] = ("planned", "sent", "completed", "good", "failed", "in_flight", "dropped")
    requests = counts_of(report)
    keys += ("skipped",) if sessions_of(report) is not None else ()
    rows = [[key.replace("_", " "), f"{requests[key]:,}"] for key in keys if requests[key] is not None]
    rows += [[f"status {code}", f"{times:,}"] for code, times in report["status"].items()]
    rows += [[f"bytes {way}", format_size(report["bytes"][way])] for way in ("read", "written")]
    return table([], rows, "hn")


def _errors(report: Report) -> str:
    errors = sorted(report["errors"].items(), key=lambda item: -item[1])
    if not errors:
        return '<p class="none">No request failed.</p>'
    samples = report.get("samples", {})
    return table(["kind", "times", "for example"], [[k, f"{n:,}", samples.get(k, "")] for k, n in errors], "hnt")


def _task(report: Report) -> str:
    task, searches = report["task"], report["task"].get("find_capacity")
    keys = [key for key in task if searches or key not in BY_NAME or BY_NAME[key].group != CAPACITY]
    rows = [[key.replace("_", " "), _shown(key, task[key])] for key in keys]
    return table([], [row for row in rows if row[1]], "ht")


def _shown(key: str, value: Any) -> str:
    """A field of the task as text. Empty if it was not asked for."""
    if value is None or value in ("", [], {}, False):
        return ""
    if key in BY_NAME and (formatter := _FORMATTERS.get(BY_NAME[key].kind)):
        return formatter(value)
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "yes" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


_FORMATTERS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TIME: format_duration,
    Kind.SIZE: format_size,
    Kind.SHARE: "{:.3%}".format,
    Kind.STAGES: lambda points: ", ".join(f"{format_duration(at)}: {rate:g}/s" for at, rate in points),
    Kind.HEADERS: lambda pairs: "\n".join(f"{name}: {value}" for name, value in pairs),
    **dict.fromkeys((Kind.ENV, Kind.FILES), lambda pairs: "\n".join(map(": ".join, pairs.items()))),
    Kind.ROWS: lambda pairs: "\n".join(f"{name}: {count:,}" for name, count in pairs.items()),
}


def _by_request(report: Report) -> str:
    head = request_head(report)
    rows = [request_cells(entry, head) for entry in report["by_request"]]
    return table(head, rows, "h" + "n" * (len(head) - 1))


_NODE_HEAD = [
    "name",
    "cores",
    "threads",
    "connections",
    "completed",
    "errors",
    "requests/s",
    "CPU of the busiest worker",
    "CPU of the machine",
    "steal",
    "lateness p99",
    "lag p99",
    "start skew",
    "",
]


def _target(report: Report) -> str:
    """The requests of a workload have methods of their own."""
    task = report["task"]
    return str(report["url"]) if task.get("workload") else f"{task['method']} {report['url']}"


def _nodes(report: Report) -> str:
    return table(_NODE_HEAD, [node_cells(node) for node in report["nodes"]], "h" + "n" * (len(_NODE_HEAD) - 2) + "t")


def _plan(report: Report) -> str:
    keys = ("name", "cores", "threads", "connections", "rate", "requests")
    rows = [[_figure(share.get(key)) for key in keys] for share in report["plan"]]
    noun = "requests" if sessions_of(report) is None else "sessions"
    return table(["node", "cores", "threads", "connections", f"{noun}/s", noun], rows, "hnnnnn")


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _events(report: Report) -> str:
    rows = [
        [event["at"] or "", _figure(event["second"]), event["kind"], event["node"], event["text"]]
        for event in report["events"]
    ]
    return table(["at", "second", "what", "node", ""], rows, "hnttt")


def _footer(report: Report) -> str:
    return f"<footer>{escape(report['schema'])} · run {escape(report['id'])} · GLuTEN {__version__}</footer>"
