"""The report as text. It begins with wrk's exact layout, and then has what wrk does not know.

Source of the widths: wrk's `print_stats_header`, `print_stats`, `print_units` and `print_stats_latency` (wrk.c).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.compared_capacity import reason_of
from gluten.report.formats.capacity_text import capacity_lines, trial_lines
from gluten.report.formats.session_text import session_lines, sessions_of
from gluten.report.formats.table import align
from gluten.report.load_duration import whole
from gluten.report.measured import first_of
from gluten.report.outcome import codes, errors_of
from gluten.stats import hdr
from gluten.units import format_count, format_duration, format_micros, format_size

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

DISTRIBUTION = {
    "50": "p50",
    "75": "p75",
    "90": "p90",
    "99": "p99",
    "99.9": "p99_9",
    "99.99": "p99_99",
    "99.999": "p99_999",
    "100": "max",
}
"""The percentiles that `--latency` prints, with their keys in the report."""

ASCII_MARKS = {"✓": "+", "✗": "x", "·": "."}
"""What stands for a mark where the output cannot encode it."""
NODE_FIGURES = ("cpu", "host cpu", "steal", "lateness p99", "lag p99")
"""The figures of a node that the verdict uses: its busiest worker, its machine, its lateness and its clock."""

Figures = tuple[float, float, float, float]
"""Mean, standard deviation, maximum, and the share within one deviation of the mean."""
_WRK_KINDS = ("connect", "read", "write", "timeout")


def render(report: Report, latency: bool = False, service: bool = False) -> str:
    """The report for a terminal, with a newline at its end.

    `latency` adds the distribution of response times, `service` that of service times. Control characters become `?`,
    so that no text can control the terminal.
    """
    lines = [*_header(report), *_stats(report)]
    if latency:
        lines += _distribution("Latency Distribution", report["response_time"])
    if service:
        lines += _distribution("Service Time Distribution", report["service_time"])
    lines += [*_totals(report), *_slos(report), *capacity_lines(report), *_verdict(report), *_schedule(report)]
    lines += [*trial_lines(report), *session_lines(report), *_errors(report), *_requests(report), *_checks(report)]
    lines += _nodes(report)
    return "".join(clean(line) + "\n" for line in lines)


def clean(text: str) -> str:
    """The text with `?` in place of every control character."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _header(report: Report) -> Iterator[str]:
    task = report["task"]
    if task.get("duration"):
        length = format_duration(task["duration"])
    else:
        length = f"{task.get('requests')} {'sessions' if sessions_of(report) else 'requests'}"
    yield f"Running {length} test @ {report['url']}"
    yield f"  {task['threads'] or 1} threads and {connections(report)} connections{over(report)}"


def connections(report: Report) -> int:
    """The number of connections that was asked for. If elastic, the most that were open at once."""
    asked = report["task"]["connections"]
    return int(report["connections"]["most"] if asked is None else asked)


def over(report: Report) -> str:
    """` (HTTP/2, 10 streams each)`; empty for HTTP/1.1. Older reports do not know of streams."""
    if report.get("protocol", "HTTP/1.1") == "HTTP/1.1":
        return ""
    streams = report["connections"]["streams"]
    return f" ({report['protocol']}, {streams} {'stream' if streams == 1 else 'streams'} each)"


def _stats(report: Report) -> Iterator[str]:
    yield f"  Thread Stats{'Avg':>6}{'Stdev':>11}{'Max':>8}{'+/- Stdev':>12}"
    yield _stats_row("Latency", latency_figures(report), format_micros)
    yield _stats_row("Req/Sec", rate_figures(report), format_count)


def latency_figures(report: Report) -> Figures:
    """Those of the response time, in microseconds."""
    times = report["response_time"]
    mean, stdev = times["mean"], times["stdev"]
    within = hdr.decode(times["hdr"]).share_within(mean - stdev, mean + stdev)
    if 0 < times["min"] == times["max"]:  # a single value is not at the middle of its histogram slot
        within = 1.0
    return mean, stdev, times["max"], within


def rate_figures(report: Report) -> Figures:
    """Those of the requests/s of a thread."""
    return _spread(thread_rates(report))


def _stats_row(name: str, figures: Figures, formatter: Callable[[float], str]) -> str:
    mean, stdev, most, within = figures
    columns = _unit(formatter(mean), 8) + _unit(formatter(stdev), 10) + _unit(formatter(most), 9)
    return f"    {name:<10}{columns}{within * 100:8.2f}%"


def _unit(text: str, width: int) -> str:
    """The text aligned to the right, so that digits line up with and without a unit."""
    pad = 2 - sum(char.isalpha() for char in text[-2:])
    return f"{text:>{width - pad}}" + " " * pad


def thread_rates(report: Report) -> list[tuple[float, int]]:
    """(requests/s of one thread, number of such threads) for each node and each measured whole second of load."""
    first = first_of(report)
    threads = {node["name"]: node["threads"] for node in report["nodes"] if node["threads"]}
    rates = [
        (part["completed"] / threads[name], threads[name])
        for row in whole(report)
        if row["second"] >= first
        for name, part in row["nodes"].items()
        if name in threads
    ]
    return rates or [(report["rate"] / (report["task"]["threads"] or 1), 1)]


def _spread(values: list[tuple[float, int]]) -> Figures:
    """`values` are (value, weight)."""
    count = sum(weight for _, weight in values)
    mean = math.fsum(value * weight for value, weight in values) / count
    stdev = math.sqrt(math.fsum((value - mean) ** 2 * weight for value, weight in values) / count)
    within = sum(weight for value, weight in values if abs(value - mean) <= stdev) / count
    return mean, stdev, max(value for value, _ in values), within


def _distribution(title: str, times: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {title}"
    for point, key in DISTRIBUTION.items():
        yield f"{point:>7}%{_unit(format_micros(times[key]), 10)}"


def _totals(report: Report) -> Iterator[str]:
    length, read = report["duration"], report["bytes"]["read"]
    completed = report["requests"]["completed"]
    yield f"  {completed} requests in {format_micros(length * 1e6)}, {format_size(read)} read"
    if part := report.get("measured"):
        yield f"  Measured: {part['completed']} requests due from {part['from']}s to {part['to']}s, after the warmup"
    errors = report["errors"]
    if any(errors.values()):
        kinds = [*_WRK_KINDS, *sorted(kind for kind in errors if kind not in _WRK_KINDS)]
        yield "  Socket errors: " + ", ".join(f"{kind} {errors.get(kind, 0)}" for kind in kinds)
    bad = sum(times for code, times in report["status"].items() if not 200 <= int(code) < 400)
    if bad:
        yield f"  Non-2xx or 3xx responses: {bad}"
    if by_code := codes(report["status"]):
        yield f"  Status: {by_code}"
    yield f"Requests/sec: {report['rate']:9.2f}"
    yield f"Transfer/sec: {format_size(read / length if length else 0.0):>11}"


def _slos(report: Report) -> Iterator[str]:
    """One row for each SLO: whether it holds, its value, its limit, and what is to be known of it."""
    if cells := slo_cells(report):
        yield "SLOs:"
        yield from align([["", "", "value", "limit", ""], *cells], "<<>><")


def slo_cells(report: Report) -> list[list[str]]:
    """A mark, the SLO, its value, its limit and notes."""
    entries = report.get("slo", [])
    if not entries:
        return []
    from gluten.slo import shown  # here, because most runs have none

    return [
        [shown.mark(entry), entry["slo"], shown.value(entry), shown.limit(entry), shown.notes(entry)]
        for entry in entries
    ]


def _verdict(report: Report) -> Iterator[str]:
    yield f"Verdict: {report['verdict']['value']}"
    for reason in report["verdict"]["reasons"]:
        yield f"  - {reason}"
    for note in report["verdict"].get("notes", ()):
        yield f"Note: {note}"
    reason = reason_of(report)
    if report["state"] != "finished" or reason:
        yield f"State: {_state(report['state'], reason)}"


def _state(state: str, reason: str) -> str:
    """The state and its reason. Many reasons begin with the state's own word."""
    return reason if reason.startswith(f"{state} ") else f"{state}: {reason}" if reason else state


def _schedule(report: Report) -> Iterator[str]:
    requests = report["requests"]
    if requests["planned"] is not None:
        planned, dropped = requests["planned"], requests["dropped"]
        share = dropped / planned if planned else 0.0
        yield f"Planned: {planned} requests, sent {requests['sent']}, dropped {dropped} ({share:.2%})"


def _errors(report: Report) -> Iterator[str]:
    """One row for each kind, the most frequent first, with a message as an example."""
    errors = sorted((-times, kind) for kind, times in report["errors"].items() if times)
    if errors:
        yield "Errors:"
        samples = report.get("samples", {})
        yield from align([[kind, str(-times), samples.get(kind, "")] for times, kind in errors], "<><")


def request_head(report: Report) -> list[str]:
    """The figures of a named request. The last one is how many were not sent: dropped, or skipped by sessions."""
    unsent = "dropped" if sessions_of(report) is None else "skipped"
    return ["name", "requests", "good", "errors", "req/s", "p50", "p90", "p99", "max", unsent]


def _requests(report: Report) -> Iterator[str]:
    """One row for each named request, where there is more than one."""
    entries = report.get("by_request", [])
    if len(entries) < 2:
        return
    yield "By request:"
    head = request_head(report)
    yield from align([head, *(request_cells(entry, head) for entry in entries)], "<" + ">" * (len(head) - 1))


def request_cells(entry: Mapping[str, Any], head: Sequence[str]) -> list[str]:
    """The cells of one named request: `request_head`. A time that was not measured is `-`."""
    times = entry["response_time"]
    return [
        entry["name"],
        str(entry["completed"]),
        str(entry["good"]),
        str(errors_of(entry)),
        f"{entry['rate']:.2f}",
        *(format_micros(times[point]) if times["max"] else "-" for point in ("p50", "p90", "p99", "max")),
        str(entry[head[-1]]),
    ]


def _checks(report: Report) -> Iterator[str]:
    """One row for each check: how often it was true, and how often not."""
    cells = check_cells(report)
    if cells:
        yield "Checks:"
        yield from align([["", "request", "check", "passed", "failed"], *cells], "<<<>>")


def check_cells(report: Report) -> list[list[str]]:
    """A mark, the request, the check, how often it was true, and how often not."""
    return [
        ["✗" if check["failed"] else "✓", entry["name"], check["check"], str(check["passed"]), str(check["failed"])]
        for entry in report.get("by_request", [])
        for check in entry["checks"]
    ]


def _nodes(report: Report) -> Iterator[str]:
    if len(report["nodes"]) < 2:
        return
    yield "Nodes:"
    head = ["name", "cores", "threads", "connections", "requests", "errors", "req/s", *NODE_FIGURES, "skew", ""]
    yield from align([head, *map(node_cells, report["nodes"])], "<" + ">" * (len(head) - 2) + "<")


def node_cells(node: Mapping[str, Any]) -> list[str]:
    """The cells of one node: name, cores, threads, connections, completed, errors, requests/s, `NODE_FIGURES`, skew of
    the start, and whether it was lost. A figure that an earlier version did not measure is `-`."""
    skew, lag = node["start_skew"], node.get("lag_p99")
    host, steal = (f"{node[name]:.0%}" if node.get(name) is not None else "-" for name in ("host_cpu", "steal"))
    return [
        node["name"],
        str(node["cores"]),
        str(node["threads"]),
        str(node["connections"]),
        str(node["completed"]),
        str(errors_of(node)),
        f"{node.get('achieved', node['rate']):.2f}",
        f"{node['cpu']:.0%}",
        host,
        steal,
        format_micros(node["lateness_p99"]),
        "-" if lag is None else format_micros(lag),
        "-" if skew is None else f"{skew * 1000:+.1f}ms",
        "lost" if node["lost"] else "",
    ]
