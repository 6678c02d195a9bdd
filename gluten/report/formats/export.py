"""The report for programs (JSON, CSV, HdrHistogram's log), and the list of all formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gluten.report.compared_capacity import capacity_of
from gluten.report.formats import text
from gluten.report.formats.capacity_text import trial_at
from gluten.report.formats.session_text import sessions_of
from gluten.report.measured import first_of
from gluten.report.outcome import good_in
from gluten.stats.request_stats import ERROR_KINDS

if TYPE_CHECKING:
    from gluten.documents import ReportDocument as Report

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
COLUMNS = (
    "second", "asked", "sent", "completed", "failed", "dropped", "read", "written", "in_flight", "connections",
    "mean", "p50", "p90", "p99", "p99_9", "max", "service_p50", "service_p99", "lateness_p99", "cpu",
    "opened", "backlog", "good", "drain", "lag_p99", "host_cpu", "steal", "request",
)  # fmt: skip
SESSION_COLUMNS = ("begun", "active")
"""Sessions that began in the second, and those under way at its end."""
TRIAL_COLUMNS = ("trial", "trial_rate", "trial_state")
"""The trial of a search for the capacity that this second belongs to: its number from 1, its rate, and its state."""

HDR_RATIO = 1000.0
"""`Interval_Max` in an hdr log is the greatest value divided by this. So microseconds become milliseconds."""


def as_json(report: Report) -> str:
    """The whole document, indented. The keys are in the order of the schema."""
    return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(report: Report) -> str:
    """A header line, then one row for each second. Where there is more than one named request, a row for each of them
    follows, with its name in the column `request`, and with those cells that are known by request.

    The first columns are the same in every report: `COLUMNS`, responses by status class (`status_2xx`), and failures by
    kind (`error_timeout`). The status codes that occurred follow (`status_404`), and, in a run of sessions,
    `SESSION_COLUMNS`, in a search for the capacity `TRIAL_COLUMNS`. Times are in microseconds, sizes in bytes. `drain`
    is 1 for a second after the end of load. A cell without a value is empty.
    """
    search = capacity_of(report)
    more = [*(SESSION_COLUMNS if sessions_of(report) is not None else ()), *(TRIAL_COLUMNS if search else ())]
    codes = sorted({code for row in report["seconds"] for code in row["status"]}, key=int)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            *COLUMNS,
            *(f"status_{name}" for name in CLASSES),
            *(f"error_{kind}" for kind in ERROR_KINDS),
            *(f"status_{code}" for code in codes),
            *more,
        ]
    )
    for row in report["seconds"]:
        writer.writerow(_cells(dict(row) | _trial(search, row["second"]), codes, more))
        writer.writerows(_cells(part, codes, more) for part in _parts(row))
    return out.getvalue()


def _trial(search: Mapping[str, Any] | None, second: int) -> dict[str, Any]:
    """The cells of `TRIAL_COLUMNS`. A second between two trials has none."""
    found = trial_at(search["trials"], second) if search is not None else None
    if found is None:
        return {}
    number, trial = found
    return {"trial": number, "trial_rate": trial["rate"], "trial_state": trial["state"]}


def _parts(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of the named requests of a second."""
    for name, part in row.get("by_request", {}).items():
        yield dict(part) | {"second": row["second"], "drain": row.get("drain"), "request": name}


def _cells(row: Mapping[str, Any], codes: list[str], more: Sequence[str]) -> list[Any]:
    status, errors = row["status"], row["errors"]
    row = {"good": good_in(status)} | dict(row) | {"drain": int(bool(row.get("drain")))}
    return [
        *(row.get(name) for name in COLUMNS),
        *(sum(times for code, times in status.items() if code[0] == name[0]) for name in CLASSES),
        *(errors.get(kind, 0) for kind in ERROR_KINDS),
        *(status.get(code, 0) for code in codes),
        *(row.get(name) for name in more),
    ]


def as_hdr(report: Report) -> str:
    """An HdrHistogram log, version 1.3. Response times have an interval a second, without a tag, so that tools read
    them as they are, after a warmup. Service times have one over the whole run, tagged `service`.

    The values of the histograms are in microseconds, `Interval_Max` is in milliseconds (see `HDR_RATIO`).
    Source: HdrHistogram (Java), `HistogramLogWriter`.
    """
    lines = [
        f"#[GLuTEN run {text.clean(str(report['id']))}; values in microseconds, Interval_Max in milliseconds]",
        "#[Histogram log format version 1.3]",
        f"#[StartTime: {_epoch(report['started_at']):.3f} (seconds since epoch), {report['started_at']}]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
        _interval(0.0, report["duration"], report["service_time"], "Tag=service,"),
        *_intervals(report),
    ]
    return "\n".join(lines) + "\n"


def _intervals(report: Report) -> Iterator[str]:
    """Those of the response times. A report that an earlier version made has one, over the whole run."""
    first, end = first_of(report), report["duration"]
    rows = [row for row in report["seconds"] if row["second"] >= first]
    if not rows or not all("hdr" in row for row in rows):
        yield _interval(0.0, end, report["response_time"])
        return
    for row in rows:
        second = row["second"]
        length = end - second if second < end < second + 1 else 1.0
        yield _interval(float(second), length, row)


def _interval(start: float, length: float, times: Mapping[str, Any], tag: str = "") -> str:
    return f"{tag}{start:.3f},{length:.3f},{times['max'] / HDR_RATIO:.3f},{times['hdr']}"


def _epoch(at: str | None) -> float:
    """An RFC 3339 time in Unix seconds, or 0 if there is none."""
    return datetime.fromisoformat(at).timestamp() if at else 0.0


def as_text(report: Report) -> str:
    """The text report with both distributions."""
    return text.render(report, latency=True, service=True)


def as_html(report: Report) -> str:
    """An HTML page that needs no other file."""
    # Imported here, as `junit` is, because scripts ask for JSON, and should start without these modules.
    from gluten.report.formats import html

    return html.render(report)


def as_junit(report: Report) -> str:
    """JUnit XML with three test cases: how the run ended, its verdict, its errors."""
    from gluten.report.formats import junit

    return junit.as_junit(report)


def as_wrk(report: Report) -> str:
    """What wrk prints with `--latency`; at a rate what wrk2 does with `--u_latency`, too."""
    from gluten.report.formats import wrk

    return wrk.as_wrk(report)


FORMATS: Mapping[str, tuple[str, Callable[[Report], str]]] = MappingProxyType(
    {
        "text": ("text/plain; charset=utf-8", as_text),
        "json": ("application/json", as_json),
        "csv": ("text/csv; charset=utf-8", as_csv),
        "html": ("text/html; charset=utf-8", as_html),
        "hdr": ("text/plain; charset=utf-8", as_hdr),
        "junit": ("application/xml; charset=utf-8", as_junit),
        "wrk": ("text/plain; charset=utf-8", as_wrk),
    }
)
"""Maps the name of a format to its content type and to the function that writes it."""
