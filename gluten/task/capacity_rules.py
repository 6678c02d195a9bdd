"""What may be asked together with a search for the capacity. Each rule raises a `TaskError` that names the field."""

from __future__ import annotations

import re
from typing import Protocol

from gluten.errors import TaskError
from gluten.task.fields import CAPACITY, FIELDS

_STOP = re.compile(r",\s*else\s+stop\s*")


class Search(Protocol):
    """The fields of a `Task`, before they are checked, that a search uses or that it cannot go with."""

    @property
    def rate(self) -> float | None: ...
    @property
    def stages(self) -> tuple[tuple[float, float], ...]: ...
    @property
    def requests(self) -> int | None: ...
    @property
    def slo(self) -> tuple[str, ...]: ...
    @property
    def find_capacity(self) -> bool: ...
    @property
    def search_from(self) -> float | None: ...
    @property
    def search_to(self) -> float | None: ...
    @property
    def precision(self) -> float: ...
    @property
    def hold(self) -> float: ...
    @property
    def at_least(self) -> float | None: ...


def check_search(task: Search) -> None:
    if task.find_capacity:
        _check_load(task)
        _check_range(task)
        _check_slos(task)
        return
    for field in FIELDS:
        if field.group == CAPACITY and getattr(task, field.name) != field.default:
            raise TaskError(field.name, f"{field.label}: belongs to a search for the capacity (--find-capacity)")


def _check_load(task: Search) -> None:
    if task.rate is not None:
        raise TaskError("rate", "rate: a search for the capacity sets the rate itself; it begins at --from")
    if task.stages:
        raise TaskError("stages", "stages: a search for the capacity sets the rate itself; it begins at --from")
    if task.requests is not None:
        raise TaskError("requests", "requests: a search for the capacity ends by itself, or with its duration")


def _check_range(task: Search) -> None:
    first, last = task.search_from, task.search_to
    if first is not None and last is not None and first > last:
        raise TaskError("search_from", f"search-from: {first:g}/s is above the {last:g}/s of --to")
    if task.at_least is not None and last is not None and task.at_least > last:
        raise TaskError("at_least", f"at-least: {task.at_least:g}/s is above the {last:g}/s of --to")


def _check_slos(task: Search) -> None:
    if not task.slo:
        raise TaskError(
            "slo", "slo: a search for the capacity needs an SLO that says what is to hold, such as 'p99 < 250ms'"
        )
    for text in task.slo:
        if _STOP.search(text):
            raise TaskError(
                "slo", f"slo: {text!r}: else stop would end the search at the first rate that misses; leave it out"
            )
