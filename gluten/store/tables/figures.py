"""The rows of the tables that people query, from the documents of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gluten.stats.request_stats import BAD_STATUS
from gluten.store.codec import clean
from gluten.store.tables.schema import (
    KINDS,
    NODE,
    REQUEST,
    REQUEST_SECOND,
    RUN,
    SAME,
    SECOND,
    SPARSE,
    STATUSES,
    Columns,
)

Plain = Mapping[str, Any]
Tuple = tuple[Any, ...]

_BYTES = {"read_bytes": "read", "written_bytes": "written"}
_SHARES = {"cpu_share": "cpu", "host_cpu_share": "host_cpu", "steal_share": "steal"}
_LATE = {"lateness_p99_us": "lateness_p99", "lag_p99_us": "lag_p99"}
_POINTS = ("mean", "p50", "p90", "p95", "p99", "p99_9", "max")
_SECOND_TIMES = {f"response_{point}_us": point for point in _POINTS}
_SECOND_TIMES |= {"service_p50_us": "service_p50", "service_p99_us": "service_p99"}
_OF_ROW = _BYTES | _SHARES | _LATE | _SECOND_TIMES
_OF_ROW |= {"asked_per_s": "asked", "connections_peak": "peak", "connections_opened": "opened"}
_OF_ROW |= {f"sessions_{name}": name for name in ("begun", "finished", "ended", "cut", "active")}
_OF_ROW |= {"session_p50_us": "session_p50", "session_p99_us": "session_p99"}
_OF_NODE = _SHARES | _LATE | {"asked_per_s": "asked", "rate_per_s": "achieved"}
_OF_NODE |= {"start_skew_s": "start_skew", "ended_s": "ended", "gaps_s": "gaps"}


def second_columns() -> tuple[str, ...]:
    return ("run", "second", "request", *SECOND)


def request_second_columns() -> tuple[str, ...]:
    return ("run", "second", "request", *REQUEST_SECOND)


def second_row(run: int, row: Plain, request: str | None) -> Tuple:
    """The row of a second. `request` is the name of its requests; None: it has several, which have their own rows."""
    name = None if "by_request" in row or request is None else clean(request)
    found = _found(row, _OF_ROW) | {"drain": int(bool(row.get("drain")))}
    found |= _by_kind(row.get("errors") or {})
    return (run, row["second"], name, *_values(SECOND, _brief(found)))


def request_second_rows(run: int, row: Plain) -> Iterator[Tuple]:
    """The rows of the requests of a second, where it has several."""
    for name, part in (row.get("by_request") or {}).items():
        yield (run, row["second"], clean(name), *_values(REQUEST_SECOND, _brief(_found(part, _OF_ROW))))


def run_row(run: int, report: Plain) -> Tuple:
    """The totals of a run that is over."""
    task, sessions, capacity = report.get("task") or {}, report.get("sessions") or {}, report.get("capacity") or {}
    found = _whole({**report, **(report.get("requests") or {})})
    found |= {name: report.get(name) for name in ("url", "protocol")} | _by_kind(report.get("errors") or {})
    found |= {"verdict": (report.get("verdict") or {}).get("value"), "duration_s": report.get("duration")}
    found |= {"asked_rate_per_s": task.get("rate"), "asked_duration_s": task.get("duration")}
    found |= {name: _number(task.get(name)) for name in ("threads", "connections")}
    slos = report.get("slo") or ()
    found |= {"slos": len(slos), "slos_missed": sum(slo["state"] == "missed" for slo in slos)}
    found |= {f"sessions_{name}": count for name, count in sessions.items()}
    found |= _times("session", sessions.get("time") or {})
    found |= {f"capacity_{bound}_per_s": capacity.get(bound) for bound in ("holds", "misses")}
    return (run, *_values(RUN, found))


def request_rows(run: int, report: Plain) -> Iterator[Tuple]:
    """The totals of each named request. Reports of the first versions have none by name."""
    for position, part in enumerate(report.get("by_request") or ()):
        checks = part.get("checks") or ()
        found = _whole(part) | {"position": position}
        found |= {f"checks_{way}": sum(check[way] for check in checks) for way in ("passed", "failed")}
        yield (run, clean(part["name"]), *_values(REQUEST, found))


def node_rows(run: int, report: Plain) -> Iterator[Tuple]:
    for node in report.get("nodes") or ():
        found = _found(node, _OF_NODE) | {"lost": int(bool(node.get("lost")))}
        yield (run, clean(node["name"]), *_values(NODE, found))


def _brief(found: dict[str, Any]) -> dict[str, Any]:
    """The figures of a second, without what is the same as another one. Early versions did not count what is good."""
    status = found.get("status") or {}
    found |= _by_class(status)
    if found.get("good") is None:
        found["good"] = sum(times for code, times in status.items() if int(code) < BAD_STATUS)
    return {name: None if name in SAME and value == found.get(SAME[name]) else value for name, value in found.items()}


def _whole(part: Plain) -> dict[str, Any]:
    """The figures that a run and a named request share."""
    found = dict(part) | {"rate_per_s": part.get("rate")} | _by_class(part.get("status") or {})
    found |= {column: (part.get("bytes") or {}).get(key) for column, key in _BYTES.items()}
    for kind in ("response", "service"):
        found |= _times(kind, part.get(f"{kind}_time") or {})
    return found | _times("first_byte", part.get("first_byte") or {})


def _times(kind: str, times: Plain) -> dict[str, Any]:
    return {f"{kind}_{point}_us": times.get(point) for point in _POINTS}


def _found(plain: Plain, names: Mapping[str, str]) -> dict[str, Any]:
    """The values by column: those of other names, then those of the same name."""
    return dict(plain) | {column: plain.get(key) for column, key in names.items()}


def _values(columns: Columns, found: Plain) -> Iterable[Any]:
    for name, kind in columns.items():
        value = found.get(name)
        yield (value or None) if kind == SPARSE else value


def _by_class(status: Mapping[str, int]) -> dict[str, int]:
    counts = dict.fromkeys(STATUSES, 0)
    for code, times in status.items():
        name = f"status_{int(code) // 100}xx"
        counts[name if name in counts else "status_other"] += times
    return counts


def _by_kind(errors: Mapping[str, int]) -> dict[str, int]:
    return {f"failed_{kind}": errors.get(kind, 0) for kind in KINDS}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
