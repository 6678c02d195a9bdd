"""Where a report goes: standard output, and each `--out FILE` in the format that its ending names."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gluten import interrupts
from gluten.cli.arguments import Arguments
from gluten.cli.output import FORMATS, TEXT, check_format, encoded, lined, print_text
from gluten.errors import ConfigError, GlutenError, UsageError

if TYPE_CHECKING:
    from gluten.documents import ReportDocument

Writer = Callable[[str], str]
"""Gets the name of a format. Returns the document in it."""

ENDINGS: Mapping[str, str] = {
    ".hdr.txt": "hdr",
    ".wrk.txt": "wrk",
    ".txt": TEXT,
    ".json": "json",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
    ".hdr": "hdr",
    ".hlog": "hdr",
    ".xml": "junit",
    ".junit": "junit",
    ".wrk": "wrk",
}
"""The format that the ending of a file's name means: the first that fits. The web page's downloads end with `.hdr.txt`
and `.wrk.txt`."""
_ENDING = re.compile(r"\.[a-z][a-z0-9]{0,8}", re.IGNORECASE)
"""What is meant as an ending. That of `mktemp` is longer, and `run.2` has a number."""
STDOUT = ("-", "/dev/stdout")
"""A FILE of this name is the standard output."""


def check_report(arguments: Arguments, allowed: Sequence[str] = FORMATS) -> None:
    """Check `--format` and `--out` before a run, so that its report is not lost. Raises UsageError, ConfigError."""
    wanted, outs = check_format(arguments, allowed), _outs(arguments)
    for out in outs:
        if outs.count(out) > 1:
            raise UsageError(f"--out {out}: given twice")
        if (form := _format_of(out, wanted)) not in allowed:
            raise UsageError(f"--out {out}: {form} is not one of {', '.join(allowed)}")
        if arguments.get("format") is None and (ending := _unknown_ending(out)):
            known = ", ".join(each for each, form in ENDINGS.items() if form in allowed and each.count(".") == 1)
            raise UsageError(f"--out {out}: {ending} is not one of {known}: name another file, or add --format")
        if out not in STDOUT and (why := _why_not(out)):
            raise ConfigError(f"--out {out}: cannot be written: {why}; name another file")


def _outs(arguments: Arguments) -> list[str]:
    return list(arguments.get("out") or ())


def _format_of(out: str, wanted: str) -> str:
    """The format of a file: by its ending, else the one of `--format`."""
    return next((form for ending, form in ENDINGS.items() if out.lower().endswith(ending)), wanted)


def _unknown_ending(out: str) -> str:
    """The ending of a file's name, if it means no format; else an empty text."""
    ending = os.path.splitext(os.path.basename(out))[1]
    return ending if _ENDING.fullmatch(ending) and ending.lower() not in ENDINGS else ""


def _why_not(out: str) -> str:
    """The reason why the file cannot be written, or an empty text."""
    try:
        return _unwritable(out) if out else "the name is empty"
    except OSError as error:
        return error.strerror or str(error)


def _unwritable(path: str) -> str:
    """The reason why a report cannot be written to the path, or an empty text. Raises OSError."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return _uncreatable(os.path.realpath(path) if os.path.islink(path) else path)
    if stat.S_ISDIR(mode):
        return "it is a directory"
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        return "it is a socket or a disk"
    return "" if os.access(path, os.W_OK) else "Permission denied"


def _uncreatable(path: str) -> str:
    """The reason why a new file cannot be created, or an empty text. Creates it once to find out. Raises OSError."""
    parent = os.path.dirname(path) or "."
    if not os.path.isdir(parent):
        return f"there is no directory {parent}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return ""


def write_report(arguments: Arguments, report: ReportDocument) -> None:
    """Write the report to standard output and to each `--out`. Raises ConfigError, as `write_all` does."""
    latency, service = arguments.flag("latency"), arguments.flag("u_latency")
    write_all(arguments, lambda form: _written(form, report, latency, service))


def _written(form: str, report: ReportDocument, latency: bool, service: bool) -> str:
    if form == TEXT:
        from gluten.report.formats.text import render

        return render(report, latency, service)
    if form == "wrk":
        from gluten.report.formats.wrk import as_wrk

        return as_wrk(report, latency, service)
    from gluten.report.formats import export

    return export.FORMATS[form][1](report)


def write_all(arguments: Arguments, writer: Writer) -> None:
    """Write a document to standard output and to each `--out`. Signals are delayed meanwhile.

    Raises ConfigError if a file cannot be written. Then what belongs into the first such file is on standard output.
    """
    shown, files = destinations(arguments)
    with interrupts.deferred():
        texts: dict[str, str] = {}
        failures = []
        for out, form in files:
            texts[form] = texts.get(form) or lined(writer(form))
            if why := _save(texts[form], out):
                failures.append((form, f"--out {out}: cannot be written: {why}"))
        shown = failures[0][0] if failures else shown
        print_text(texts.get(shown) or lined(writer(shown)), exact=shown != TEXT)
    if failures:
        raise ConfigError("; ".join([*(text for _, text in failures), f"{failures[0][0]} is on standard output"]))


def destinations(arguments: Arguments) -> tuple[str, list[tuple[str, str]]]:
    """The format of standard output, and each file with its format.

    `--format` is the format of a file whose ending names none. Standard output has the one that is asked for and that
    no file has, else the text.
    """
    wanted: str = arguments.get("format", TEXT)
    given = [(out, _format_of(out, wanted)) for out in _outs(arguments)]
    files = [(out, form) for out, form in given if out not in STDOUT]
    for out, form in given:
        if out in STDOUT:
            return form, files
    return (TEXT if wanted in (form for _, form in files) else wanted), files


def _save(text: str, out: str) -> str:
    """Write the file. Returns the reason why that was not possible, or an empty text."""
    try:
        with open(out, "wb") as file:
            file.write(encoded(text))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def must_write(report: ReportDocument, arguments: Arguments, failure: GlutenError | None) -> bool:
    """Whether to write the report. Without a sent request only programs need it, to read the reason in it."""
    for_a_program = arguments.get("out") or arguments.get("format", TEXT) != TEXT
    return failure is None or bool(report["requests"]["sent"] or for_a_program)
