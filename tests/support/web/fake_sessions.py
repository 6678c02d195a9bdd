"""The sessions of a simulated run of `http://…/users`, which also has the requests of `/shop`.

Of five sessions four browse and one buys. A session takes 9 s; one of fifty ends by a request that was not good.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gluten.task.task import Task

Map = Any
BROWSE, BUY = "browse", "buy <b>"
SHARES = {BROWSE: 4, BUY: 1}
LENGTH = 9
"""Seconds of a session."""
POINTS = {"p50": 9.1e6, "p95": 11.4e6, "p99": 12.9e6}
STEPS = {
    BROWSE: [("home", 0.0, 1.0), (None, 2.0, 1.0), ("search", 0.0, 2.5), (None, 2.8, 2.5)],
    BUY: [("home", 0.0, 1.0), (None, 1.0, 1.0), ("order <b>", 0.0, 0.7), (None, 8.0, 0.7)],
}


def has_users(task: Task) -> bool:
    return task.url.endswith("/users")


def told(second: int, rate: float | None) -> Map:
    """What a row has of sessions."""
    begun = round((rate or 500) / 10)
    active = begun * min(second + 1, LENGTH)
    return {"begun": begun, "active": active, "most_active": active + 3, **ended(second, begun)}


def ended(second: int, begun: int) -> Map:
    over = begun if second >= LENGTH else 0
    return {"finished": over - over // 50, "ended": over // 50, "cut": 0, "sessions_dropped": 0}


def totals(rows: Iterable[Map], seconds: float, over: bool) -> Map:
    """What a run map has of sessions."""
    found = [row for row in rows if "begun" in row]
    counts = {key: sum(row[key] for row in found) for key in ("begun", "finished", "ended")}
    left = counts["begun"] - counts["finished"] - counts["ended"]
    counts |= {"cut": left if over else 0, "dropped": counts["begun"] // 100, "good": counts["finished"]}
    whole = counts | {"active": 0 if over else left, "rate": counts["finished"] / max(1.0, seconds), **POINTS}
    groups = [
        {"name": "checkout", "count": counts["finished"] // 10, **{key: value / 4 for key, value in POINTS.items()}}
    ]
    return {"sessions": whole, "by_scenario": [_share(whole, name) for name in SHARES], "groups": groups}


def _share(whole: Map, name: str) -> Map:
    return {"name": name} | {key: value if key in POINTS else value * SHARES[name] / 5 for key, value in whole.items()}


def report_of(run: Map, rows: list[Map], times: Map) -> Map:
    """What the report of such a run has of sessions. `times`: percentiles, without a scale."""
    counts = ("begun", "finished", "ended", "cut", "dropped", "good")
    most = max((row.get("most_active", 0) for row in rows), default=0)
    timed = {"time": {**{key: value for key, value in times.items() if key != "hdr"}, **POINTS}}
    whole = {key: run["sessions"][key] for key in counts} | {"active": run["sessions"]["active"], "most": most}
    return {
        "sessions": whole | timed | {"planned": whole["begun"] + whole["dropped"]},
        "by_scenario": [
            {key: entry[key] for key in (*counts, "name")} | timed | {"planned": entry["begun"], "steps": _steps(entry)}
            for entry in run["by_scenario"]
        ],
        "groups": [{"name": entry["name"], "count": entry["count"], **timed} for entry in run["groups"]],
    }


def _steps(entry: Map) -> list[Map]:
    return [{"step": name, "pause": pause, "times": times} for name, pause, times in STEPS[entry["name"]]]
