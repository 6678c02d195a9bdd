"""Explains why a command's arguments do not fit its usage: docopt only says that they do not. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from gluten.cli import grammar
from gluten.cli.hide_argv import hide_argv
from gluten.cli.hints import option_hint
from gluten.errors import UsageError

Given = tuple[str, str | None]
"""An option's long name and its value; or an empty name and an argument that is not an option."""

_AGAIN = r" \[--([\w-]+) [^\]]*\]\.\.\."
_OPTIONAL = re.compile(r"\[(?:options|--[^\]]*)\](?:\.\.\.)?")
_WORD = re.compile(r"(\[)?([A-Z]+)\]?(\.\.\.)?")
_LONGEST = 40
"""Longer words are no slip of a key, and would take long to compare."""


def not_a_command(word: str) -> UsageError:
    """The error, with the command or the URL that may be meant."""
    url = "; a URL begins with http:// or https://: gluten.pyz run http://…" if re.search(r"[.:/]", word) else ""
    commands = (name for name in grammar.commands() if name not in grammar.MODES)
    return UsageError(f"{word!r} is not a command: see `gluten.pyz --help`{url or _nearest(word, commands)}")


def unknown_option(command: str, option: str) -> UsageError:
    """The error, with our option in place of another tool's, or with the one that may be meant."""
    names = [f"--{found.long}" for found in grammar.options(command)]
    begun = [name for name in names if len(option) > 2 and name.startswith(option)]
    text, more = option_hint(command, option), ""
    if len(begun) > 1 and not text:
        text = f"may be {', '.join(begun[:-1])} or {begun[-1]}"
    elif option.startswith("--") and not text:
        more = _nearest(option, names)
    return UsageError(f"{option}: {text or 'no such option'}: see `gluten.pyz help {command}`{more}")


def _nearest(word: str, names: Iterable[str]) -> str:
    """A hint at the name that is meant. It begins alike: people slip later in a word."""
    begin = len(word) - len(word.lstrip("-")) + 1
    alike = [name for name in names if name[:begin] == word[:begin].lower()] if len(word) <= _LONGEST else []
    found = get_close_matches(word.lower(), alike, 1, 0.6)
    return f"; did you mean {found[0]}?" if found else ""


def usage_error(command: str, argv: Sequence[str]) -> str:
    """A message about the first argument that is missing, wrong, or one too many."""
    given = list(_given(command, argv))
    if message := _option_error(command, given):
        return message
    usage = f"usage: gluten.pyz {re.sub(_AGAIN, '', grammar.synopsis(command))}"
    return f"{_word_error(command, argv, given)}; {usage}"


def _option_error(command: str, given: Sequence[Given]) -> str:
    """A value for an option that takes none, or a repeated option; empty if there is neither."""
    options = {option.long: option for option in grammar.options(command)}
    for name, value in given:
        if name and value is not None and not options[name].value:
            return f"--{name}: takes no value"
    repeatable = set(re.findall(_AGAIN, grammar.synopsis(command)))
    for name, times in Counter(name for name, _ in given if name and name not in repeatable).items():
        if times > 1:
            return f"--{name}: given {'twice' if times == 2 else f'{times} times'}"
    return ""


def _word_error(command: str, argv: Sequence[str], given: Sequence[Given]) -> str:
    """A missing word, or one too many. Secrets in the arguments are hidden."""
    hidden = hide_argv(argv)
    words = [str(value) for name, value in given if not name]
    wanted = _WORD.findall(_OPTIONAL.sub("", grammar.synopsis(command)))
    needed = [word for optional, word, _ in wanted if not optional]
    if len(words) < len(needed):
        return f"{needed[len(words)]} is missing"
    if len(words) > len(wanted) and not any(more for *_, more in wanted):
        extra = words[len(wanted)]
        return f"{dict(zip(argv, hidden, strict=True)).get(extra, extra)!r}: one word too many"
    return f"these arguments do not fit: {' '.join(hidden)!r}"


def _given(command: str, argv: Sequence[str]) -> Iterator[Given]:
    """The arguments after the command. Every option among them is known."""
    known = grammar.options(command)
    short = {option.short: option for option in known if option.short}
    pending = list(argv[1:] if argv and argv[0] == command else argv)
    while pending:
        word = pending.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            # An exact name is shorter than every name that it abbreviates, so the shortest one is meant.
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
