"""`[request.NAME]`: the requests of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gluten.errors import WorkloadError
from gluten.task.limits import MAX_HEADERS
from gluten.task.parse import parse_header
from gluten.task.toml_scan import Path
from gluten.task.validate import TOKEN
from gluten.workload.checks.check import Check
from gluten.workload.checks.take import Take
from gluten.workload.keys import MAX_CHECKS, MAX_HOSTS, MAX_REQUESTS, MAX_TAKES, METHODS, REDIRECT, Place
from gluten.workload.tables.additions import basic, with_query
from gluten.workload.tables.bodies import content_type, read_body
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.names import check_name, check_title
from gluten.workload.tables.source import Table
from gluten.workload.tables.targets import Base, target_of
from gluten.workload.templates.encoding import Encoding
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import NO_NAMES, Names, Scope
from gluten.workload.workload import Headers, Request

Lines = Iterable[tuple[str, str]]
Pairs = tuple[tuple[str, str], ...]

_MADE = {"basic": "authorization", "multipart": "content-type"}
"""The headers that other keys write."""


@dataclass(frozen=True)
class Common:
    """What all requests have in common. `headers` are lines of the file's top and of the command line. `redirects`
    are the file's. `in_scenarios`: scenarios send them. `around`: what setup and teardown name. `outranking`: the names
    of those headers that replace a request's own, too."""

    base: Base
    headers: tuple[tuple[str, str], ...]
    scope: Scope
    redirects: int = 0
    in_scenarios: bool = False
    around: frozenset[str] = frozenset()
    outranking: frozenset[str] = frozenset()


def read_requests(reader: Reader, tables: Any, common: Common) -> tuple[Request, ...]:
    tables = reader.checked_table(tables, ("request",))
    if not tables:
        raise reader.source.error((), 'there is no request: add one, such as [request.home] with get = "/"')
    if len(tables) > MAX_REQUESTS:
        raise reader.source.error(("request",), f"there are {len(tables)} requests; at most {MAX_REQUESTS}")
    requests = tuple(_request(reader, name, table, common) for name, table in tables.items())
    _check_hosts(reader, requests)
    return requests


def taken_names(tables: Any) -> frozenset[str]:
    """The names under which any request keeps something. What is no table is refused when it is read."""
    requests = tables.values() if isinstance(tables, dict) else ()
    takes = [table.get("take") for table in requests if isinstance(table, dict)]
    return frozenset(name for take in takes if isinstance(take, dict) for name in take)


def _request(reader: Reader, name: str, table: Any, common: Common) -> Request:
    path: Path = ("request", name)
    check_title(reader.source, path, name)
    if name.endswith(REDIRECT):
        raise reader.source.error(path, f"a name does not end with{REDIRECT}: what redirects ask for is counted so")
    values = reader.table(Place.REQUEST, table, path)
    method, key = _method(reader, values, path)
    place = ".".join(map(str, path))
    with reader.source.at(*path, key):
        origin, target = target_of(_target(values[key]), common.base, common.scope, f"{place}.{key}")
    with reader.source.at(*path, "query"):
        target = with_query(target, values.get("query", {}), common.scope, f"{place}.query")
    headers, replaced = _headers(reader, values, path, common)
    return Request(
        name=name,
        method=method,
        origin=origin,
        path=target,
        headers=(*headers, *content_type(values, headers, place)),
        body=read_body(reader, values, path, common.scope),
        checks=_checks(reader, values.get("check", []), (*path, "check"), common.scope),
        timeout=values.get("timeout", None),
        weight=_weight(reader, values["weight"], "weight" in table, path, common),
        takes=_takes(reader, values.get("take", {}), (*path, "take"), common.scope),
        on_fail=values.get("on_fail"),
        redirects=values.get("redirects", common.redirects),
        replaced=replaced,
    )


def _weight(reader: Reader, weight: int, is_said: bool, path: Path, common: Common) -> int:
    """Setup alone sends a request that it names, unless the file gives it a weight."""
    if is_said and common.in_scenarios:
        message = "belongs to a file without scenarios: write weight in [[scenario]]"
        raise reader.source.error((*path, "weight"), message)
    return weight if is_said or common.in_scenarios or path[-1] not in common.around else 0


def _method(reader: Reader, values: Table, path: Path) -> tuple[str, str]:
    """The method, and the key that has the path."""
    found = [name for name in (*METHODS, "path") if name in values]
    if len(found) > 1:
        raise reader.source.error((*path, found[1]), f"there is {found[0]} already: a request has one path")
    if not found:
        raise reader.source.error(path, f"no path: write one of {', '.join(METHODS)}, or method and path")
    if found[0] != "path":
        if "method" in values:
            raise reader.source.error((*path, "method"), f"there is {found[0]} already: write method with path")
        return found[0].upper(), found[0]
    method = values.get("method", "")
    if not TOKEN.fullmatch(method):
        raise reader.source.error(path, f"method: {method!r} is not a method, such as PURGE")
    return method, "path"


def _headers(reader: Reader, values: Table, path: Path, common: Common) -> tuple[Headers, Names]:
    """The request's own, and those of the file that it does not replace; and what those of its own need that the
    command line replaces. That of `multipart` is not replaced: it tells the parts of the body apart."""
    own = _own_headers(reader, values, path)
    made = {header for key, header in _MADE.items() if key in values}
    above = common.outranking - {_MADE["multipart"]} if "multipart" in values else common.outranking
    kept = [pair for pair in common.headers if pair[0].lower() not in made - above]
    sent = [pair for pair in own if pair[0].lower() not in above]
    written = () if _MADE["basic"] in above else _basic(reader, values, path, common.scope)
    headers = (*_templates(reader, merged(kept, sent), path, common.scope), *written)
    if not above:
        return headers, NO_NAMES
    # What is not sent may name a variable of the environment that is not set.
    scope = replace(common.scope, env={**dict.fromkeys(reader.source.variables, ""), **common.scope.env})
    gone = _templates(reader, [pair for pair in own if pair[0].lower() in above], path, scope)
    unwritten = () if written else _basic(reader, values, path, scope)
    return headers, Names.of_all([template.names for _, template in (*gone, *unwritten)])


def _own_headers(reader: Reader, values: Table, path: Path) -> Pairs:
    own = read_headers(reader, values.get("header", []), (*path, "header"))
    names = {name.lower() for name, _ in own}
    if twice := [key for key, header in _MADE.items() if key in values and header in names]:
        message = f"there is a header {_MADE[twice[0]].title()} already, which {twice[0]} writes: leave one of them out"
        raise reader.source.error((*path, twice[0]), message)
    return own


def _basic(reader: Reader, values: Table, path: Path, scope: Scope) -> Headers:
    """The header of `basic`, if the request has that."""
    if "basic" not in values:
        return ()
    with reader.source.at(*path, "basic"):
        return (basic(values["basic"], scope, f"{'.'.join(map(str, path))}.basic"),)


def _target(value: Any) -> str:
    if not isinstance(value, str):
        raise WorkloadError('must be a text, such as "/api/login"')
    return value


def read_headers(reader: Reader, value: Any, path: Path) -> tuple[tuple[str, str], ...]:
    """Lines `NAME: VALUE` as pairs; the value may have templates."""
    if isinstance(value, dict):
        raise reader.source.error(path, 'must be a list of lines, such as ["Accept: text/html"]')
    pairs = []
    for line in reader.texts(value, path, MAX_HEADERS):
        try:
            pairs.append(parse_header(line))
        except ValueError as error:
            raise reader.source.error(path, str(error)) from None
    return tuple(pairs)


def merged(common: Lines, own: Lines) -> tuple[tuple[str, str], ...]:
    """`own`, and those of `common` that have no name of `own`."""
    own = tuple(own)
    names = {name.lower() for name, _ in own}
    return (*(pair for pair in common if pair[0].lower() not in names), *own)


def _templates(reader: Reader, pairs: Lines, path: Path, scope: Scope) -> Headers:
    found = []
    for index, (name, text) in enumerate(pairs):
        with reader.source.at(*path, "header"):
            template = Template.parse(text, scope, f"{'.'.join(map(str, path))}.header/{index}")
            template.pieces(Encoding.HEADER)
            if name.lower() == "host" and not all(isinstance(part, str) for part in template.parts):
                raise WorkloadError("Host: no template but {{env NAME}} can stand there")
            found.append((name, template))
    return tuple(found)


def _checks(reader: Reader, value: Any, path: Path, scope: Scope) -> tuple[Check, ...]:
    checks: dict[str, Check] = {}
    for index, text in enumerate(reader.texts(value, path, MAX_CHECKS)):
        with reader.source.at(*path, index):
            checks[text] = Check.parse(text, scope, f"{'.'.join(map(str, path))}/{index}")
    return tuple(checks.values())


def _takes(reader: Reader, value: Any, path: Path, scope: Scope) -> tuple[tuple[str, Take], ...]:
    if not isinstance(value, dict):
        raise reader.source.error(path, 'must be a table of names, such as {token = "json $.token"}')
    if len(value) > MAX_TAKES:
        raise reader.source.error(path, f"has {len(value)} names; at most {MAX_TAKES}")
    found = []
    for name, text in value.items():
        check_name(reader.source, (*path, name), name)
        with reader.source.at(*path, name):
            if not isinstance(text, str):
                raise WorkloadError('must be a text, such as "json $.token"')
            found.append((name, Take.parse(text, scope, ".".join(map(str, (*path, name))))))
    return tuple(found)


def _check_hosts(reader: Reader, requests: tuple[Request, ...]) -> None:
    hosts: Mapping[str, str] = {request.origin.lower(): request.name for request in requests}
    if len(hosts) > MAX_HOSTS:
        raise reader.source.error(("request",), f"the requests go to {len(hosts)} hosts; at most {MAX_HOSTS}")
