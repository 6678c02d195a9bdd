"""The scenarios and requests that the README shows are right, fit the schema, and need what it says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import jsonschema_rs

from gluten.cli.check_plan import plan
from gluten.workload.schema import schema
from gluten.workload.tables.source import parse
from gluten.workload.task_of import planned
from tests.support.docs.fenced import blocks

README = Path(__file__).parents[2] / "README.md"
FEED = '[[feed]]\nname = "user"\nfile = "users.csv"\n[load]\nrate = 50\nduration = "1m"\nconnections = 600\n'


def shown(section: str) -> list[str]:
    """What is set off in the section, commands left out: files, and what `check` prints."""
    found = [block for block in blocks(README) if block.section.startswith(section)]
    return ["\n".join(block.lines) for block in found if block.language in ("toml", "text")]


def test_the_file_of_the_readme_is_right_and_its_plan_is_what_check_prints() -> None:
    file, told = shown("Sessions")
    text = f'url = "http://h"\n{file}\n{FEED}'
    jsonschema_rs.Draft202012Validator(schema()).validate(tomllib.loads(text))
    task, workload = planned(parse(text), text, {}, {}, {})
    printed = "\n".join(plan(task, workload, {"user": 25}))
    for line in filter(None, told.splitlines()):
        assert line in printed


def test_the_request_of_the_readme_is_right() -> None:
    _, file = shown("A workload file")
    text = f'url = "http://h"\n{file}\n{FEED}'
    jsonschema_rs.Draft202012Validator(schema()).validate(tomllib.loads(text))
    _, workload = planned(parse(text), text, {}, {}, {})
    assert [request.name for request in workload.requests] == ["upload"]
