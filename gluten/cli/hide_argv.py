"""Hides secrets in this process's command line, which every user of the host can read with `ps`. Linux only.

The program has already read its arguments. Their bytes are still where the kernel put them, and each secret is
overwritten there with as many asterisks. The secrets are visible from the start of the program until then, for some
tenths of a second. Values from `@FILE`, `GLUTEN_...` and `gluten.toml` are never visible. Forked workers share this
memory, so their command lines are hidden too.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Sequence

from gluten.task.fields import FIELDS, Kind, Secret, fields_of
from gluten.task.secrets import HIDDEN, is_secret, redact_header

_SECRET = [field for field in FIELDS if field.secret in (Secret.ASKED, Secret.ALWAYS)]
_WHOLE = [*(name for field in _SECRET for name in field.names), "--otlp-header", "--influx-header"]
_COMPLETE = ("--otlp", "--influx")
"""Options of their own that another one begins with."""
_HEADER = [name for field in fields_of(Kind.HEADERS) for name in field.names]
_HEADER_LETTERS = tuple(name for name in _HEADER if not name.startswith("--"))
_PASTED = ["import", "curl"]
_USER = re.compile(r"(?<=//)[^/?#\s]*@")
_PARAMETER = re.compile("(?<=[?&;#])([^=&;#?]+)=([^&;#]+)")


def hide_argv(words: Sequence[str]) -> list[str]:
    """The words with asterisks in place of secrets. Each word keeps its length in bytes."""
    if list(words[:2]) == _PASTED:
        # A command that was copied from a browser holds its cookies and tokens.
        return [*_PASTED, *map(_stars, words[2:])]
    every = "--secret" in words
    return [_masked(word, words[index - 1] if index else "", every) for index, word in enumerate(words)]


def hide(words: Sequence[str]) -> None:
    """Overwrite the secrets in `words`, which must be the end of this process's command line. Never raises."""
    hidden = hide_argv(words)
    if sys.platform != "linux" or hidden == list(words):
        return
    try:
        start, end = _memory_range()
        old, tail, new = ctypes.string_at(start, end - start), _line(words), _line(hidden)
        if old.endswith(tail) and len(new) == len(tail):
            ctypes.memmove(end - len(new), new, len(new))
    except (OSError, ValueError, IndexError):
        return


def _line(words: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _memory_range() -> tuple[int, int]:
    """The addresses where the command line begins and ends: `arg_start` and `arg_end` of proc(5)."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[45]), int(fields[46])


def _masked(word: str, before: str, every: bool) -> str:
    option, equals, value = word.partition("=")
    if equals and _is(option, _WHOLE):
        return f"{option}={_stars(value)}"
    if _is(before, _WHOLE) and not word.startswith("@"):
        return _stars(word)
    if _is(before, _HEADER) or (equals and _is(option, _HEADER)) or word.startswith(_HEADER_LETTERS):
        return _header(word, every)
    return _PARAMETER.sub(_parameter, _USER.sub(lambda found: _stars(found[0][:-1]) + "@", word))


def _is(word: str, options: Sequence[str]) -> bool:
    """Whether the word is one of the options. It may be shortened: `--bod` is `--body`."""
    if word in options or word in _COMPLETE:
        return word in options
    return len(word) > 2 and any(option.startswith(word) for option in options)


def _header(line: str, every: bool) -> str:
    name, colon, value = line.partition(":")
    hidden = every or redact_header(name.rpartition("=")[2], value.strip()) == HIDDEN
    return f"{name}{colon}{_stars(value)}" if hidden else line


def _parameter(found: re.Match[str]) -> str:
    return f"{found[1]}={_stars(found[2]) if is_secret(found[1]) else found[2]}"


def _stars(text: str) -> str:
    return "*" * len(os.fsencode(text))
