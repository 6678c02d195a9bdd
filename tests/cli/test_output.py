"""What a command writes, and where."""

from __future__ import annotations

from gluten.cli import output
from gluten.report.formats import export


def test_the_formats_of_the_command_line_are_those_of_the_reports() -> None:
    assert set(output.FORMATS) == set(export.FORMATS)
