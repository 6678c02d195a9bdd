"""A workload file from an OpenAPI 3.x or Swagger 2.0 document: a request for each operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gluten.errors import UsageError
from gluten.task.limits import MAX_WORKLOAD
from gluten.workload.importers.hiding import Hidden
from gluten.workload.importers.names import clean, free, request_name
from gluten.workload.importers.openapi.operations import Operation, operations_of
from gluten.workload.importers.openapi.requests import Requests
from gluten.workload.importers.openapi.security import access_of
from gluten.workload.importers.openapi.tree import Tree, items, table, text, tree_of
from gluten.workload.importers.recording import Entry, place_of
from gluten.workload.importers.toml_text import literal
from gluten.workload.importers.workload_text import File, exports, text_of
from gluten.workload.keys import MAX_REQUESTS

_ELSEWHERE = "{{env BASE_URL http://127.0.0.1:8080}}"
_LOAD = ("# rate = 10          # requests/s; without it as fast as answers come", '# duration = "10s"')


def import_openapi(content: str, name: str) -> str:
    """Raises UsageError for what is no such document, or has no operation."""
    tree = tree_of(content, name)
    operations = list(operations_of(tree))
    if not operations:
        raise UsageError(f"{name}: has no operation under paths: there is nothing to send")
    kept = operations[:MAX_REQUESTS]
    while True:
        whole = _text(tree, name, kept, len(operations))
        if len(whole.encode()) < MAX_WORKLOAD:
            return whole
        kept = kept[: len(kept) // 2]


def _text(tree: Tree, name: str, operations: Sequence[Operation], total: int) -> str:
    hidden, base = Hidden(), _base(tree)
    requests, entries = Requests(tree, base), dict[str, Entry]()
    for operation in operations:
        label = clean(operation.name) if operation.name else request_name(operation.method, _named(operation.path))
        entry = requests.entry(operation, access_of(tree, operation.security, hidden))
        entries[free(label, entries)] = entry
    about = [*_about(tree, name, base, entries, total), *exports(hidden)]
    return text_of(File(about, entries, base=base, load=_LOAD))


def _named(path: str) -> str:
    return re.sub(r"[{}]", "", path)


def _about(tree: Tree, name: str, base: str, entries: dict[str, Entry], total: int) -> Iterator[str]:
    title = text(table(tree.root.get("info")).get("title"))
    yield f"{title or 'An API'}: from {name}, by `gluten.pyz import openapi`."
    yield "Each operation is a request; give them weights, or put them into the order of a [[scenario]]."
    if base.startswith(_ELSEWHERE):
        yield "The document names no host. Before a run, export BASE_URL=https://HOST, or give --url."
    if len(entries) < total:
        left = f"{total - len(entries)} of {total} operations"
        yield f"Left out: {left}. A file has up to 64 requests, and 1 MiB of text."
    if wild := [one for one, entry in entries.items() if entry.method == "DELETE"]:
        yield f"These delete: {', '.join(wild[:10])}{' …' if len(wild) > 10 else ''}."


def _base(tree: Tree) -> str:
    """The first server, if it says a host; else what BASE_URL says, with the server's path."""
    url = _old_server(tree) if tree.is_old else _server(tree)
    place = place_of(url)
    if place is not None and not re.search("[?#{]", url):
        return place.origin + place.path.rstrip("/")
    path = "" if "://" in url or not re.fullmatch(r"/[\w./~-]*", url) else url.rstrip("/")
    return _ELSEWHERE + literal(path)


def _server(tree: Tree) -> str:
    server = table(next(iter(items(tree.root.get("servers"))), None))
    variables = table(server.get("variables"))

    def default(found: re.Match[str]) -> str:
        return text(table(variables.get(found[1])).get("default")) or found[0]

    return re.sub(r"\{([^{}]+)\}", default, text(server.get("url")))


def _old_server(tree: Tree) -> str:
    host, path = text(tree.root.get("host")), text(tree.root.get("basePath"))
    schemes = [scheme for scheme in items(tree.root.get("schemes")) if scheme in ("https", "http")]
    scheme = "https" if "https" in schemes or not schemes else "http"
    return f"{scheme}://{host}{path}" if host else path
