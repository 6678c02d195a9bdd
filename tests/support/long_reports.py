"""A report of a long run with many named requests. Its figures are drawn, so they compress less than those of a run."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.support.reports import closed, mixed

_POINTS = ("p50", "p90", "p95", "p99", "p99_9", "max")
NODES = ("alpha", "beta", "gamma")


def long(seconds: int = 7200, names: int = 20) -> Any:
    """Every second has 20 requests of each name, each of its times differs, and one in 20 seconds has errors."""
    draw, report = Random(7), closed()
    named = [f"request-{number}" for number in range(names)]
    pattern = report["seconds"][0]
    report["seconds"] = [pattern | _row(draw, second, named) for second in range(seconds)]
    report["duration"] = report["ended"] = float(seconds)
    report["requests"] |= dict.fromkeys(("sent", "completed", "good"), seconds * names * 20)
    entry = mixed()["by_request"][0]
    report["by_request"] = [entry | {"name": name} for name in named]
    return report


def _row(draw: Random, second: int, names: list[str]) -> dict[str, Any]:
    parts = {name: _figures(draw, 20) for name in names}
    row = _figures(draw, 20 * max(1, len(names)))
    row |= {"second": second, "in_flight": draw.randrange(64), "connections": 64, "cpu": round(draw.random(), 3)}
    row |= {"host_cpu": round(draw.random(), 3), "lateness_p99": float(draw.randrange(50, 900)), "lag_p99": 100.0}
    row["heat"] = [36, *(draw.randrange(60) for _ in range(28))]
    row["nodes"] = {
        name: {"completed": draw.randrange(100, 140), "cpu": round(draw.random(), 3), "in_flight": draw.randrange(20)}
        for name in NODES
    }
    return row | ({"by_request": parts} if len(names) > 1 else {})


def _figures(draw: Random, most: int) -> dict[str, Any]:
    count = draw.randrange(most // 2, most)
    failed = draw.randrange(3) if draw.random() < 0.05 else 0
    times = sorted(float(draw.randrange(800, 1_200_000)) for _ in _POINTS)
    row: dict[str, Any] = dict(zip(_POINTS, times, strict=True))
    row |= {"mean": times[0] * 1.1, "service_p50": times[0] * 0.9, "service_p99": times[3] * 0.9}
    row |= {"sent": count + failed, "completed": count, "good": count - failed, "failed": failed, "dropped": 0}
    row |= {"read": count * 1234, "written": count * 320}
    row["status"] = {"200": count - failed} | ({"503": failed} if failed else {})
    row["errors"] = {"timeout": failed} if failed else {}
    return row
