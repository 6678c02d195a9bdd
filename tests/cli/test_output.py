"""What a command writes, and where."""

from __future__ import annotations

from gluten.cli import output
from gluten.report.formats import export


def test_marks_are_ascii_where_the_encoding_lacks_them() -> None:
    assert output._encodable("✓ ✗ é", "ascii") == "+ x é"
    assert output._encodable("✓ ✗ é", "utf-8") == "✓ ✗ é"
    assert output._encodable("✓", None) == "+"


def test_the_formats_of_the_command_line_are_those_of_the_reports() -> None:
    assert set(output.FORMATS) == set(export.FORMATS)
