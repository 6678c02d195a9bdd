"""`gluten new` and `gluten schema`: texts about workload files."""

from __future__ import annotations

import json

from gluten.cli.arguments import Arguments
from gluten.cli.output import write
from gluten.cli.program import with_program_name
from gluten.workload.example import EXAMPLE
from gluten.workload.schema import schema as json_schema


def new(arguments: Arguments) -> int:
    write(with_program_name(EXAMPLE), None, exact=True)
    return 0


def schema(arguments: Arguments) -> int:
    write(json.dumps(json_schema(), indent=2, ensure_ascii=False), None, exact=True)
    return 0
