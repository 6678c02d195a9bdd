"""Metrics of sessions, by scenario and by group. A run without scenarios has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gluten.webui.api.openmetrics import Family, Labels

Named = Sequence[tuple[Labels, Mapping[str, Any]]]
"""The labels of runs, or of parts of runs, and their figures."""

_COUNTERS = (
    ("begun", "Sessions of this run that began."),
    ("finished", "Sessions of this run that came to their end."),
    ("ended", "Sessions of this run that ended at a request that was not good."),
    ("cut", "Sessions of this run that were cut by its end, or by a loss."),
    ("dropped", "Planned sessions of this run that never began."),
    ("good", "Sessions of this run that finished, and whose requests were all good."),
)
_TIMES = (("p50", "Median"), ("p99", "99th percentile"))


def session_families(shown: Named, active: Named) -> list[Family]:
    """Counters are of the runs that are shown, gauges of the active ones. Nothing where none has scenarios."""
    return [*_families(shown, active)] if any(run.get("sessions") for _, run in shown) else []


def _families(shown: Named, active: Named) -> Iterator[Family]:
    scenarios = _parts(shown, "by_scenario", "scenario")
    for key, text in _COUNTERS:
        samples = [(labels, float(part[key])) for labels, part in scenarios]
        yield Family(f"gluten_run_{key}_sessions", "counter", text, samples)
    skipped = [(labels, float(part["skipped"])) for labels, part in _parts(shown, "by_request", "request")]
    text = "How often sessions of this run did not reach a request, because they had ended."
    yield Family("gluten_run_skipped_requests", "counter", text, skipped)
    groups = [(labels, float(part["count"])) for labels, part in _parts(shown, "groups", "group")]
    yield Family("gluten_run_finished_groups", "counter", "Whole groups of this run.", groups)
    now = _parts(active, "by_scenario", "scenario")
    under_way = [(labels, float(part["active"])) for labels, part in now]
    yield Family("gluten_run_active_sessions", "gauge", "Sessions under way.", under_way)
    yield from _times("session", [(labels, part) for labels, part in now if part["finished"]])
    yield from _times("group", [(labels, part) for labels, part in _parts(active, "groups", "group") if part["count"]])


def _times(noun: str, parts: Named) -> Iterator[Family]:
    for point, word in _TIMES:
        samples = [(labels, part[point] * 1e-6) for labels, part in parts]
        yield Family(
            f"gluten_run_{noun}_time_{point}_seconds", "gauge", f"{word} {noun} time so far.", samples, "seconds"
        )


def _parts(runs: Named, key: str, label: str) -> list[tuple[Labels, Mapping[str, Any]]]:
    """The parts of those runs that have sessions, with their names as a label."""
    return [
        (labels | {label: str(part["name"])}, part)
        for labels, run in runs
        if run.get("sessions")
        for part in run.get(key) or ()
    ]
