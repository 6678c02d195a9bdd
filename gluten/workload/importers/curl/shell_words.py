"""A command line as a shell divides it into words: POSIX quoting, `$'…'` of bash, and `^` of Windows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from gluten.errors import UsageError

_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\(?:\r\n|.)|\$'((?:[^'\\]|\\.)*)'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_ENDS = re.compile(r"\|\|?|&&?|;|[12&]?>>?(?:&[12]|[\w./-]+)?|<")


def words_of(command: str) -> list[str]:
    """Raises UsageError where a quote is not closed."""
    if re.search(r'\^[\r\n"]', command):
        command = re.sub(r"\^(?:\r?\n|(.))", lambda found: found[1] or " ", command, flags=re.DOTALL)
    try:
        return shlex.split(_QUOTED.sub(_plain, command))
    except ValueError as error:
        raise UsageError(f"the curl command: {error}: quote it as for a shell") from None


def commands(words: list[str]) -> Iterator[list[str]]:
    """The words up to each `|`, `;`, `&&` or `>`."""
    found: list[str] = []
    for word in words:
        if _ENDS.fullmatch(word):
            yield found
            found = []
        elif word.endswith(";") and len(word) > 1:
            yield [*found, word[:-1]]
            found = []
        else:
            found.append(word)
    yield found


def _plain(found: re.Match[str]) -> str:
    """A word in `$'…'` as one in plain quotes, and nothing for a line that goes on. Other quotes stay as they are."""
    if found[0] in ("\\\n", "\\\r\n"):
        return ""
    return found[0] if found[1] is None else shlex.quote(_ESCAPE.sub(_letter, found[1]))


def _letter(found: re.Match[str]) -> str:
    word = found[1]
    if len(word) == 1 and word in _LETTERS:
        return _LETTERS[word]
    if word[0] in "xuU" and len(word) > 1:
        return _character(int(word[1:], 16))
    return _character(int(word, 8)) if word[0] in "01234567" else word


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 else "\ufffd"
