"""What a workload file says: its values. They never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gluten.workload.checks.check import Check
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import NOTHING, Names, Scope

Headers = tuple[tuple[str, Template], ...]


@dataclass(frozen=True)
class FileBody:
    """A body that is a file's content: its bytes as they are, or with `is_json` JSON with templates in its texts."""

    name: str
    is_json: bool = False


Body = Template | bytes | FileBody
"""A template of a body is rendered with `Encoding.PLAIN`: its parts have their encodings."""


@dataclass(frozen=True)
class Request:
    """One named request, complete: the file's and the command line's headers are merged in.

    `origin` is scheme, user-info and host. `path` has the base's path in front; where it `leads` with a template, it is
    a reference, to be resolved against `origin`. `timeout` None: the task's.
    """

    name: str
    method: str
    origin: str
    path: Template
    headers: Headers = ()
    body: Body = b""
    checks: tuple[Check, ...] = ()
    timeout: float | None = None
    weight: int = 1

    @property
    def constant(self) -> bool:
        """Whether its bytes are the same in every session."""
        templates = [self.path, *(value for _, value in self.headers)]
        if isinstance(self.body, Template):
            templates.append(self.body)
        return all(template.constant for template in templates) and not isinstance(self.body, FileBody)

    @property
    def names(self) -> Names:
        """What its templates and checks need."""
        found = self.path.names
        for _, value in self.headers:
            found |= value.names
        for check in self.checks:
            found |= check.names
        return found | self.body.names if isinstance(self.body, Template) else found


@dataclass(frozen=True)
class Feed:
    """Rows of data. `columns` is empty until the file was seen."""

    name: str
    file: str
    pick: str = "cycle"
    at_end: str = "stop"
    skip: int = 0
    secret: bool = False
    per: str = "session"
    separator: str = ","
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workload:
    """The requests of a run, in the file's order, and what they use. `url` is the base; `scope` parses more texts of
    the file."""

    url: str
    seed: int
    requests: tuple[Request, ...]
    feeds: tuple[Feed, ...] = ()
    vars: Mapping[str, Template] = field(default_factory=dict)
    scope: Scope = NOTHING

    @property
    def weights(self) -> tuple[int, ...]:
        return tuple(request.weight for request in self.requests)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the requests go, each once."""
        return tuple(dict.fromkeys(request.origin for request in self.requests))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the text names, each once."""
        bodies = [request.body.name for request in self.requests if isinstance(request.body, FileBody)]
        return tuple(dict.fromkeys([*(feed.file for feed in self.feeds), *bodies]))

    def feeds_of(self, request: Request) -> frozenset[str]:
        """The feeds that the request names, in its vars too."""
        seen: set[str] = set()
        names, pending = request.names, set(request.names.words)
        while pending:
            word = pending.pop()
            seen.add(word)
            if word in self.vars:
                names |= self.vars[word].names
                pending |= self.vars[word].names.words - seen
        return names.feeds
