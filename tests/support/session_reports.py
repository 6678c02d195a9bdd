"""A report of sessions, worked out by hand: two scenarios, a group, a schedule of 100 sessions."""

from __future__ import annotations

from typing import Any

from gluten.report.quantiles import quantiles
from gluten.stats.histogram import Histogram
from tests.support.reports import mixed

BROWSE, BUY = "browse", "<b>buy</b>"


def time_of(values: dict[int, int]) -> dict[str, Any]:
    """Quantiles of microseconds -> how many."""
    made = Histogram()
    made.record_all(values)
    return quantiles(made)


def steps() -> list[dict[str, Any]]:
    """What a session of `BROWSE` typically does: 2.5 times 400 us and 2 s."""
    return [
        {"step": "request", "pause": 0.0, "times": 1.0},
        {"step": None, "pause": 2.0, "times": 2.5},
        {"step": "view", "pause": 0.0, "times": 2.5},
    ]


def scenarios() -> list[dict[str, Any]]:
    browse = {"planned": 80, "begun": 78, "finished": 70, "ended": 5, "cut": 2, "dropped": 2, "good": 68}
    buy = {"planned": 20, "begun": 20, "finished": 18, "ended": 1, "cut": 1, "dropped": 0, "good": 18}
    return [
        {"name": BROWSE, **browse, "time": time_of({2_000_000: 60, 9_000_000: 10}), "steps": steps()},
        {"name": BUY, **buy, "time": time_of({4_000_000: 18}), "steps": [{"step": "view", "pause": 0.0, "times": 1.0}]},
    ]


def sold(planned: bool = True) -> Any:
    """The report. With `planned` False it is of a closed loop."""
    report = mixed()
    entries = scenarios()
    counts = ("planned", "begun", "finished", "ended", "cut", "dropped", "good")
    sessions = {name: sum(entry[name] for entry in entries) for name in counts}
    sessions |= {"active": 1, "most": 47, "time": time_of({2_000_000: 60, 4_000_000: 18, 9_000_000: 10})}
    for one in () if planned else (sessions, *entries):
        one |= {"planned": None, "dropped": 0}
    report |= {"sessions": sessions, "by_scenario": entries}
    report["groups"] = [{"name": "checkout", "count": 17, "time": time_of({1_500_000: 17})}]
    report["by_request"][1]["skipped"] = 6
    for at, row in enumerate(report["seconds"]):
        row |= {"begun": 49, "active": 20 + at}
    report["seconds"][0]["asked"] = report["seconds"][1]["asked"] = 50.0 if planned else None
    return report
