"""Reads the SLOs of a task, and refuses one that is about a request which the task does not have. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gluten.errors import TaskError
from gluten.slo.grammar import of_sessions, parse_all
from gluten.slo.slo import Slo

_SHOWN = 10
"""So many names stand in a message."""


def read(texts: Sequence[str], names: Sequence[str]) -> tuple[Slo, ...]:
    """The SLOs of a task whose requests have these names. Raises `TaskError`."""
    slos = parse_all(texts)
    for slo in slos:
        if of_sessions(slo):
            raise TaskError("slo", f"slo: {slo.text!r}: only a workload with scenarios has sessions and groups")
        if slo.name and slo.name not in names:
            raise TaskError("slo", f"slo: {slo.text!r}: there is no request {slo.name!r}; there is {_listed(names)}")
    return slos


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
