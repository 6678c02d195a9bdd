"""One row in the table of a task's fields is found by every front; a row that is missing somewhere fails here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gluten.cli import grammar
from gluten.report.compared import comparison
from gluten.task import parse, validate
from gluten.task.fields import BY_NAME, FIELDS, Field, Kind, Secret
from gluten.task.task import Task
from gluten.webui.api import schemas, task_json

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:8080/"
OPTIONS = [field for field in FIELDS if field.group]


def by_name(field: Field) -> str:
    return field.name


def test_the_table_has_the_fields_of_a_task_with_their_defaults() -> None:
    assert set(Task._fields) == BY_NAME.keys()
    assert Task._field_defaults == {field.name: field.default for field in FIELDS if field.name != "url"}


def test_no_two_fields_have_the_same_letter_or_option() -> None:
    names = [name for field in FIELDS for name in field.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("field", FIELDS, ids=by_name)
def test_each_field_has_a_limit_or_choices(field: Field) -> None:
    assert field.most > 0 or field.choices or field.kind is Kind.FLAG


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_checked_read_from_json_and_described(kind: Kind) -> None:
    for table in (validate._CHECKS, task_json._READERS, schemas._ASKED):
        assert kind in table


@pytest.mark.parametrize("command", ["run", "submit", "check"])
@pytest.mark.parametrize("field", OPTIONS, ids=by_name)
def test_each_field_is_an_option(command: str, field: Field) -> None:
    (option,) = [found for found in grammar.options(command) if found.long == field.option]
    assert (option.short, option.value) == (field.letter, field.metavar)
    assert option.choices == list(field.choices)
    assert field.help in option.text


def test_a_search_is_a_shape_of_the_form() -> None:
    form = (ROOT / "gluten/webui/templates/new.html").read_text()
    assert '<input type="radio" name="shape" value="capacity">' in form


IN_FORM = [field for field in OPTIONS if not field.of_workload and field.name != "find_capacity"]


@pytest.mark.parametrize("field", IN_FORM, ids=by_name)
def test_each_field_is_in_the_form_by_its_letter_or_option(field: Field) -> None:
    form = (ROOT / "gluten/webui/templates/new.html").read_text()
    name = field.option.replace("-", "_") if field.switches_off else field.name
    assert re.search(rf'<(input|textarea|select)[^>]* id="{name}" name="{name}"', form)
    assert f"<small>{field.names[0]}" in form
    script = (ROOT / "gluten/webui/static/js/widgets/taskform.js").read_text()
    assert re.search(rf"\b{name}\b", script)


@pytest.mark.parametrize("field", [field for field in FIELDS if field.secret in (Secret.ASKED, Secret.ALWAYS)])
def test_a_secret_field_is_hidden(field: Field) -> None:
    value: Any = b"-----BEGIN CANARY" if field.kind is Kind.BODY else "-----BEGIN CANARY"
    values: dict[str, Any] = {field.name: value}
    task = Task(URL, secret=True, **values)
    assert "CANARY" not in repr(task)
    assert task.public().withheld == [field.name]


@pytest.mark.parametrize("field", FIELDS, ids=by_name)
def test_runs_that_differ_in_a_comparable_field_are_unlike(field: Field) -> None:
    def report(value: Any) -> Any:
        verdict = {"value": "valid"}
        return {"task": {field.name: value}, "nodes": [], "state": "finished", "number": 1, "verdict": verdict}

    assert bool(comparison.unlike(report("a"), report("b"))) == field.comparable


ROW = """Field(
        "burst", Kind.COUNT, LOAD, "B", "N", "how many at once",
        default=7, most=50, secret=Secret.NOTHING, comparable=True,
    ),
)  # fmt: skip
"""
PROBE = f"""
import json
from gluten.cli import usage
from gluten.cli.arguments import parse
from gluten.cli.commands.texts import completion, manpage
from gluten.cli.options import task_of
from gluten.errors import TaskError
from gluten.report.compared import comparison
from gluten.webui.api.openapi import document
from gluten.webui.api.task_json import check_task, command_line
line = next(line for line in usage.TEXTS["run"].split("\\n") if "--burst" in line)
task = task_of(parse(["run", "-B9", "{URL}"], {{}}))
def refusal(value):
    return [str(error) for error in check_task({{"url": "{URL}", "burst": value}})[1]]
print(json.dumps({{
    "usage": line,
    "man": manpage.page().count("\\-B, "),
    "completion": [name for name, write in completion.SHELLS.items() if "burst" in write()],
    "parsed": task.burst,
    "environment": task_of(parse(["run", "{URL}"], {{"GLUTEN_BURST": "8"}})).burst,
    "default": task_of(parse(["run", "{URL}"], {{}})).burst,
    "command": command_line(task, ""),
    "json": check_task({{"url": "{URL}", "burst": "5"}})[0].burst,
    "refusals": refusal(51) + refusal("x"),
    "schema": document([])["components"]["schemas"]["TaskRequest"]["properties"]["burst"],
    "shown": task.redacted()["burst"],
    "wire": type(task).from_map(task.to_map()).burst,
    "alike": "burst" in comparison._ALIKE,
}}))
"""


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program knows of a field that has a row in a copy of the table, and a line in a copy of `Task`."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "gluten", tree / "gluten", ignore=shutil.ignore_patterns("__pycache__"))
    replace(tree / "gluten/task/fields.py", ")  # fmt: skip\n", ROW)
    replace(tree / "gluten/task/task.py", "    secret: bool", '    burst: int = default("burst")\n    secret: bool')
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=tree, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return json.loads(done.stdout)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("usage", "  -B, --burst N         how many at once; default 7"),
        ("completion", ["bash", "zsh", "fish"]),
        ("parsed", 9),
        ("environment", 8),
        ("default", 7),
        ("command", f"gluten.pyz submit -d 10s -B 9 {URL}"),
        ("json", 5),
        ("schema", {"type": ["integer", "string", "null"], "examples": [100, "1.5k"]}),
        ("shown", 9),
        ("wire", 9),
        ("alike", True),
    ],
)
def test_a_new_row_is_found_by(made_up: Any, place: str, expected: Any) -> None:
    assert made_up[place] == expected


def test_a_new_row_is_in_the_man_page_of_run_submit_and_check(made_up: Any) -> None:
    assert made_up["man"] == 3


def test_a_new_row_is_checked(made_up: Any) -> None:
    assert made_up["refusals"] == [
        "burst: 51 is not allowed; a whole number from 1 to 50",
        "--burst: 'x' is not a number with k, M or G (x1000), such as 100, 1.5k",
    ]


def test_each_number_has_a_reader() -> None:
    assert set(parse._NUMBERS) == {Kind.COUNT, Kind.WHOLE, Kind.SIZE, Kind.TIME, Kind.RATE, Kind.SHARE, Kind.STAGES}
