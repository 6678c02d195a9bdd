"""The seconds of a simulated run. What the target does follows from the path of the URL.

`/500` answers 500 to everything, `/301` 301; `/backlog` needs more connections than there are, above 1000 requests/s
and from second 2 on; `/elastic` has as many as it needs. Everywhere else some answers are 404 and 503, and some
requests fail.
"""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit

from gluten.stats.heatmap import heat
from gluten.stats.histogram import Histogram
from gluten.task.task import Task
from tests.support.web.fake_named import is_shop, split
from tests.support.web.fake_sessions import has_users, told

Map = Any
NODES = (("master", 4), ("berlin-1", 8), ("berlin-2", 8))
LATE = {"completed": 12, "failed": 3}
"""What comes after the end of load."""
OPENED = 64
"""Connections of an elastic run."""
CONNECTIONS = 10
"""Those of a closed loop that asks for no number."""


def path(task: Task) -> str:
    return urlsplit(task.url).path


def elastic(task: Task) -> bool:
    return path(task) == "/elastic" or (task.open_loop and task.connections is None)


def wave(second: int, period: float, size: float) -> float:
    return 1 + size * math.sin(second * math.tau / period) + size / 3 * math.sin(second * 2.3)


def spread(done: int, p50: float) -> Histogram:
    """So many times around a median, the slowest sixteen times as slow."""
    made = Histogram()
    for eighth, share in enumerate((1, 4, 12, 40, 90, 170, 90, 40, 20, 12, 8, 5, 3, 2, 1, 1, 1, 1)):
        made.record(int(p50 * 2 ** ((eighth - 5) / 4)), done * share // 501)
    return made


def backlog(second: int, task: Task, rate: float | None) -> int:
    """Requests that wait for a connection at the end of this second."""
    return 1400 if path(task) == "/backlog" and second >= 2 and (rate or 0) > 1000 else 0


def hint(task: Task, waiting: int, needed: int) -> str:
    if not waiting:
        return ""
    return f"all {task.connections} connections are busy, {waiting:,} requests wait: about {needed} are needed"


def statuses(task: Task, done: int) -> dict[str, int]:
    known = {"/500": {"500": done}, "/301": {"301": done}}
    mixed = {"200": done - done // 500, "404": done // 1000, "503": done // 500 - done // 1000}
    return {code: count for code, count in known.get(path(task), mixed).items() if count}


def good(status: dict[str, int]) -> int:
    return sum(count for code, count in status.items() if int(code) < 400)


def row(second: int, task: Task, rate: float | None, version: int, part: float = 1.0) -> Map:
    """Second `second` as the figures of a target that is slow for a while at 20 to 24 s."""
    slow = 5.0 if 20 <= second % 60 <= 24 else 1.0
    done = int(part * (rate * wave(second, 9, 0.004) if rate else 9000 * wave(second, 17, 0.06) / slow))
    failed = 7 if 21 <= second % 60 <= 23 else 0
    waiting = backlog(second, task, rate)
    lost = int(0.6 * done) if waiting else 0
    found = _row(second, task, done - lost, failed, 1800 * slow * wave(second, 11, 0.08))
    users = told(second, rate) if has_users(task) else {}
    return (
        (split(found) if is_shop(task) else found)
        | users
        | {
            "asked": rate,
            "dropped": lost,
            "backlog": waiting,
            "in_flight": int((task.connections or CONNECTIONS) * (1 if slow > 1 or waiting else 0.6)),
            "version": version,
        }
    )


def drain(second: int, task: Task, rate: float | None, version: int) -> Map:
    """What comes back in the second after the end of load."""
    return _row(second, task, LATE["completed"], LATE["failed"], 9000.0) | {
        "asked": rate and 0.0,
        "sent": 0,
        "connections": 0,
        "version": version,
        "drain": True,
    }


def _row(second: int, task: Task, done: int, failed: int, p50: float) -> Map:
    nodes, status = _nodes(second, done), statuses(task, done)
    return {
        "second": second,
        "asked": None,
        "sent": done + failed,
        "completed": done,
        "good": good(status),
        "failed": failed,
        "dropped": 0,
        "read": done * 900,
        "written": done * 90,
        "in_flight": 0,
        "connections": OPENED if elastic(task) else task.connections or CONNECTIONS,
        "opened": 0 if second else task.connections or CONNECTIONS,
        "backlog": 0,
        **_times(second, p50),
        "service_p50": p50 * 0.97,
        "service_p99": p50 * 3.2,
        "lateness_p99": 140.0,
        "lag_p99": 260.0,
        "cpu": max(node["cpu"] for node in nodes.values()),
        "host_cpu": 0.5 * wave(second, 13, 0.1),
        "steal": 0.02 * wave(second, 19, 0.4),
        "heat": heat(spread(done, p50)),
        "status": status,
        "errors": {"timeout": failed - 2, "reset": 2} if failed else {},
        "nodes": nodes,
    }


def _nodes(second: int, done: int) -> dict[str, Map]:
    nodes = {
        name: {
            "completed": done * cores // 20,
            "cpu": 0.35 * wave(second + cores, 13, 0.1),
            "in_flight": cores,
        }
        for name, cores in NODES
    }
    nodes[NODES[0][0]]["completed"] += done - sum(node["completed"] for node in nodes.values())
    return nodes


def _times(second: int, p50: float) -> Map:
    return {
        "mean": p50 * 1.1,
        "p50": p50,
        "p90": p50 * 1.9,
        "p95": p50 * 2.6,
        "p99": p50 * 4.1 * wave(second, 7, 0.1),
        "p99_9": p50 * 9 * wave(second, 5, 0.1),
        "max": p50 * 16 * wave(second, 3, 0.2),
    }
