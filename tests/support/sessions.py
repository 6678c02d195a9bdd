"""A session for tests of templates, checks and takes: what it knows is fixed."""

from collections.abc import Callable, Mapping

from gluten.errors import WorkloadError
from gluten.workload.json_text import Json
from gluten.workload.templates.template import Template
from gluten.workload.templates.uuids import Uuids
from gluten.workload.templates.values import NOTHING, Scope, Values

NOON = 1_767_268_800.25
"""2026-01-01T12:00:00.250Z"""


def one_line_of(parse: Callable[[], object]) -> str:
    """The refusal of a text, or nothing. Any other error is a defect."""
    try:
        parse()
    except WorkloadError as error:
        return str(error)
    return ""


def session(
    number: int = 0,
    rows: Mapping[str, Mapping[str, Json]] | None = None,
    taken: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    scope: Scope = NOTHING,
) -> Values:
    """The session of a number. `variables` are the texts of `[vars]`, which may have templates."""
    makers: dict[str, Callable[[Values], str]] = {
        name: Template.parse(text, scope, f"vars.{name}").text_of for name, text in (variables or {}).items()
    }
    values = Values(number, "r-1", lambda: NOON, Uuids(bytes(range(32))), makers)
    values.rows.update(rows or {})
    values.taken.update(taken or {})
    return values
