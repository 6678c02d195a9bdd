"""`docs/workload.md` has every word of the language of workload files, and its examples are right."""

from __future__ import annotations

import re
import tomllib

import pytest

from gluten.slo.grammar import parse as parse_slo
from gluten.slo.slo import Measure, Window
from gluten.stats.request_stats import ERROR_KINDS
from gluten.task.parse import values_of
from gluten.task.task import Task
from gluten.workload.checks.check import SUBJECTS, Check
from gluten.workload.checks.condition import OPERATORS
from gluten.workload.checks.take import SOURCES, Take
from gluten.workload.keys import KEYS, METHODS, PICKS, STEP_KINDS, SUFFIXES, Key, Place
from gluten.workload.reader import of_task
from gluten.workload.templates.functions import EVERY_NAME
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope
from tests.support.docs.fenced import blocks
from tests.support.onefile import REPOSITORY

PAGE = REPOSITORY / "docs" / "workload.md"
PLACES = {
    Place.TOP: "The top",
    Place.LOAD: "load",
    Place.FEED: "feed",
    Place.REQUEST: "request",
    Place.SCENARIO: "scenario",
    Place.STEP: "scenario",
    Place.BRANCH: "scenario",
}
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
}


def rows(section: str, heading: str) -> list[list[str]]:
    """The cells of the table of a section whose first column is called so."""
    table = SECTIONS[section].partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def examples(section: str, heading: str, column: int = 0) -> list[str]:
    """What stands as code in a column of a table."""
    return [text for cells in rows(section, heading) for text in re.findall(r"`([^`]+)`", cells[column])]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.place.name}-{key.name}")
def test_each_key_is_in_the_table_of_its_place(key: Key) -> None:
    section = PLACES[key.place]
    if key.place in (Place.STEP, Place.BRANCH):
        assert re.search(rf"[{{\s]{key.name} = ", SECTIONS[section])
    else:
        assert key.name in examples(section, "key")
    for choice in key.choices:
        assert f'"{choice}"' in PAGE.read_text()


def test_the_tables_have_no_other_keys() -> None:
    known = {place: {key.name for key in KEYS if key.place is place} for place in PLACES}
    for place in (Place.TOP, Place.LOAD, Place.FEED, Place.REQUEST, Place.SCENARIO):
        assert set(examples(PLACES[place], "key")) == known[place]


def test_the_methods_picks_and_files_are_told() -> None:
    assert all(f"`{name}`" in SECTIONS["request"] for name in METHODS)
    assert all(f'"{name}"' in SECTIONS["feed"] for name in PICKS)
    assert all(f"`{name}`" in SECTIONS["feed"] for name in SUFFIXES)


def test_each_function_has_an_example_that_is_right() -> None:
    said = [form.strip("{}").split()[0] for form in examples("Templates", "function")]
    assert sorted(said) == sorted(EVERY_NAME)
    for name, cells in zip(said, rows("Templates", "function"), strict=True):
        shown = re.findall(r"`(\{\{[^`]+\}\})`", cells[2])
        assert shown
        for text in shown:
            assert re.match(rf"\{{\{{{name}\b", text)
            Template.parse(text)


def test_each_check_is_one_and_each_subject_and_operator_is_there() -> None:
    found = examples("Checks", "check")
    assert {Check.parse(text).subject for text in found} == set(SUBJECTS)
    assert any(text.startswith("not ") for text in found)
    assert all(f"`{operator}`" in SECTIONS["Checks"] for operator in OPERATORS)
    for word in ("exists", "contains", "matches", "count"):
        assert any(f" {word}" in text for text in found)


def test_each_take_is_one_and_each_source_is_there() -> None:
    found = examples("Takes", "take")
    for text in found:
        Take.parse(text, Scope())
    assert {text.split()[0] for text in found} == set(SOURCES)
    assert any(text.endswith(" any") for text in found)
    assert any(" else " in text for text in found)


def test_each_step_is_one_and_each_kind_is_there() -> None:
    found = [tomllib.loads(f"step = {text}")["step"] for text in examples("scenario", "step")]
    assert {kind for step in found for kind in STEP_KINDS if kind in step} == set(STEP_KINDS)
    steps = ", ".join(examples("scenario", "step"))
    text = 'url = "http://h"\n[vars]\nplan = "{{text 1}}"\n[request.view]\nget = "/"\n'
    of_task(Task("http://h", workload=f'{text}[[scenario]]\nname = "s"\ndo = [{steps}]\n'))


def test_each_slo_is_one_and_each_figure_is_there() -> None:
    found = [parse_slo(text) for text in examples("SLOs", "SLO")]
    assert {slo.what.measure for slo in found} == set(Measure)
    assert {slo.window for slo in found} == set(Window)
    assert any(slo.stop for slo in found)
    assert any(slo.each for slo in found)
    assert all(f"`{kind}`" in SECTIONS["SLOs"] for kind in ERROR_KINDS)


def test_the_whole_file_is_right() -> None:
    (block,) = blocks(PAGE)
    text = "\n".join(block.lines)
    document = tomllib.loads(text)
    workload = of_task(Task(document["url"], workload=text))
    assert {request.name for request in workload.requests} == set(document["request"])
    assert [scenario.name for scenario in workload.scenarios] == ["browse", "buy"]
    assert values_of(document["load"])["rate"] == 5
    assert all(parse_slo(slo) for slo in document["slo"])
