"""Parses the usage texts into commands and options. Completion and the manual page are made from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gluten.cli.usage import TEXTS

_OPTION = re.compile(r"  (?:-(?P<short>\w), )?--(?P<long>[\w-]+)(?: (?P<value>[A-Z]\S*))?(?:  +(?P<text>.*))?")
_CONTINUED = " " * 20
MODES = {"master": "--master-mode", "slave": "--slave-mode"}
"""The commands that a flag selects."""


class Option(NamedTuple):
    """One option. `short` and `long` have no dashes. `value` is the placeholder of its value, such as FILE.

    `short` and `value` are empty if the option has none.
    """

    short: str
    long: str
    value: str
    text: str

    @property
    def choices(self) -> list[str]:
        """The allowed values, if the text lists them: `text, json or csv; default text`."""
        listed = re.split(r": |by ", self.text.partition(";")[0])[-1]
        words = re.split(r", | or ", listed)
        return words if self.value and len(words) > 1 and all(re.fullmatch("[a-z0-9]+", word) for word in words) else []

    @property
    def is_file(self) -> bool:
        return self.value in ("FILE", "DIR")


class Section(NamedTuple):
    """The options under one heading. The last section of a command has no heading."""

    title: str
    options: list[Option]


def commands() -> list[str]:
    return list(TEXTS)


def summary(command: str) -> str:
    """What the command does: the text before the usage line."""
    return " ".join(TEXTS[command].partition("\nUsage:")[0].split())


def synopsis(command: str) -> str:
    """The usage line without the program's name."""
    line = TEXTS[command].partition("Usage: gluten.pyz ")[2]
    return line.partition("\n")[0]


def sections(command: str) -> Iterator[Section]:
    """The options of a command by heading, in their order."""
    title, options = "", []
    for line in _joined(TEXTS[command].partition("Usage:")[2]):
        found = _OPTION.fullmatch(line)
        if found:
            options.append(Option(*(found[name] or "" for name in ("short", "long", "value", "text"))))
        elif options and not line.strip():
            yield Section(title, options)
            title, options = "", []
        elif line.endswith(":"):
            title = line.removesuffix(":")
    if options:
        yield Section(title, options)


def options(command: str) -> list[Option]:
    return [option for section in sections(command) for option in section.options]


def words(command: str) -> list[str]:
    """The words that may follow the command, if they are known in advance."""
    shells, actions = ["bash", "zsh", "fish"], ["show", "rotate", "new"]
    kinds = ["har", "curl", "openapi"]
    return {"completion": shells, "key": actions, "import": kinds, "help": commands()}.get(command, [])


def _joined(text: str) -> Iterator[str]:
    """The lines, each joined with its continuation lines."""
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        while lines and lines[0].startswith(_CONTINUED):
            line += " " + lines.pop(0).strip()
        yield line
