"""A workload file as values: what it says for the whole run, and its requests.

    source = parse(text, "shop.toml")          # TOML, with lines
    top = read_top(source, env)                # url, headers, load …: what a command line may replace
    workload = read(source, env, base)         # requests, feeds and vars, with what counts in the end

`of_task` is the second half for who has a task: a node, a worker, a report. Raises `WorkloadError`: one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gluten.errors import WorkloadError
from gluten.task.fields import Field, Kind
from gluten.task.limits import MAX_FILE_NAME
from gluten.task.parse import values_of
from gluten.task.task import Header, Task
from gluten.task.toml_scan import Path
from gluten.task.validate import PEM, check_field
from gluten.workload.http2 import check_http2
from gluten.workload.keys import LOAD_FIELDS, Place
from gluten.workload.reach import check_once, check_reach
from gluten.workload.tables.bodies import json_of
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.feeds import read_feeds
from gluten.workload.tables.requests import Common, read_headers, read_requests, taken_names
from gluten.workload.tables.scenarios import read_around, read_scenarios
from gluten.workload.tables.source import Source, Table, parse
from gluten.workload.tables.targets import Base, base_of
from gluten.workload.tables.variables import read_vars
from gluten.workload.templates.environment import expand_env
from gluten.workload.templates.values import Scope
from gluten.workload.workload import FileBody, Multipart, Part, Request, Workload

Env = Mapping[str, str]


@dataclass(frozen=True)
class Top:
    """What a file says for the whole run: fields of a task. `values` has only what the file says. `pem`: the fields
    whose texts are in files, and these files' names."""

    values: Mapping[str, Any] = field(default_factory=dict)
    pem: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()
    slo: tuple[str, ...] = ()


def read_top(source: Source, env: Env) -> Top:
    reader = Reader(source, env)
    table = reader.table(Place.TOP, source.document, ())
    given = {name: table[name] for name in ("name", "url", "seed", "timeout", "redirects") if name in source.document}
    headers = read_headers(reader, table.get("header", []), ("header",))
    values, pem = _load(reader, table.get("load", {}))
    return Top(values | given, pem, headers, tuple(table.get("slo", [])))


def _load(reader: Reader, table: Any) -> tuple[Table, dict[str, str]]:
    """The task's fields of `[load]`, and those that are in files, with the files' names."""
    read: Table = {}
    pem: dict[str, str] = {}
    for name, value in reader.table(Place.LOAD, table, ("load",)).items():
        if name not in table:
            continue
        if LOAD_FIELDS[name].kind is Kind.PEM:
            pem[LOAD_FIELDS[name].name] = _pem_file(reader, value, ("load", name))
        else:
            read |= _option(reader, LOAD_FIELDS[name], value, ("load", name))
    return read, pem


def _pem_file(reader: Reader, value: Any, path: Path) -> str:
    """The file's name. A text that is no name is not shown: it may be the key itself."""
    with reader.source.at(*path):
        name = expand_env(value, reader.env) if isinstance(value, str) else ""
        if not 0 < len(name) <= MAX_FILE_NAME or PEM in name or not name.isprintable():
            raise WorkloadError('must be the name of a PEM file beside this file, such as "ca.pem"')
        return name


def _option(reader: Reader, option: Field, value: Any, path: Path) -> Table:
    with reader.source.at(*path):
        values = values_of({option.option: _as_typed(option, value, reader.env)})
        check_field(option, values[option.name])
        return values


def _as_typed(option: Field, value: Any, env: Env) -> Any:
    """The value as a command line has it."""
    if option.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise WorkloadError("must be true or false")
        return value
    if option.repeated:
        items = value if isinstance(value, list) else [value]
        return [_as_text(item, env) for item in items]
    return _as_text(value, env)


def _as_text(value: Any, env: Env) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise WorkloadError("must be a number, or a text such as the command line takes")
    return expand_env(value, env) if isinstance(value, str) else f"{value:.15g}"


def read(
    source: Source,
    env: Env,
    url: str,
    headers: tuple[Header, ...],
    seed: int,
    redirects: int | None = None,
    outranking: tuple[str, ...] = (),
) -> Workload:
    """`url`, `headers` and `seed` count in the end: the file's, with the command line's on top. `redirects` None: the
    file's. `outranking`: the names of those headers that replace a request's own, too."""
    reader = Reader(source, env)
    top = reader.table(Place.TOP, source.document, ())
    feeds = read_feeds(reader, top.get("feed", []))
    names = frozenset(one.name for one in feeds) | taken_names(top.get("request"))
    variables, scope = read_vars(reader, top.get("vars", {}), Scope(names, {}, env, seed))
    with source.at("url"):
        base = base_of(url) if url else Base()
    top = top if redirects is None else {**top, "redirects": redirects}
    common = replace(_common(reader, top, base, headers, scope), outranking=frozenset(outranking))
    requests = read_requests(reader, top.get("request", {}), common)
    setup, teardown = read_around(reader, top, requests, scope)
    scenarios = read_scenarios(reader, top.get("scenario", []), requests, scope)
    workload = Workload(url, seed, requests, feeds, variables, scope, scenarios, top["on_fail"], setup, teardown)
    check_reach(source, workload)
    return replace(workload, feeds=tuple(feed for feed in feeds if feed.name in workload.used_feeds))


def _common(reader: Reader, top: Table, base: Base, headers: tuple[Header, ...], scope: Scope) -> Common:
    around = [name for key in ("setup", "teardown") for name in reader.names(top.get(key, []), (key,))]
    return Common(base, headers, scope, top["redirects"], bool(top.get("scenario")), frozenset(around))


def of_task(task: Task) -> Workload:
    """The workload of a task that `task_of` made. Bodies in files are still to be filled in (`with_files`)."""
    return of_source(parse(task.workload), task)


def of_source(source: Source, task: Task) -> Workload:
    """The same, of the task's text that is parsed already."""
    read_top(source, dict(task.env))
    workload = read(source, dict(task.env), task.url, task.headers, task.seed, task.redirects, task.outranking)
    check_once(source, workload, task.open_loop)
    if task.http2:
        check_http2(source, workload, task.streams)
    return workload


def with_files(workload: Workload, files: Mapping[str, bytes]) -> Workload:
    """The workload with the content of each file that a body names. Raises `WorkloadError`."""
    filled = tuple(_filled(request, workload.scope, files) for request in workload.requests)
    return replace(workload, requests=filled)


def _filled(request: Request, scope: Scope, files: Mapping[str, bytes]) -> Request:
    body = request.body
    if isinstance(body, Multipart):
        return replace(request, body=Multipart(tuple(_part(request, part, files) for part in body.parts)))
    if not isinstance(body, FileBody):
        return request
    content = _content(request, body, files)
    if not body.is_json:
        return replace(request, body=content)
    try:
        return replace(request, body=json_of(content, scope, f"request.{request.name}.json"))
    except WorkloadError as error:
        raise WorkloadError(f"request.{request.name}.json: {body.name}: {error}") from None


def _part(request: Request, part: Part, files: Mapping[str, bytes]) -> Part:
    return _content(request, part, files) if isinstance(part, FileBody) else part


def _content(request: Request, file: FileBody, files: Mapping[str, bytes]) -> bytes:
    if file.name not in files:
        raise WorkloadError(f"request.{request.name}: the file {file.name!r} is missing")
    return files[file.name]
