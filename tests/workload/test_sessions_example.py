"""The scenarios that the README shows are right, fit the schema, and need what it says."""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path

import jsonschema_rs

from gluten.cli.check_plan import plan
from gluten.workload.schema import schema
from gluten.workload.tables.source import parse
from gluten.workload.task_of import planned

README = (Path(__file__).parents[2] / "README.md").read_text()
SECTION = README.partition("\n## Sessions")[2].partition("\n## ")[0]
FEED = '[[feed]]\nname = "user"\nfile = "users.csv"\n[load]\nrate = 50\nduration = "1m"\nconnections = 600\n'


def blocks() -> list[str]:
    """What is set off in the section: the file, and what `check` prints."""
    lines = [line if line.startswith("    ") or not line else "\0" for line in SECTION.splitlines()]
    found = (textwrap.dedent(block.strip("\n")) for block in "\n".join(lines).split("\0"))
    return [block for block in found if block.strip()]


def test_the_file_of_the_readme_is_right_and_its_plan_is_what_check_prints() -> None:
    file, told = blocks()
    text = f'url = "http://h"\n{file}\n{FEED}'
    jsonschema_rs.Draft202012Validator(schema()).validate(tomllib.loads(text))
    task, workload = planned(parse(text), text, {}, {}, {})
    printed = "\n".join(plan(task, workload, {"user": 25}))
    for line in filter(None, told.splitlines()):
        assert line in printed
