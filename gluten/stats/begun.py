"""How much of a plan began, and how much did not. With scenarios sessions are planned, else requests. Pure."""

from __future__ import annotations

from gluten.stats.delta import Delta
from gluten.stats.request_stats import REDIRECT


def begun(delta: Delta) -> int:
    """The sessions that began. Without scenarios each request is one, but not those that a redirect asked for."""
    if delta.by_scenario:
        return sum([stats.begun for stats in delta.by_scenario.values()])
    return delta.sent - redirected(delta)


def dropped(delta: Delta) -> int:
    """The sessions that did not begin; without scenarios: the requests."""
    if delta.by_scenario:
        return sum([stats.dropped for stats in delta.by_scenario.values()])
    return delta.dropped


def redirected(delta: Delta) -> int:
    """The requests whose answers asked for another one, which was sent too: so many were sent and not planned."""
    return sum([stats.sent for name, stats in delta.by_name.items() if name.endswith(REDIRECT)])
