"""What a workload file says: its values. They never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gluten.workload.checks.check import Check
from gluten.workload.checks.take import Take
from gluten.workload.scenarios.steps import Group, Scenario, every_step
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import NO_NAMES, NOTHING, Names, Scope

Headers = tuple[tuple[str, Template], ...]


@dataclass(frozen=True)
class FileBody:
    """A body that is a file's content: its bytes as they are, or with `is_json` JSON with templates in its texts."""

    name: str
    is_json: bool = False


Part = bytes | Template | FileBody


@dataclass(frozen=True)
class Multipart:
    """A body of several parts, one behind the other. The content of a file takes its place."""

    parts: tuple[Part, ...]

    @property
    def templates(self) -> list[Template]:
        return [part for part in self.parts if isinstance(part, Template)]


Body = Template | bytes | FileBody | Multipart
"""A template of a body is rendered with `Encoding.PLAIN`: its parts have their encodings."""


def templates_of(body: Body) -> list[Template]:
    """The templates in a body."""
    if isinstance(body, Multipart):
        return body.templates
    return [body] if isinstance(body, Template) else []


def files_of(body: Body) -> list[str]:
    """The files whose content is still to be filled in."""
    parts = body.parts if isinstance(body, Multipart) else (body,)
    return [part.name for part in parts if isinstance(part, FileBody)]


@dataclass(frozen=True)
class Request:
    """One named request, complete: the file's and the command line's headers are merged in.

    `origin` is scheme, user-info and host. `path` has the base's path in front; where it `leads` with a template, it is
    a reference, to be resolved against `origin`. `timeout` None: the task's. `takes`: what is kept of its responses, by
    name. `on_fail` None: the scenario's. `redirects`: how many are followed. `weight` 0: setup or teardown alone
    sends it. `replaced`: what those of its own headers need that the command line replaces.
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
    takes: tuple[tuple[str, Take], ...] = ()
    on_fail: str | None = None
    redirects: int = 0
    replaced: Names = NO_NAMES

    @property
    def constant(self) -> bool:
        """Whether its bytes are the same in every session."""
        templates = [self.path, *(value for _, value in self.headers), *templates_of(self.body)]
        return all(template.constant for template in templates) and not files_of(self.body)

    @property
    def names(self) -> Names:
        """What its templates and checks need."""
        found = self.path.names
        for _, value in self.headers:
            found |= value.names
        for check in self.checks:
            found |= check.names
        for _, take in self.takes:
            found |= take.names
        return Names.of_all([found, *(template.names for template in templates_of(self.body))])


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
    the file.

    `on_fail` is that of the file. `setup` and `teardown` are places of requests: one node sends them once, before and
    after the load."""

    url: str
    seed: int
    requests: tuple[Request, ...]
    feeds: tuple[Feed, ...] = ()
    vars: Mapping[str, Template] = field(default_factory=dict)
    scope: Scope = NOTHING
    scenarios: tuple[Scenario, ...] = ()
    on_fail: str | None = None
    setup: tuple[int, ...] = ()
    teardown: tuple[int, ...] = ()

    @property
    def sessions(self) -> tuple[Scenario | Request, ...]:
        """What numbers are handed out for: the scenarios, or without scenarios the requests."""
        return (*self.scenarios,) or self.requests

    @property
    def weights(self) -> tuple[int, ...]:
        return tuple(session.weight for session in self.sessions)

    @property
    def measured(self) -> tuple[Request, ...]:
        """The requests that sessions may send: what setup and teardown alone send is outside all figures."""
        if not self.scenarios:
            return tuple(request for request in self.requests if request.weight)
        places = frozenset[int]().union(*(scenario.requests for scenario in self.scenarios))
        return tuple(self.requests[place] for place in sorted(places))

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups, each once, in the file's order."""
        steps = [step for scenario in self.scenarios for step in every_step(scenario.do)]
        return tuple(dict.fromkeys(step.name for step in steps if isinstance(step, Group)))

    @property
    def follows(self) -> bool:
        """Whether what is sent can follow from what was answered before: by steps, takes or redirects."""
        return bool(self.scenarios) or any(request.takes or request.redirects for request in self.measured)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the requests go, each once."""
        return tuple(dict.fromkeys(request.origin for request in self.requests))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the text names, each once."""
        bodies = [name for request in self.requests for name in files_of(request.body)]
        return tuple(dict.fromkeys([*(feed.file for feed in self.feeds), *bodies]))

    @property
    def used_feeds(self) -> frozenset[str]:
        """The feeds of which sessions take rows."""
        return frozenset[str]().union(*map(self.feeds_of, self.sessions))

    def feeds_of(self, session: Request | Scenario) -> frozenset[str]:
        """The feeds that the request, or the scenario with any of its requests, names, in its vars too."""
        if isinstance(session, Scenario):
            asked = [self.feeds_of(self.requests[place]) for place in session.requests]
            return self.behind(session.names).feeds.union(*asked)
        return self.behind(session.names).feeds

    def behind(self, names: Names) -> Names:
        """The names, and those of the vars among them."""
        seen: set[str] = set()
        pending = set(names.words)
        while pending:
            word = pending.pop()
            seen.add(word)
            if word in self.vars:
                names |= self.vars[word].names
                pending |= self.vars[word].names.words - seen
        return names
