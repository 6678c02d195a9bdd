"""The report as wrk prints it, byte by byte, and nothing else, for programs that read wrk. At a rate it is as wrk2's.

Source: wrk's `main`, `print_stats`, `print_units`, `print_stats_latency` (wrk.c) and `format_units` (units.c); wrk2's
`print_hdr_latency`. wrk2's lines of calibration are left out: there is none here, and short runs of wrk2 have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gluten.report.formats.spectrum import spectrum
from gluten.report.formats.text import DISTRIBUTION, clean, connections, latency_figures, rate_figures

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

_COUNTS = ("", "k", "M", "G", "T")
_SIZES = ("", "K", "M", "G", "T")
_OF_WRK = ("50", "75", "90", "99")
_KINDS: Mapping[str, Sequence[str]] = {
    "connect": ("connect", "dns", "tls"),
    "write": ("write", "template"),
    "timeout": ("timeout",),
}
"""wrk knows four kinds of errors. All others are its `read`."""
_RULE = "-" * 58


def as_wrk(report: Report, latency: bool = True, service: bool = True) -> str:
    """The whole text. `latency` adds the distribution of response times, `service` that of service times, which wrk2
    alone has."""
    lines = [*_header(report), *_stats(report), *_distributions(report, latency, service), *_totals(report)]
    return "".join(clean(line) + "\n" for line in lines)


def _header(report: Report) -> Iterator[str]:
    task = report["task"]
    seconds = task.get("duration") or max(1.0, report["duration"])
    yield f"Running {_units(float(seconds), 60.0, ('s', 'm'), digits=0)} test @ {report['url']}"
    yield f"  {task['threads'] or 1} threads and {connections(report)} connections"


def _stats(report: Report) -> Iterator[str]:
    yield f"  Thread Stats{'Avg':>6}{'Stdev':>11}{'Max':>8}{'+/- Stdev':>12}"
    for name, (mean, stdev, most, within), formatter in (
        ("Latency", latency_figures(report), _time),
        ("Req/Sec", rate_figures(report), _count),
    ):
        columns = _padded(formatter(mean), 8) + _padded(formatter(stdev), 10) + _padded(formatter(most), 9)
        yield f"    {name:<10}{columns}{within * 100:8.2f}%"


def _distributions(report: Report, latency: bool, service: bool) -> Iterator[str]:
    task = report["task"]
    if not (task.get("rate") or task.get("stages") or task.get("find_capacity")):
        if latency:
            yield "  Latency Distribution"
            yield from _percentiles(report["response_time"], _OF_WRK, 0)
        return
    if latency:
        yield from _recorded("Recorded Latency", report["response_time"])
    if service:
        yield ""
        name = "Uncorrected Latency (measured without taking delayed starts into account)"
        yield from _recorded(name, report["service_time"])


def _recorded(name: str, times: Mapping[str, Any]) -> Iterator[str]:
    yield f"  Latency Distribution (HdrHistogram - {name})"
    yield from _percentiles(times, tuple(DISTRIBUTION), 3)
    yield ""
    yield "  Detailed Percentile spectrum:"
    yield from spectrum(times)
    yield _RULE


def _percentiles(times: Mapping[str, Any], points: Sequence[str], digits: int) -> Iterator[str]:
    for point in points:
        yield f"{float(point):7.{digits}f}%{_padded(_time(times[DISTRIBUTION[point]]), 10)}"


def _totals(report: Report) -> Iterator[str]:
    length, read = report["duration"], report["bytes"]["read"]
    yield f"  {report['requests']['completed']} requests in {_time(length * 1e6)}, {_size(read)}B read"
    errors = _errors(report["errors"])
    if any(errors.values()):
        yield "  Socket errors: " + ", ".join(f"{kind} {times}" for kind, times in errors.items())
    if bad := sum(times for code, times in report["status"].items() if int(code) > 399):
        yield f"  Non-2xx or 3xx responses: {bad}"
    yield f"Requests/sec: {report['rate']:9.2f}"
    yield f"Transfer/sec: {_size(read / length if length else 0.0):>10}B"


def _errors(errors: Mapping[str, int]) -> dict[str, int]:
    """Errors by wrk's kinds, in its order."""
    known = {kind: sum(errors.get(name, 0) for name in names) for kind, names in _KINDS.items()}
    read = sum(errors.values()) - sum(known.values())
    return {"connect": known["connect"], "read": read, "write": known["write"], "timeout": known["timeout"]}


def _padded(text: str, width: int) -> str:
    """wrk's `print_units`: to the right, with blanks where a unit has fewer than two letters, and cut to its width."""
    pad = 2 - sum(char.isalpha() for char in text[-2:])
    return text[: width - pad].rjust(width - pad) + " " * pad


def _time(micros: float) -> str:
    if micros >= 1e6:
        return _units(micros / 1e6, 60.0, ("s", "m"))
    return _units(micros, 1000.0, ("us", "ms"))


def _count(value: float) -> str:
    return _units(value, 1000.0, _COUNTS)


def _size(value: float) -> str:
    return _units(value, 1024.0, _SIZES)


def _units(value: float, base: float, units: Sequence[str], digits: int = 2) -> str:
    """wrk's `format_units`: the next unit from 0.85 of it on. Its hours and its P are never reached there either."""
    unit = 0
    while value >= base * 0.85 and unit < len(units) - 1:
        value /= base
        unit += 1
    return f"{value:.{digits}f}{units[unit]}"
