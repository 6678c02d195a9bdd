"""Entries and steps as the text of a workload file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gluten.workload.importers.bodies import File as BodyFile
from gluten.workload.importers.hiding import Hidden
from gluten.workload.importers.recording import Body, Entry
from gluten.workload.importers.toml_text import SHORT, block, comment, key, literal, quoted, storable, texts, value
from gluten.workload.json_text import Number, dumps
from gluten.workload.keys import METHODS

_LONGEST_INLINE = 200
_OWN = re.compile(r"\{\{(?!env )")
"""A template that may differ from request to request."""


@dataclass(frozen=True)
class Think:
    """A pause in seconds."""

    seconds: float


@dataclass(frozen=True)
class Repeat:
    times: int
    do: tuple[Any, ...]


Step = str | Think | Repeat


@dataclass(frozen=True)
class File:
    """`about`: the comment at the top. `entries` by name. `load`: lines of `[load]`. `top`: more keys at the top."""

    about: Sequence[str]
    entries: Mapping[str, Entry]
    steps: Sequence[Step] = ()
    base: str = ""
    top: Mapping[str, Any] = field(default_factory=dict)
    load: Sequence[str] = ()
    scenario: str = "recorded"


def text_of(file: File) -> str:
    common, entries = _common(file.entries)
    lines = [*(comment(line) for line in file.about), ""]
    if file.base:
        lines.append(f"url = {quoted(file.base)}")
    lines += [f"{name} = {_written(item)}" for name, item in file.top.items()]
    if common:
        lines.append(f"header = {texts(common)}")
    lines += ["", "[load]", *file.load] if file.load else []
    for name, entry in entries.items():
        lines += ["", *_request(name, entry, file.base)]
    if file.steps:
        lines += ["", "[[scenario]]", f"name = {quoted(file.scenario)}", "do = [", *_steps(file.steps, 1), "]"]
    return storable("\n".join(lines).strip("\n") + "\n")


def exports(hidden: Hidden) -> Iterator[str]:
    """Lines of the comment: what a person exports before a run."""
    if hidden.places:
        yield "Secrets are not in this file. Before a run, export:"
        yield from (f"    export {name}=…    # {place}" for name, place in hidden.places.items())


def _common(entries: Mapping[str, Entry]) -> tuple[list[str], Mapping[str, Entry]]:
    """Headers that every request has, and the requests without them."""
    counts = Counter(line for entry in entries.values() for line in set(entry.headers))
    names = Counter(_name(line) for line in {line for entry in entries.values() for line in entry.headers})
    shared = {line for line, count in counts.items() if count == len(entries) > 1 and names[_name(line)] == 1}
    shared = {line for line in shared if _name(line) != "content-type" and not _OWN.search(line)}
    order = [line for line in next(iter(entries.values())).headers if line in shared] if shared else []
    kept = {
        name: replace(entry, headers=tuple(line for line in entry.headers if line not in shared))
        for name, entry in entries.items()
    }
    return list(dict.fromkeys(order)), kept


def _name(line: str) -> str:
    return line.partition(":")[0].lower()


def _request(name: str, entry: Entry, base: str) -> Iterator[str]:
    yield f"[request.{key(name)}]"
    yield from (comment(note) for note in (*entry.notes, *_files(entry.body)))
    yield from _target(entry, base)
    if entry.headers:
        yield f"header = {texts(entry.headers)}"
    for option, item in entry.extra.items():
        yield f"{option} = {_written(item)}"
    if entry.body.kind:
        yield f"{entry.body.kind} = {body_text(entry.body.kind, entry.body.value)}"
    if entry.checks:
        yield f"check = {texts(entry.checks)}"
    if entry.takes:
        yield f"take = {value(dict(entry.takes))}"


def _files(body: Body) -> Iterator[str]:
    items = list(body.value.values()) if body.kind == "multipart" else [body.value]
    if names := [item for item in items if isinstance(item, BodyFile)]:
        yield f"{', '.join(names)}: looked up beside this file"


def _target(entry: Entry, base: str) -> Iterator[str]:
    path = entry.path if entry.origin == base else entry.origin + entry.path
    if entry.method.lower() in METHODS and entry.method.isupper():
        yield f"{entry.method.lower()} = {quoted(path)}"
    else:
        yield f"method = {quoted(entry.method)}"
        yield f"path = {quoted(path)}"


def body_text(kind: str, item: Any) -> str:
    """A body as TOML: inline where it is short and TOML has all of it; JSON as a text else."""
    if kind == "body" and isinstance(item, BodyFile):
        return quoted(f"@{literal(item)}")
    if kind == "body":
        item = "{{'@'}}" + item[1:] if item.startswith("@") else item
        return block(item) if "\n" in item else quoted(item)
    if kind in ("form", "multipart"):
        return value({name: _parts(kind, one) for name, one in item.items()})
    if isinstance(item, (dict, list)) and len(dumps(item)) <= _LONGEST_INLINE and _depth(item) < 8:
        try:
            return value(item)
        except ValueError:
            pass  # null, or a number that TOML would change
    line = json.dumps(item, ensure_ascii=False) if isinstance(item, str) else dumps(item)
    return quoted(line) if len(line) <= SHORT else block(_pretty(item))


def _parts(kind: str, item: Any) -> Any:
    """A field that begins with @ is no file, unless the recording says so."""
    if isinstance(item, list):
        return [_parts(kind, one) for one in item]
    if isinstance(item, BodyFile):
        return f"@{literal(item)}"
    return "{{'@'}}" + item[1:] if kind == "multipart" and item.startswith("@") else item


def _pretty(item: Any, indent: str = "") -> str:
    """JSON on several lines, whose numbers keep their text."""
    if not isinstance(item, (dict, list)) or not item:
        return dumps(item) if isinstance(item, (Number, dict, list)) else json.dumps(item, ensure_ascii=False)
    inner = indent + "  "
    if isinstance(item, dict):
        lines = [f"{inner}{json.dumps(name, ensure_ascii=False)}: {_pretty(one, inner)}" for name, one in item.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_pretty(one, inner)}" for one in item) + f"\n{indent}]"


def _depth(item: Any) -> int:
    inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _written(item: Any) -> str:
    return texts(item) if isinstance(item, (list, tuple)) else value(item)


def _steps(steps: Sequence[Step], depth: int) -> Iterator[str]:
    yield from ("    " * depth + f"{_step(step)}," for step in steps)


def _step(step: Step) -> str:
    match step:
        case Think():
            return f'{{think = "{step.seconds:g}s"}}'
        case Repeat():
            return f"{{repeat = {step.times}, do = [{', '.join(map(_step, step.do))}]}}"
    return quoted(step)
