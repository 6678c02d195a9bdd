"""The report for machines: JSON, CSV and HdrHistogram's log; and the one list of all formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from gluten.report.formats import text
from gluten.report.outcome import good_in
from gluten.stats.delta import ERROR_KINDS

Report = Mapping[str, Any]

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
COLUMNS = (
    "second", "asked", "sent", "completed", "failed", "dropped", "read", "written", "in_flight", "connections",
    "mean", "p50", "p90", "p99", "p99_9", "max", "service_p50", "service_p99", "lateness_p99", "cpu",
    "opened", "backlog", "good", "drain", "lag_p99", "host_cpu", "steal",
)  # fmt: skip

HDR_RATIO = 1000.0
"""`Interval_Max` in an hdr log is the greatest value divided by this: milliseconds, as of microseconds."""


def as_json(report: Report) -> str:
    """The whole document, indented; keys stay in the schema's order."""
    return json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(report: Report) -> str:
    """One row a second under a header line.

    The columns are the same for every report: `COLUMNS` (times in microseconds, sizes in bytes; `drain` is 1 where the
    second came after the end of load), then responses by status class (`status_2xx`), failures by kind
    (`error_timeout`); last, for each status code that occurred, `status_404`. Nothing where there is no value.
    """
    codes = sorted({code for row in report["seconds"] for code in row["status"]}, key=int)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            *COLUMNS,
            *(f"status_{name}" for name in CLASSES),
            *(f"error_{kind}" for kind in ERROR_KINDS),
            *(f"status_{code}" for code in codes),
        ]
    )
    writer.writerows(_cells(row, codes) for row in report["seconds"])
    return out.getvalue()


def _cells(row: Mapping[str, Any], codes: list[str]) -> list[Any]:
    status, errors = row["status"], row["errors"]
    row = {"good": good_in(status)} | dict(row) | {"drain": int(bool(row.get("drain")))}
    return [
        *(row.get(name) for name in COLUMNS),
        *(sum(times for code, times in status.items() if code[0] == name[0]) for name in CLASSES),
        *(errors.get(kind, 0) for kind in ERROR_KINDS),
        *(status.get(code, 0) for code in codes),
    ]


def as_hdr(report: Report) -> str:
    """An HdrHistogram log, version 1.3: two intervals over the whole run, tagged `response` and `service`.

    The histograms' values are microseconds; `Interval_Max` is in milliseconds (divided by `HDR_RATIO`).
    Source: HdrHistogram (Java), `HistogramLogWriter`.
    """
    lines = [
        f"#[GLuTEN run {text.clean(str(report['id']))}; values in microseconds, Interval_Max in milliseconds]",
        "#[Histogram log format version 1.3]",
        f"#[StartTime: {_epoch(report['started_at']):.3f} (seconds since epoch), {report['started_at']}]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]
    for tag in ("response", "service"):
        times = report[f"{tag}_time"]
        lines.append(f"Tag={tag},0.000,{report['duration']:.3f},{times['max'] / HDR_RATIO:.3f},{times['hdr']}")
    return "\n".join(lines) + "\n"


def _epoch(at: str | None) -> float:
    """Seconds since 1970 of an RFC 3339 time; 0 when there is none."""
    return datetime.fromisoformat(at).timestamp() if at else 0.0


def as_text(report: Report) -> str:
    """The text report with both distributions."""
    return text.render(report, latency=True, service=True)


def as_html(report: Report) -> str:
    """A page that needs no other file."""
    # Imported when it is asked for, like `junit`: JSON is the format of scripts, and its start is part of their price.
    from gluten.report.formats import html

    return html.render(report)


def as_junit(report: Report) -> str:
    """One test case for the verdict."""
    from gluten.report.formats import junit

    return junit.as_junit(report)


FORMATS: Mapping[str, tuple[str, Callable[[Report], str]]] = MappingProxyType(
    {
        "text": ("text/plain; charset=utf-8", as_text),
        "json": ("application/json", as_json),
        "csv": ("text/csv; charset=utf-8", as_csv),
        "html": ("text/html; charset=utf-8", as_html),
        "hdr": ("text/plain; charset=utf-8", as_hdr),
        "junit": ("application/xml; charset=utf-8", as_junit),
    }
)
"""Name -> (content type, the report as that)."""
