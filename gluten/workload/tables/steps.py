"""The steps of a scenario: names of requests, and inline tables such as `{think = "2s"}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gluten.errors import WorkloadError
from gluten.task.toml_scan import Path
from gluten.workload.checks.check import Check
from gluten.workload.hints import meant
from gluten.workload.keys import MAX_STEPS, MAX_TIMES, STEP_KINDS, Place
from gluten.workload.scenarios.grammar import if_of, pause
from gluten.workload.scenarios.steps import Ask, Branch, Chance, Group, If, OneOf, Repeat, Step, Steps
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.names import check_title
from gluten.workload.tables.source import Table
from gluten.workload.templates.values import Scope
from gluten.workload.templates.words import shown

_EXAMPLE = 'write {think = "2s"}, or one of repeat, one_of, chance, group and if with do'


@dataclass
class StepReader:
    """`places` are those of the requests, by name. `left`: so many steps may follow in this scenario."""

    reader: Reader
    places: Mapping[str, int]
    scope: Scope
    left: int = MAX_STEPS

    def steps(self, value: Any, path: Path, times: int = 1) -> Steps:
        """`times`: how often these steps are done at most, by all repeats around them."""
        items = [value] if isinstance(value, (str, dict)) else value
        if not isinstance(items, list):
            raise self.reader.source.error(path, f"must be a list of names of requests and of steps: {_EXAMPLE}")
        self.left -= len(items)
        if self.left < 0:
            raise self.reader.source.error(path, f"more than {MAX_STEPS:,} steps in one scenario")
        return tuple(self._step(item, (*path, index), times) for index, item in enumerate(items))

    def names(self, value: Any, path: Path) -> tuple[int, ...]:
        """A list of names of requests."""
        return tuple(self._place(name, path) for name in self.reader.names(value, path))

    def _step(self, value: Any, path: Path, times: int) -> Step:
        if isinstance(value, str):
            (name,) = self.reader.names(value, path)
            return Ask(self._place(name, path))
        if not isinstance(value, dict):
            raise self.reader.source.error(path, f"a step is the name of a request in quotes, or a table: {_EXAMPLE}")
        values = self.reader.table(Place.STEP, value, path)
        kind = self._kind(values, path)
        if kind == "think":
            return values[kind]  # type: ignore[no-any-return]
        if kind == "one_of":
            return OneOf(self._branches(values[kind], (*path, kind), times))
        return self._with_do(kind, values, path, times)

    def _with_do(self, kind: str, values: Table, path: Path, times: int) -> Step:
        text = values[kind]
        if kind == "repeat":
            return self._repeat(values, path, times)
        do = self._do(values, path, times)
        if kind == "chance":
            return Chance(text, do)
        if kind == "group":
            check_title(self.reader.source, (*path, kind), text)
            return Group(text, do)
        return self._if(text, do, (*path, kind))

    def _kind(self, values: Table, path: Path) -> str:
        kinds = [name for name in STEP_KINDS if name in values]
        if len(kinds) != 1:
            what = f"{kinds[0]} and {kinds[1]} are two steps: write a table for each" if kinds else _EXAMPLE
            raise self.reader.source.error(path, what)
        kind = kinds[0]
        for name in values:
            if name != kind and name not in STEP_KINDS[kind]:
                raise self.reader.source.error((*path, name), f"{kind} has no {name}")
        if "do" in STEP_KINDS[kind] and "do" not in values:
            raise self.reader.source.error(path, f"{kind} has no do: write the steps as do = [...]")
        return kind

    def _do(self, values: Table, path: Path, times: int) -> Steps:
        do = self.steps(values["do"], (*path, "do"), times)
        if not do:
            raise self.reader.source.error((*path, "do"), "has no step")
        return do

    def _repeat(self, values: Table, path: Path, times: int) -> Step:
        low, high = values["repeat"]
        if times * high > MAX_TIMES:
            raise self.reader.source.error((*path, "repeat"), f"repeats in repeats: more than {MAX_TIMES:,} times")
        return Repeat(low, high, self._do(values, path, times * high), self._until(values, path))

    def _until(self, values: Table, path: Path) -> Check | None:
        if "until" not in values:
            return None
        with self.reader.source.at(*path, "until"):
            if not isinstance(values["until"], str):
                raise WorkloadError("must be a check of the last answer, such as 'json $.state == done'")
            return Check.parse(values["until"], self.scope, _place(path, "until"))

    def _if(self, text: Any, do: Steps, path: Path) -> Step:
        with self.reader.source.at(*path):
            if not isinstance(text, str):
                raise WorkloadError("must be a condition, such as '{{plan}} == gold'")
            left, condition = if_of(text, self.scope, _place(path))
        return If(text, left, condition, do)

    def _branches(self, value: Any, path: Path, times: int) -> tuple[Branch, ...]:
        if not isinstance(value, list) or not value:
            raise self.reader.source.error(path, "must be a list of branches, such as [{weight = 3, do = [...]}]")
        return tuple(self._branch(item, (*path, index), times) for index, item in enumerate(value))

    def _branch(self, value: Any, path: Path, times: int) -> Branch:
        """A branch may have no step: then nothing is done."""
        if not isinstance(value, dict) or "do" not in value:
            raise self.reader.source.error(path, "a branch is a table with do, such as {weight = 3, do = [...]}")
        values = self.reader.table(Place.BRANCH, value, path)
        return Branch(values["weight"], self.steps(values["do"], (*path, "do"), times))

    def _place(self, name: str, path: Path) -> int:
        if name not in self.places:
            raise self.reader.source.error(path, f"there is no request {shown(name)}{_meant(name, self.places)}")
        return self.places[name]


def _meant(name: str, places: Mapping[str, int]) -> str:
    try:
        pause(name)
    except WorkloadError:
        return meant(name, places)
    return f": a pause is {{think = {name!r}}}"


def _place(path: Path, *more: str) -> str:
    return ".".join(map(str, (*path, *more)))
