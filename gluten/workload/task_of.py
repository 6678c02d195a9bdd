"""The task of a workload file: what the file says, and what was given on top of it.

Order of precedence: what was given, the file, and what stands below it (`gluten.toml`), then the defaults. A rate or
stages replace whichever of the two the file has; a search for the capacity replaces these, and what else says how much
load there is. SLOs are added. A header replaces the file's of its name; if it is `outranking`, a request's own, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gluten.errors import TaskError, WorkloadError
from gluten.task.fields import BY_NAME, default
from gluten.task.parse import with_duration
from gluten.task.task import Task
from gluten.task.toml_scan import Path
from gluten.task.validate import check_field
from gluten.workload.http2 import check_http2
from gluten.workload.keys import LOAD_FIELDS
from gluten.workload.reach import check_once
from gluten.workload.reader import read, read_top
from gluten.workload.tables.requests import merged
from gluten.workload.tables.source import Source, parse
from gluten.workload.workload import Workload

Values = Mapping[str, Any]
"""Fields of a task, typed. What is absent was not said."""

_PACE = {"rate", "stages"}
_LOAD = _PACE | {"duration", "requests", "ramp", "pace"}
"""What a file says of its load, which is of no meaning for a search for the capacity."""
_OF_REQUESTS = ("method", "body")


def task_of(text: str, given: Values, env: Mapping[str, str]) -> Task:
    """The task. `env` has what the file's `env` may ask for. Raises TaskError (`WorkloadError` for the file)."""
    return planned(parse(text), text, given, {}, env)[0]


def pem_files(source: Source, env: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of a task whose texts are in files that the workload names, and the names. Raises `WorkloadError`."""
    return read_top(source, _used(source, env)).pem


def planned(
    source: Source,
    text: str,
    given: Values,
    below: Values,
    env: Mapping[str, str],
    texts: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Task, Workload]:
    """The task and its workload. `below` is what the file outranks. `texts` has the content of `pem_files`."""
    used = _used(source, env)
    _check(given)
    top = read_top(source, used)
    values = layered(given, {**top.values, **texts}, below)
    values["headers"] = merged(merged(below.get("headers", ()), top.headers), given.get("headers", ()))
    values["slo"] = tuple(dict.fromkeys([*below.get("slo", ()), *top.slo, *given.get("slo", ())]))
    values["outranking"] = _outranking(given)
    url = values.get("url", "")
    seed, redirects = values.get("seed", default("seed")), values.get("redirects")
    workload = read(source, used, url, values["headers"], seed, redirects, values["outranking"])
    _check_texts(source, top.pem, values)
    values |= {"workload": text, "env": tuple(used.items()), "url": url or f"{workload.origins[0]}/"}
    fields = with_duration({name: value for name, value in values.items() if name not in _OF_REQUESTS})
    try:
        task = Task(**fields)
    except TaskError as error:
        raise placed(source, error, given) from None
    check_once(source, workload, task.open_loop)
    if task.http2:
        check_http2(source, workload, task.streams)
    return task, workload


def _outranking(given: Values) -> tuple[str, ...]:
    """The names of the given headers that replace a request's own, too."""
    names = {name.lower() for name, _ in given.get("headers", ())}
    return tuple(sorted(names & {name.lower() for name in given.get("outranking", ())}))


def _used(source: Source, env: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that the file names."""
    return {name: env[name] for name in sorted(source.variables & env.keys())}


def _check_texts(source: Source, files: Mapping[str, str], values: Values) -> None:
    """Raises TaskError, of the field, for a text that did not come with the workload: only a command line has files."""
    for name, file in files.items():
        if not values.get(name):
            message = f"the text of {file!r} did not come with the workload: give it in the task's field {name}"
            raise TaskError(name, str(source.error(("load", name), message)))


def placed(source: Source, error: TaskError, given: Values) -> TaskError:
    """The error with file, line and key, if the field has the file's value and not a given one. It stays of its
    field, so that a form marks that."""
    path = _path(source, error)
    if isinstance(error, WorkloadError) or not path or (error.field in given and error.field != "slo"):
        return error
    return TaskError(error.field, str(source.error(path, str(error).partition(": ")[2])))


def _path(source: Source, error: TaskError) -> Path:
    """Where the file says the field; empty if it does not."""
    if error.field == "slo":
        slos = source.document.get("slo", [])
        texts = slos if isinstance(slos, list) else [slos]
        return next((("slo", place) for place, text in enumerate(texts) if f"slo: {text!r}" in str(error)), ())
    load = source.document.get("load", {})
    return next((("load", key) for key in load if LOAD_FIELDS[key].name == error.field), ())


def with_files(task: Task, files: Mapping[str, str]) -> Task:
    """The task with the SHA-256 of each file that its workload names."""
    return task._replace(files=tuple(sorted(files.items())))


def layered(*levels: Values) -> dict[str, Any]:
    """The values of the first level that has them; rate and stages are one."""
    found: dict[str, Any] = {}
    for level in levels:
        said = {name: value for name, value in level.items() if value is not None and value != ()}
        if found.get("find_capacity"):
            said = {name: value for name, value in said.items() if name not in _LOAD}
        elif found.keys() & _PACE:
            said = {name: value for name, value in said.items() if name not in _PACE}
        found = said | found
    return found


def _check(given: Values) -> None:
    """Raises TaskError for a value that no task may have, before it is mixed with those of the file."""
    for name, value in given.items():
        if name in _OF_REQUESTS and value != default(name):
            raise TaskError(name, f"{name}: each request of a workload has its own: write it into the file")
        if value is not None:
            check_field(BY_NAME[name], value)
