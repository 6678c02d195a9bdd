"""docopt gets only the options that the arguments may mean. It makes the same of them as of the whole usage text."""

from __future__ import annotations

from typing import Any

import docopt
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.cli import grammar
from gluten.cli.arguments import parse
from gluten.cli.usage import TEXTS
from gluten.errors import UsageError

VALUES = st.sampled_from(["5", "-5", "10s", "a=b", "K: V", "http://h/", "-", "-t"])


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A command and its arguments. Options may be shortened, repeated, and have their value behind them or not."""
    command = draw(st.sampled_from(grammar.commands()))
    words = [grammar.MODES.get(command, command)]
    for option in draw(st.lists(st.sampled_from(grammar.options(command)), max_size=4)):
        value = [draw(VALUES)] if option.value else []
        short, together = draw(st.booleans()), draw(st.booleans())
        if option.short and short:
            words += [f"-{option.short}{''.join(value)}"] if together else [f"-{option.short}", *value]
        else:
            name = f"--{option.long}"[: draw(st.integers(3, 2 + len(option.long)))]
            words += [f"{name}={value[0]}"] if value and together else [name, *value]
    return command, words + draw(st.lists(VALUES, max_size=2))


def by_all(command: str, argv: list[str]) -> dict[str, Any] | None:
    """What docopt makes of the whole text; None: the arguments do not fit it."""
    try:
        return dict(docopt.docopt(TEXTS[command], argv, default_help=False))
    except docopt.DocoptExit:
        return None


@settings(max_examples=150, deadline=None)
@given(lines())
def test_options_that_nobody_means_change_nothing(line: tuple[str, list[str]]) -> None:
    command, argv = line
    words = [word for word in argv if word != "--"]
    try:
        found = parse(argv, {})
    except UsageError:
        return
    whole = by_all(command, words)
    assert whole is not None
    options = {name.lstrip("-"): value for name, value in whole.items() if name.startswith("-")}
    if "cluster-key" in found.options:
        options |= {"cluster-key": options["key"], "key": None}
    assert found.options == options


def test_what_is_not_given_is_there_and_empty() -> None:
    options = parse(["run", "http://h/"], {}).options
    assert (options["rate"], options["quiet"], options["header"]) == (None, False, [])
    assert {f"--{name}" for name in options} == {f"--{option.long}" for option in grammar.options("run")}
