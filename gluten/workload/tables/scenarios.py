"""`[[scenario]]`, `setup` and `teardown`: what sessions do, and what is done around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gluten.task.toml_scan import Path
from gluten.workload.keys import MAX_GROUPS, MAX_SCENARIOS, Place
from gluten.workload.mix import reduced
from gluten.workload.scenarios.steps import Ask, Group, Scenario, every_step
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.names import check_title
from gluten.workload.tables.source import Table
from gluten.workload.tables.steps import StepReader
from gluten.workload.templates.values import Scope
from gluten.workload.workload import Request


class Around(NamedTuple):
    """The places of the requests that are sent before and after the load."""

    setup: tuple[int, ...] = ()
    teardown: tuple[int, ...] = ()


def read_scenarios(reader: Reader, tables: Any, requests: Sequence[Request], scope: Scope) -> tuple[Scenario, ...]:
    if not isinstance(tables, list):
        raise reader.source.error(("scenario",), "is a list of tables: write [[scenario]] with a name in it")
    if len(tables) > MAX_SCENARIOS:
        raise reader.source.error(("scenario",), f"there are {len(tables)} scenarios; at most {MAX_SCENARIOS}")
    places = _places(requests)
    found: dict[str, Scenario] = {}
    for index, table in enumerate(tables):
        scenario = _scenario(StepReader(reader, places, scope), table, ("scenario", index))
        if scenario.name in found:
            raise reader.source.error(("scenario", index, "name"), f"there are two scenarios {scenario.name}")
        found[scenario.name] = scenario
    _check_groups(reader, list(found.values()))
    _check_weights(reader, requests, list(found.values()))
    return tuple(found.values())


def _check_groups(reader: Reader, scenarios: Sequence[Scenario]) -> None:
    steps = [step for scenario in scenarios for step in every_step(scenario.do)]
    groups = {step.name for step in steps if isinstance(step, Group)}
    if len(groups) > MAX_GROUPS:
        raise reader.source.error(("scenario",), f"there are {len(groups)} groups; at most {MAX_GROUPS}")


def read_around(reader: Reader, top: Table, requests: Sequence[Request], scope: Scope) -> Around:
    """`setup` and `teardown`."""
    steps = StepReader(reader, _places(requests), scope)
    return Around(steps.names(top.get("setup", []), ("setup",)), steps.names(top.get("teardown", []), ("teardown",)))


def _scenario(steps: StepReader, table: Any, path: Path) -> Scenario:
    reader = steps.reader
    values = reader.table(Place.SCENARIO, table, path)
    for name in ("name", "do"):
        if name not in values:
            raise reader.source.error(path, f"{name} is missing")
    check_title(reader.source, (*path, "name"), values["name"])
    do = steps.steps(values["do"], (*path, "do"))
    if not any(isinstance(step, Ask) for step in every_step(do)):
        raise reader.source.error((*path, "do"), "sends no request: write the name of one")
    once = steps.names(values.get("once", []), (*path, "once"))
    fresh = values.get("connection") == "new"
    return Scenario(values["name"], do, values["weight"], values.get("on_fail"), once, fresh)


def _places(requests: Sequence[Request]) -> Mapping[str, int]:
    return {request.name: place for place, request in enumerate(requests)}


def _check_weights(reader: Reader, requests: Sequence[Request], scenarios: Sequence[Scenario]) -> None:
    """Of the scenarios, or without scenarios of the requests."""
    weights = [one.weight for one in scenarios or requests]
    if not any(weights):
        message = "setup and teardown send them all: add one that is load, or give one a weight"
        raise reader.source.error(("request",), message)
    with reader.source.at("scenario" if scenarios else "request"):
        reduced(weights)
