"""Which texts can be kept and sent. Pure."""

from __future__ import annotations


def is_utf8(text: str) -> bool:
    """Bytes of a command line that are not UTF-8 come as lone surrogates, and JSON can have them, too."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_storable(text: str) -> bool:
    """Whether databases, JSON and names of files keep the text as it is: UTF-8 without a NUL."""
    return "\x00" not in text and is_utf8(text)
