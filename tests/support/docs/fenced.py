"""The commands of a Markdown document: what stands in its fenced blocks, with the section and the line.

- A block ```` ```sh ```` has commands, one a line; a line may end with a backslash and go on in the next.
- In a block ```` ```console ```` commands begin with `$ `. The rest is what they print, shortened by hand.
- A word behind the language marks the block: `elsewhere` needs another machine, root, a network or minutes.
- Every other language is no command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

ELSEWHERE = "elsewhere"
_MARKS = frozenset({ELSEWHERE})
_SHELLS = frozenset({"sh", "console"})
_FENCE = re.compile(r"```(?P<language>\w*)(?P<marks>(?: \w+)*)")
_CODE = re.compile(r"\bexit code (\d+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `line`: the number of its first line. `section`: the heading of level 2 or 3 above it."""

    section: str
    line: int
    language: str
    marks: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it stands in the document, with the exit code that its comment names (0 if it names none) and what
    the document says that it prints."""

    section: str
    line: int
    text: str
    code: int
    elsewhere: bool
    prints: tuple[str, ...]


def blocks(file: Path) -> Iterator[Block]:
    """All fenced blocks of a document. Fails at a mark that has no meaning: it is misspelt."""
    section, opened, lines = "", None, list[str]()
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if opened is None:
            section = line.lstrip("# ") if line.startswith(("## ", "### ")) else section
            if found := _FENCE.fullmatch(line):
                opened, lines = (found, number + 1), []
        elif line == "```":
            found, first = opened
            marks = tuple(found["marks"].split())
            assert _MARKS.issuperset(marks), f"{file.name}: line {first - 1}: {marks} mean nothing"
            yield Block(section, first, found["language"], marks, tuple(lines))
            opened = None
        else:
            lines.append(line)
    assert opened is None, f"{file.name}: the last block has no end"


def commands(file: Path) -> Iterator[Command]:
    for block in blocks(file):
        if block.language in _SHELLS:
            yield from _commands_of(block)


def _commands_of(block: Block) -> Iterator[Command]:
    prompt = "$ " if block.language == "console" else ""
    lines = list(enumerate(block.lines, block.line))
    while lines:
        number, line = lines.pop(0)
        if not line.strip() or line.startswith("#") or not line.startswith(prompt):
            continue
        text = line.removeprefix(prompt)
        while text.endswith("\\"):
            text += "\n" + lines.pop(0)[1]
        printed = takewhile(lambda each: prompt and not each[1].startswith(prompt), lines)
        prints = tuple(output for _, output in printed if output.strip(" …"))
        named = _CODE.search(text.partition(" # ")[2])
        yield Command(block.section, number, text, int(named[1]) if named else 0, ELSEWHERE in block.marks, prints)
