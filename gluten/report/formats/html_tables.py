"""The tables of the HTML report, in the order of the run's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gluten.report.compared_capacity import searched
from gluten.report.formats.markup import escape, panel, part, table
from gluten.report.formats.session_text import sessions_of
from gluten.report.formats.text import DISTRIBUTION, check_cells, node_cells
from gluten.report.outcome import bad_status, counts_of, error_share, errors_of, word_of
from gluten.task.fields import BY_NAME, CAPACITY, Kind
from gluten.units import format_duration, format_micros, format_size

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_TIMES = {
    "Response time": "response_time",
    "Service time": "service_time",
    "First byte": "first_byte",
    "Generator's lateness": "lateness",
    "Its clock's lag": "lag",
}
_POINTS = {"min": "min", "mean": "mean", "stdev": "stdev"} | {
    "max" if point == "100" else f"p{point}": key for point, key in DISTRIBUTION.items()
}
_MOST_TRACES = 20
_NODE_HEAD = [
    "Node",
    "Cores",
    "Threads",
    "Connections",
    "Completed",
    "Errors",
    "Requests/s",
    "CPU",
    "Host CPU",
    "Steal",
    "Lateness p99",
    "Lag p99",
    "Start skew",
    "",
]


def request_panel(report: Report) -> list[str]:
    """The named requests and their checks. None where a table by request tells no more than the figures of the run."""
    parts = []
    if len(entries := report.get("by_request") or ()) > 1:
        unsent = "Dropped" if sessions_of(report) is None else "Skipped"
        head = ["Request", "Requests", "Requests/s", *_REQUEST_POINTS, "Errors", "Good", "Checks", unsent]
        parts.append(table(head, [_request(entry, unsent.lower()) for entry in entries], "h" + "n" * (len(head) - 1)))
    if cells := check_cells(report):
        parts.append(part("Checks", table(["", "Request", "Check", "Held", "Failed"], cells, "mttnn")))
    return [panel("By request", "".join(parts))] if parts else []


_REQUEST_POINTS = ("p50", "p90", "p95", "p99", "max")


def _request(entry: Mapping[str, Any], unsent: str) -> list[str]:
    """The cells of a named request. `unsent`: the count of what was not sent."""
    times, errors, counts = entry["response_time"], errors_of(entry), ("passed", "failed")
    passed, failed = (sum(check[name] for check in entry["checks"]) for name in counts)
    return [
        entry["name"],
        f"{entry['completed']:,}",
        f"{entry['rate']:,.2f}",
        *(format_micros(times[point]) if times["max"] and point in times else "–" for point in _REQUEST_POINTS),
        f"{errors:,} ({error_share(entry):.2%})" if errors else "0",
        f"{entry['good']:,}",
        f"✗ {failed:,} of {passed + failed:,}" if failed else f"✓ {passed:,}" if passed else "–",
        f"{entry[unsent]:,}",
    ]


def report_panel(report: Report) -> str:
    """Times, failed requests, requests and statuses."""
    left = [part("Time of a request", _times(report)), *_errors(report)]
    right = [part("Requests", _requests(report)), part("Responses by status", _statuses(report))]
    columns = "".join(f"<div>{''.join(column)}</div>" for column in (left, right))
    return panel("Report", f'<div class="split">{columns}</div>')


def _times(report: Report) -> str:
    if not report["requests"]["completed"]:
        return '<p class="empty">No request was completed.</p>'
    known: dict[str, Any] = {name: report.get(key) for name, key in _TIMES.items()}
    columns = {name: times for name, times in known.items() if times}
    rows = [
        [name, *(format_micros(times[key]) if key in times else "–" for times in columns.values())]
        for name, key in _points(report).items()
    ]
    return table(["", *columns], rows, "h" + "n" * len(columns))


def _points(report: Report) -> dict[str, str]:
    """With p95, where the report has it."""
    if "p95" not in report["response_time"]:
        return _POINTS
    names = [*_POINTS]
    at = names.index("p90") + 1
    return {name: _POINTS.get(name, name) for name in (*names[:at], "p95", *names[at:])}


def _errors(report: Report) -> Iterator[str]:
    samples = report.get("samples", {})
    rows = [
        [kind, f"{times:,}", samples.get(kind, "")]
        for kind, times in sorted(report["errors"].items(), key=lambda item: -item[1])
    ]
    if rows:
        yield part("Failed requests by kind", table(["Kind", "Count", "For example"], rows, "hnt"))


def _requests(report: Report) -> str:
    requests, counts = report["requests"], counts_of(report)
    errors, read, length = errors_of(counts), report["bytes"]["read"], report["duration"]
    rows = [
        ["Planned", _planned(report)],
        ["Sent", f"{requests['sent']:,}"],
        ["Completed", f"{requests['completed']:,}"],
        ["Good", f"{counts['good']:,}"],
        ["Errors", f"{errors:,} ({error_share(counts):.2%})" if errors else "0"],
        ["Failed", f"{requests['failed']:,}"],
        [word_of(counts).capitalize(), f"{bad_status(counts):,}"],
        ["In flight at the end", f"{requests['in_flight']:,}"],
        ["Dropped", f"{requests['dropped']:,}"],
        *([["Skipped by sessions", f"{requests['skipped']:,}"]] if sessions_of(report) is not None else []),
        ["Requests/s", f"{report['rate']:,.2f}"],
        ["Length", format_duration(round(length, 3))],
        ["Read", format_size(read)],
        ["Read/s", format_size(read / length if length else 0)],
        ["Written", format_size(report["bytes"]["written"])],
    ]
    return table([], rows, "hn")


def _planned(report: Report) -> str:
    sessions = sessions_of(report)
    planned = report["requests"]["planned"] if sessions is None else sessions["planned"]
    if planned is None:
        return "no schedule"
    return f"{planned:,}" if sessions is None else f"{planned:,} sessions"


def _statuses(report: Report) -> str:
    if not report["status"]:
        return '<p class="empty">No response was received.</p>'
    total = sum(report["status"].values())
    rows = [[code, f"{times:,}", f"{times / max(1, total):.2%}"] for code, times in sorted(report["status"].items())]
    return table(["Status", "Count", "Of responses"], rows, "hnn")


def slowest_panel(report: Report) -> list[str]:
    """The slowest requests that carried a trace id. None where no request did."""
    found = sorted(report.get("slowest") or (), key=lambda one: (-one["time"], one["second"]))[:_MOST_TRACES]
    rows = [
        [format_micros(one["time"]), one["request"], _figure(one["second"]), one["node"], one["trace"]] for one in found
    ]
    said = '<p class="muted">Of each second the slowest request; here are the slowest of these.</p>'
    head = ["Time", "Request", "Second", "Node", "Trace id"]
    return [panel("Slowest traces", said + table(head, rows, "ntntt"))] if rows else []


def node_panel(report: Report) -> str:
    """The nodes and their plan."""
    if not report["nodes"]:
        return panel("Nodes and plan", '<p class="empty">No node took part.</p>')
    rows = [node_cells(node) for node in report["nodes"]]
    kinds = "h" + "n" * (len(_NODE_HEAD) - 2) + "t"
    return panel("Nodes and plan", table(_NODE_HEAD, rows, kinds) + _plan(report))


def _plan(report: Report) -> str:
    if not report.get("plan"):
        return ""
    keys = ("name", "cores", "threads", "connections", "rate", "requests")
    rows = [[_figure(share.get(key)) for key in keys] for share in report["plan"]]
    noun = "Requests" if sessions_of(report) is None else "Sessions"
    head = ["Node", "Cores", "Threads", "Connections", f"{noun}/s", noun]
    return part("Plan", table(head, rows, "hnnnnn"))


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def event_panel(report: Report) -> list[str]:
    """What happened. None where nothing did."""
    items = "".join(map(_event, report.get("events") or ()))
    return [panel("Events", f'<ol class="events">{items}</ol>')] if items else []


def _event(event: Mapping[str, Any]) -> str:
    node = f"{event['node']}: " if event["node"] and event["node"] not in event["text"] else ""
    second = "–" if event["second"] is None else f"{event['second']:,} s"
    kind, text = escape(event["kind"].replace("_", " ")), escape(node + event["text"])
    return (
        f'<li><span class="muted">{second}</span><span class="kind">{kind}</span><span class="text">{text}</span>'
        f'<time class="muted">{escape(event["at"] or "")}</time></li>'
    )


def task_panel(report: Report) -> str:
    """What the task asked for."""
    task, searches = report["task"], searched(report)
    keys = [key for key in task if searches or key not in BY_NAME or BY_NAME[key].group != CAPACITY]
    rows = [[key.replace("_", " "), _shown(key, task[key])] for key in keys]
    return panel("The task asked", table([], [row for row in rows if row[1]], "ht"), "pairs")


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
