"""Why a command's arguments do not fit its usage, in words: docopt itself says only that they do not. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gluten.cli import grammar
from gluten.cli.hide_argv import hide_argv

Given = tuple[str, str | None]
"""An option's long name with its value, or an empty name with a word."""

_AGAIN = r" \[--([\w-]+) [^\]]*\]\.\.\."
_OPTIONAL = re.compile(r"\[(?:options|--[^\]]*)\](?:\.\.\.)?")
_WORD = re.compile(r"(\[)?([A-Z]+)\]?(\.\.\.)?")


def usage_error(command: str, argv: Sequence[str]) -> str:
    """The first argument that is too many, too few or wrong, by its name."""
    synopsis = grammar.synopsis(command)
    usage = f"usage: gluten.pyz {re.sub(_AGAIN, '', synopsis)}"
    masked = dict(zip(argv, hide_argv(argv), strict=True))
    options = {option.long: option for option in grammar.options(command)}
    several = set(re.findall(_AGAIN, synopsis))
    given = list(_given(command, argv))
    for name, value in given:
        if name and value is not None and not options[name].value:
            return f"--{name}: takes no value"
    for name, times in Counter(name for name, _ in given if name and name not in several).items():
        if times > 1:
            return f"--{name}: given {'twice' if times == 2 else f'{times} times'}"
    words = [str(value) for name, value in given if not name]
    wanted = _WORD.findall(_OPTIONAL.sub("", synopsis))
    needed = [word for optional, word, _ in wanted if not optional]
    if len(words) < len(needed):
        return f"{needed[len(words)]} is missing; {usage}"
    if len(words) > len(wanted) and not any(more for *_, more in wanted):
        extra = words[len(wanted)]
        return f"{masked.get(extra, extra)!r}: one word too many; {usage}"
    return f"these arguments do not fit: {' '.join(hide_argv(argv))!r}; {usage}"


def _given(command: str, argv: Sequence[str]) -> Iterator[Given]:
    """The arguments after the command's own word; every option in them is known."""
    known = grammar.options(command)
    short = {option.short: option for option in known if option.short}
    pending = list(argv[1:] if argv and argv[0] == command else argv)
    while pending:
        word = pending.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            # The name itself, else what it is short for: the first of both in this order.
            found = min((o for o in known if o.long.startswith(name)), key=lambda option: len(option.long))
            yield found.long, value if equals else pending.pop(0) if found.value and pending else None
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], short, pending)
        else:
            yield "", word


def _short(letters: str, known: dict[str, grammar.Option], pending: list[str]) -> Iterator[Given]:
    while letters:
        option, letters = known[letters[0]], letters[1:]
        if option.value:
            yield option.long, letters or (pending.pop(0) if pending else None)
            return
        yield option.long, None
