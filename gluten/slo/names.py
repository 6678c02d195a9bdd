"""Reads the SLOs of a task, and refuses one that is about a request, scenario or group which the task does not have.
Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.errors import TaskError
from gluten.slo.grammar import of_sessions, parse_all
from gluten.slo.slo import Measure, Slo
from gluten.stats.request_stats import asked_as

_SHOWN = 10
"""How many names a message lists, at most."""


def read(
    texts: Sequence[str], requests: Sequence[str], scenarios: Sequence[str] = (), groups: Sequence[str] = ()
) -> tuple[Slo, ...]:
    """The SLOs of a task whose requests, scenarios and groups have these names. Raises `TaskError`."""
    slos = parse_all(texts)
    for slo in slos:
        if of_sessions(slo) and not scenarios:
            raise _wrong(slo, "only a workload with scenarios has sessions and groups")
        if slo.what.measure is Measure.GROUP:
            _check(slo, "group", slo.name, groups)
        elif of_sessions(slo):
            _check(slo, "scenario", slo.name, scenarios)
        else:
            _check(slo, "request", asked_as(slo.name), requests)
    return slos


def _check(slo: Slo, what: str, name: str, names: Sequence[str]) -> None:
    """There is something of this name. Without a name the SLO is of all of them."""
    if not names:
        raise _wrong(slo, f"there is no {what}")
    if name and name not in names:
        raise _wrong(slo, f"there is no {what} {name!r}; there is {_listed(names)}")


def _wrong(slo: Slo, why: str) -> TaskError:
    return TaskError("slo", f"slo: {slo.text!r}: {why}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
