"""A workload file from a curl command, as browsers copy it and API documentation shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gluten.errors import UsageError
from gluten.workload.importers.curl.options import Option, options_of
from gluten.workload.importers.curl.request import REDIRECTS, Asked, asked_by, call_of
from gluten.workload.importers.curl.shell_words import commands, words_of
from gluten.workload.importers.filling import Filling
from gluten.workload.importers.hiding import Hidden
from gluten.workload.importers.names import free, request_name
from gluten.workload.importers.recording import Call, Entry
from gluten.workload.importers.request_headers import can_be_sent, kept
from gluten.workload.importers.spots import HEADER, Spot, rewrite
from gluten.workload.importers.strength import WEAK, strength
from gluten.workload.importers.toml_text import literal, quoted, texts
from gluten.workload.importers.workload_text import File, exports, text_of
from gluten.workload.keys import MAX_HOSTS, MAX_REQUESTS

_ALLOWED = ("accept-encoding", "cache-control", "pragma", "host", "referer", "origin")
"""Headers that a person wrote on purpose."""


def import_curl(command: str) -> str:
    """Raises UsageError for what is no curl command, or names no URL."""
    pairs = [(asked, call_of(asked, url)) for asked in _every(command) for url in asked.urls]
    if not pairs:
        raise UsageError("the curl command: names no URL: write import curl 'curl https://…'")
    if len(pairs) > MAX_REQUESTS or len({call.place.origin for _, call in pairs}) > MAX_HOSTS:
        raise UsageError(
            f"the curl command: up to {MAX_REQUESTS} requests to {MAX_HOSTS} hosts fit into a workload file"
        )
    hidden = Hidden()
    _entries(pairs, hidden)  # once before, so that a secret is hidden wherever it stands
    entries = _entries(pairs, hidden)
    about = [
        "From a curl command, by `gluten.pyz import curl`.",
        *_notes([asked for asked, _ in pairs]),
        *exports(hidden),
    ]
    steps = list(entries) if len(entries) > 1 else []
    load = _load([asked for asked, _ in pairs])
    return text_of(File(about, entries, steps, pairs[0][1].place.origin, _top(pairs[0][0]), load, "commands"))


def _every(command: str) -> Iterator[Asked]:
    """Each request of each command: curl's `--next` begins another."""
    found = [
        words for words in commands(words_of(command)) if words and words[0].rsplit("/", 1)[-1] in ("curl", "curl.exe")
    ]
    if not found:
        raise UsageError("the curl command: must begin with curl: write import curl 'curl https://…'")
    for words in found:
        options: list[Option] = []
        for option in [*options_of(words[1:]), Option("next", "", "")]:
            if option.name == "next":
                yield asked_by(options)
                options = []
            else:
                options.append(option)


def _entries(pairs: Sequence[tuple[Asked, Call]], hidden: Hidden) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for asked, call in pairs:
        label = request_name(call.method, call.place.path)
        entries[free(label, entries)] = _entry(asked, call, hidden, label)
    return entries


def _entry(asked: Asked, call: Call, hidden: Hidden, label: str) -> Entry:
    filling = Filling((), hidden, call.place.origin, label)
    headers = [pair for pair in call.headers if _is_meant(pair, call)]
    entry = rewrite(replace(call, headers=tuple(headers)), filling.write)
    lines = list(entry.headers)
    if asked.cookies:
        lines.append(f"Cookie: {'; '.join(_cookie(pair, hidden, label) for pair in _pairs(asked.cookies))}")
    if asked.bearer:
        variable = hidden.name(asked.bearer, "BEARER_TOKEN", f"--oauth2-bearer of {label}")
        lines.append(f"Authorization: Bearer {{{{env {variable}}}}}")
    extra: dict[str, Any] = {}
    if user := asked.user or call.place.user:
        extra["basic"] = _basic(user, hidden, label)
    if asked.timeout:
        extra["timeout"] = f"{asked.timeout:g}s"
    notes = [f"left out: {entry.body.lost}"] if entry.body.lost else []
    return replace(entry, headers=tuple(lines), extra=extra, notes=(*asked.notes, *notes))


def _is_meant(pair: tuple[str, str], call: Call) -> bool:
    return bool(kept("POST", (pair,), call.body)) or (pair[0].lower() in _ALLOWED and can_be_sent(*pair))


def _pairs(cookies: Sequence[str]) -> list[str]:
    pairs = [pair.strip() for text in cookies for pair in text.split(";")]
    return [pair for pair in pairs if pair and can_be_sent("Cookie", pair)]


def _cookie(pair: str, hidden: Hidden, label: str) -> str:
    """A cookie that tells who somebody is becomes a variable."""
    name, equals, value = pair.partition("=")
    written = Filling((), hidden, "", label).write(Spot(HEADER, name, value))
    if "{{env" not in written and strength(value) >= WEAK:
        written = f"{{{{env {hidden.name(value, f'COOKIE_{name}', f'cookie {name} of {label}')}}}}}"
    return literal(name) + equals + written


def _basic(user: str, hidden: Hidden, label: str) -> str:
    name, _, password = user.partition(":")
    variable = hidden.name(password, "PASSWORD", f"password of the user of {label}")
    return f"{literal(name)}:{{{{env {variable}}}}}"


def _top(asked: Asked) -> dict[str, Any]:
    redirects = min(asked.redirects, REDIRECTS if asked.most is None else asked.most)
    return {"redirects": redirects} if redirects else {}


def _load(all_asked: Sequence[Asked]) -> list[str]:
    lines = ["# rate = 10          # requests/s; without it as fast as answers come", '# duration = "10s"']
    if any(asked.insecure for asked in all_asked):
        lines.append("insecure = true")
    if any(asked.http2 for asked in all_asked):
        lines.append("http2 = true")
    if found := [text for asked in all_asked for text in asked.resolve]:
        lines.append(f"resolve = {texts(dict.fromkeys(found)) if len(found) > 1 else quoted(found[0])}")
    return lines


def _notes(all_asked: Sequence[Asked]) -> Iterator[str]:
    if left := list(dict.fromkeys(text for asked in all_asked for text in asked.left_out)):
        yield f"Options of curl that have no counterpart here: {', '.join(left)}."
