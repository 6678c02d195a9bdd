"""`{{env NAME [DEFAULT]}}`: what the command line reads from its environment, before the file is read.

It stands in every text of a file. What it gives counts as if it had been written there, but in a path it is encoded as
other values are. Its value is taken from `Scope.env`, never from this process's environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gluten.errors import WorkloadError
from gluten.workload.templates.words import Hole, Word, shown, split

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UP_TO_HOST = re.compile(r"[^/?#]*(?:://[^/?#]*)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """One `env NAME [DEFAULT]`. Without a default the name must be set."""

    name: str
    default: str | None


def asked(words: Sequence[Word], source: str) -> Asked | None:
    """What the words of a hole ask of the environment, behind `raw` and `base64` too."""
    words = _inner(words)
    if words[0].quoted or words[0].text != "env" or len(words) == 1:
        return None
    if len(words) > 3 or not _NAME.fullmatch(words[1].text):
        raise WorkloadError(f"{shown(source)}: env takes a name and perhaps a default, such as {{{{env PORT 8080}}}}")
    return Asked(words[1].text, words[2].text if len(words) == 3 else None)


def value_of(wanted: Asked, env: Mapping[str, str], source: str) -> str:
    found = env.get(wanted.name, wanted.default)
    if found is None:
        raise WorkloadError(
            f"{shown(source)}: {wanted.name} is not set in the environment: set it, or write a default behind the name"
        )
    return found


def env_asked(text: str) -> tuple[Asked, ...]:
    """What a text asks of the environment. The command line reads these names and no others."""
    holes = [part for part in split(text) if isinstance(part, Hole)]
    return tuple(found for hole in holes if (found := asked(hole.words, hole.source)))


def expand_env(text: str, env: Mapping[str, str]) -> str:
    """A text that takes no other template, such as a URL or a file's name. Raises `WorkloadError`."""
    return "".join(part if isinstance(part, str) else _expanded(part, env) for part in split(text))


def with_leading_env(text: str, env: Mapping[str, str]) -> str:
    """A request's path, or a whole URL: what `env` gives of scheme and host. Behind these it is a value like others."""
    found = ""
    for part in split(text):
        if isinstance(part, str):
            found += part
        else:
            found += _with_env(part, env) if _UP_TO_HOST.fullmatch(found) else part.source
    return found


def with_env(text: str, env: Mapping[str, str]) -> str:
    """A text in which other templates stay as they are, such as a check. What `env` gives is no template itself."""
    return "".join(part if isinstance(part, str) else _with_env(part, env) for part in split(text))


def _with_env(hole: Hole, env: Mapping[str, str]) -> str:
    wanted = asked(hole.words, hole.source)
    if wanted is None or len(_inner(hole.words)) != len(hole.words):
        return hole.source
    return re.sub(r"\{\{|\$\{", r"{{'\g<0>'}}", value_of(wanted, env, hole.source))


def _expanded(hole: Hole, env: Mapping[str, str]) -> str:
    if len(hole.words) == 1 and hole.words[0].quoted:
        return hole.words[0].text
    wanted = asked(hole.words, hole.source)
    if wanted is None or len(_inner(hole.words)) != len(hole.words):
        raise WorkloadError(f"{shown(hole.source)} cannot stand here: only {{{{env NAME}}}} can")
    return value_of(wanted, env, hole.source)


def _inner(words: Sequence[Word]) -> Sequence[Word]:
    while len(words) > 1 and not words[0].quoted and words[0].text in ("raw", "base64"):
        words = words[1:]
    return words
