"""What a command writes, and where."""

from __future__ import annotations

import json

import pytest

from gluten.cli import output
from gluten.cli.commands.show import table
from gluten.cli.streams import print_notice
from gluten.report.formats import export


def test_marks_are_ascii_where_the_encoding_lacks_them() -> None:
    assert output._encodable("✓ ✗ é", "ascii") == "+ x é"
    assert output._encodable("✓ ✗ é", "utf-8") == "✓ ✗ é"
    assert output._encodable("✓", None) == "+"


def test_the_formats_of_the_command_line_are_those_of_the_reports() -> None:
    assert set(output.FORMATS) == set(export.FORMATS)


HOSTILE = "nightly\x1b]0;owned\x07\r\u202e"
SHOWN = "nightly\\x1b]0;owned\\x07\\r\\u202e"


def test_names_in_a_table_control_no_terminal() -> None:
    assert table(("RUN", "NAME"), [("1", HOSTILE), ("2", "b")]).splitlines()[1:] == [f"1    {SHOWN}", "2    b"]


def test_a_text_for_people_controls_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.write(f"a\tb\n{HOSTILE}", None)
    print_notice(HOSTILE)
    written = capsys.readouterr()
    assert (written.out, written.err) == (f"a\tb\n{SHOWN}\n", f"{SHOWN}\n")


@pytest.mark.parametrize("tty", [True, False])
def test_a_format_for_programs_is_escaped_on_a_terminal_alone(
    tty: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: tty)
    output.write(json.dumps({"name": HOSTILE}, ensure_ascii=False) + "\x9b", None, exact=True)
    assert capsys.readouterr().out.isascii() is tty
