"""`gluten man`: prints the manual page. It is made from the usage texts, with the troff macros of man(7)."""

from __future__ import annotations

from collections.abc import Iterator

from gluten.cli import grammar
from gluten.cli.arguments import Arguments
from gluten.cli.grammar import Option
from gluten.cli.output import write
from gluten.version import __version__

_ABOUT = (
    "GLuTEN makes very many HTTP requests to a target from one machine or from many, as fast as the target answers or "
    "at a constant rate, counts each of them, and says when its numbers must not be believed. Without a command's word "
    "the arguments are those of submit."
)
_SETTINGS = (
    "Each option may also be set as GLUTEN_… in the environment (--web-port is GLUTEN_WEB_PORT), or in gluten.toml in "
    "the working directory or named by --config. A flag outranks the environment, and that the file."
)
_FILES = (
    ("~/.local/share/gluten", "what a node keeps: database, key, spool. --data names another directory"),
    ("~/.cache/gluten", "where gluten.pyz unpacks itself. GLUTEN_CACHE names another directory, of mode 0700"),
    ("gluten.toml", "settings"),
)
_EXITS = (
    ("0", "done"),
    ("1", "the run failed"),
    ("2", "wrong usage or configuration"),
    ("3", "the master, or the target before anything was sent, cannot be reached"),
    ("4", "refused: key, target, version"),
    ("5", "the verdict is invalid"),
    ("99", "an SLO or a limit of `compare` was missed; 130, 1 and 5 outrank it"),
    ("130", "interrupted"),
)


def man(arguments: Arguments) -> int:
    """Print the page. `gluten.pyz man | man -l -` shows it formatted."""
    write(page(), None)
    return 0


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH GLUTEN 1 "" "GLuTEN {__version__}" "User Commands"'
    yield from (".SH NAME", r"gluten \- distributed load testing, from one file", ".SH SYNOPSIS", ".nf")
    yield from (_escaped(f"gluten.pyz {grammar.synopsis(command)}") for command in grammar.commands())
    yield from (".fi", ".SH DESCRIPTION", _escaped(_ABOUT), ".SH COMMANDS")
    for command in grammar.commands():
        yield from _command(command)
    yield from (".SH ENVIRONMENT", _escaped(_SETTINGS), ".SH FILES")
    yield from _list(_FILES)
    yield ".SH EXIT STATUS"
    yield from _list(_EXITS)


def _command(command: str) -> Iterator[str]:
    yield f'.SS "{_escaped(grammar.synopsis(command))}"'
    yield _escaped(grammar.summary(command))
    for section in grammar.sections(command):
        if section.title:
            yield from (".PP", _escaped(section.title) + ":")
        yield from _list((_named(option), option.text) for option in section.options)


def _named(option: Option) -> str:
    short = f"-{option.short}, " if option.short else ""
    return f"{short}--{option.long} {option.value}".rstrip()


def _list(rows: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for word, text in rows:
        yield from (".TP", f"\\fB{_escaped(word)}\\fR", _escaped(text) or r"\&")


def _escaped(text: str) -> str:
    """The text with everything escaped that troff would interpret."""
    signs = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "…": r"\&...", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
    escaped = "".join(signs.get(letter, letter) for letter in text)
    return r"\&" + escaped if escaped.startswith(".") else escaped
