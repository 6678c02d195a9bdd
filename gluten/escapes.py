"""Makes a text that others wrote harmless on a terminal and in a log: it can neither control one nor forge a line."""

from __future__ import annotations


def escaped(text: str, kept: str = "") -> str:
    """The text with an escape such as `\\x1b` in place of each character that is not printable and not in `kept`.

    Characters that change the direction of a text are not printable either.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in kept else ascii(char)[1:-1] for char in text)
