"""The named requests of a simulated run of `http://…/shop` or `/users`: 6 of 10 are `home`, 3 `search`, 1 `order <b>`.

Each answer to an order has a check that fails; nothing else is not good but what `fake_rows` makes fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gluten.task.task import Task

Map = Any
ORDER = "order <b>"
WEIGHTS = {"home": 6, "search": 3, ORDER: 1}
CHECKS = {"home": "status == 200", "search": "status 2xx", ORDER: "body contains '<i>'"}
COUNTS = ("sent", "completed", "good", "failed", "dropped")
SLOWER = {"home": 1.0, "search": 2.0, ORDER: 4.0}
TIMES = ("mean", "p50", "p90", "p95", "p99", "p99_9", "max", "service_p50", "service_p99")


def is_shop(task: Task) -> bool:
    return task.url.endswith(("/shop", "/users"))


def split(row: Map) -> Map:
    """The row with its requests told apart: the first name has what is left over."""
    parts = {name: _part(row, name, weight) for name, weight in WEIGHTS.items()}
    for key in ("sent", "completed", "failed", "dropped"):
        parts["home"][key] += row[key] - sum(part[key] for part in parts.values())
    parts["home"]["good"] = parts["home"]["completed"]
    parts[ORDER]["good"] = 0
    for part in parts.values():
        part["status"] = {"200": part["completed"]}
        part["errors"] = {"timeout": part["failed"]} if part["failed"] else {}
    total = {"status": {"200": row["completed"]}, "good": sum(part["good"] for part in parts.values())}
    return row | total | {"by_request": parts}


def _part(row: Map, name: str, weight: int) -> Map:
    counts = {key: row[key] * weight // 10 for key in COUNTS}
    return counts | {key: row[key] * SLOWER[name] for key in TIMES}


def totals(rows: Iterable[Map], seconds: float) -> list[Map]:
    """What a run map has of each name."""
    found = list(rows)
    return [
        _total(name, [row["by_request"][name] for row in found if row.get("by_request")], seconds) for name in WEIGHTS
    ]


def _total(name: str, parts: list[Map], seconds: float) -> Map:
    counts = {key: sum(part[key] for part in parts) for key in COUNTS}
    passed, failed = _checked(name, counts["completed"])
    times = {"p50": 1834.0, "p95": 4700.0, "p99": 7611.0}
    return {
        "name": name,
        **counts,
        "in_flight": 0,
        "skipped": 7,
        "rate": counts["completed"] / seconds if seconds else 0.0,
        **{key: value * SLOWER[name] for key, value in times.items()},
        "checks_passed": passed,
        "checks_failed": failed,
    }


def _checked(name: str, completed: int) -> tuple[int, int]:
    return (0, completed) if name == ORDER else (completed, 0)


def report_of(run: Map, times: Map) -> Map:
    """What the report of such a run has more. `times`: percentiles of the response time."""
    named = [_reported(entry, times) for entry in run["by_request"]]
    orders = named[-1]["completed"]
    slowest = [
        {
            "second": second,
            "request": "search",
            "time": 9000 + 10 * second,
            "node": "berlin-1",
            "trace": f"{second:032x}",
        }
        for second in range(30)
    ]
    return {"by_request": named, "failures": [_failure(orders), _timeout()], "slowest": slowest, "first_byte": times}


def _reported(entry: Map, times: Map) -> Map:
    own = {key: value * SLOWER[entry["name"]] for key, value in times.items() if key != "hdr"}
    passed, failed = entry["checks_passed"], entry["checks_failed"]
    return {
        **{key: entry[key] for key in ("name", "in_flight", "rate", *COUNTS)},
        "planned": entry["sent"],
        "skipped": 0,
        "status": {"200": entry["completed"]},
        "errors": {},
        "bytes": {"read": 0, "written": 0},
        "response_time": own,
        "service_time": own,
        "first_byte": own,
        "checks": [{"check": CHECKS[entry["name"]], "passed": passed, "failed": failed}],
    }


def _failure(count: int) -> Map:
    sent = {"method": "POST", "url": "http://t.test/orders", "headers": [["Authorization", "***"]], "body": '{"id":1}'}
    answer = {"status": 200, "headers": [["Content-Type", "text/html"]], "body": "<b>no order</b>" + "x" * 300}
    return _kept(ORDER, CHECKS[ORDER], count) | {"sent": sent, "answer": answer, "trace": "0" * 31 + "7"}


def _timeout() -> Map:
    sent = {"method": "GET", "url": "http://t.test/", "headers": [], "body": ""}
    return _kept("home", "timeout", 5) | {"sent": sent, "answer": None, "text": "no answer within 2s"}


def _kept(request: str, kind: str, count: int) -> Map:
    return {
        "request": request,
        "kind": kind,
        "second": 2,
        "node": "berlin-1",
        "count": count,
        "sent": {},
        "answer": None,
        "text": "",
        "trace": None,
    }
