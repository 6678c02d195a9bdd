"""A workload file from a recording of a browser: HTTP Archive (HAR) 1.2."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gluten.errors import UsageError
from gluten.task.limits import MAX_WORKLOAD
from gluten.workload.importers.har.assets import host_of
from gluten.workload.importers.har.entry import call_of, cookies_sent, cookies_set, left_out, rows, table, text
from gluten.workload.importers.har.session import Session, session_of
from gluten.workload.importers.har.session_steps import LONGEST, cut_pauses, steps_of
from gluten.workload.importers.recording import Call
from gluten.workload.importers.workload_text import File, exports, text_of
from gluten.workload.keys import MAX_STEPS

MOST = MAX_STEPS // 2
"""Calls of a scenario: each is a step, and so is the pause before it."""
_LOAD = (
    "# rate = 1           # sessions/s; without it 10 connections take one session after the other",
    '# duration = "1m"',
)
_WANTED = "a HAR file is what a browser's network panel exports: save all as HAR"


def import_har(content: str, name: str, hosts: Sequence[str] = ()) -> str:
    """`hosts`: only requests to these, if there are any. Raises UsageError for what is no recording, or has no request
    that can be loaded."""
    entries = [entry for entry in _entries(content, name) if not hosts or _host(entry) in map(str.lower, hosts)]
    reasons = [left_out(entry) for entry in entries]
    calls = _calls([entry for entry, why in zip(entries, reasons, strict=True) if not why])
    if not calls:
        where = f" to {', '.join(hosts)}" if hosts else ""
        raise UsageError(f"{name}: none of its {len(entries)} entries{where} is a request of an application: {_WANTED}")
    left = [(why, _host(entry)) for entry, why in zip(entries, reasons, strict=True) if why]
    limit = MOST
    while True:
        session = session_of(calls[:limit])
        whole = _text(session, entries, [*_about(name, session, left, entries)], len(calls) - len(calls[:limit]))
        if len(whole.encode()) < MAX_WORKLOAD:
            return whole
        limit = len(session.calls) // 2


def _entries(content: str, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(content.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: is not JSON: {error}: {_WANTED}") from None
    entries = rows(table(table(found).get("log")).get("entries"))
    if not entries:
        raise UsageError(f"{name}: has no log.entries: {_WANTED}")
    return entries


def _calls(entries: Sequence[dict[str, Any]]) -> list[Call]:
    calls: list[Call] = []
    for entry in entries:
        calls.append(call_of(entry, calls[-1].began if calls else 0.0))
    return sorted(calls, key=lambda call: call.began)


def _host(entry: dict[str, Any]) -> str:
    return host_of(text(table(entry.get("request")).get("url")))


def _text(session: Session, entries: Sequence[dict[str, Any]], about: list[str], over: int) -> str:
    if over + session.dropped:
        last = _count(over + session.dropped, "request")
        about.append(f"Left out: the last {last} of the recording. A file has up to 64, 1,000 steps and 1 MiB.")
    if count := cut_pauses(session.calls):
        about.append(f"{_count(count, 'pause')} of more than {LONGEST:g}s: cut to that.")
    if session.loose:
        about.append(f"No answer of the recording gives these: {_several(session.loose)}.")
        about.append("Where one is a token, it is old by now: write a take for it.")
    about += _cookies(entries)
    about += exports(session.hidden)
    steps = steps_of(session.calls, session.names)
    return text_of(File(about, session.entries, steps, session.base, load=_LOAD))


def _about(
    name: str, session: Session, left: Sequence[tuple[str, str]], entries: Sequence[dict[str, Any]]
) -> Iterator[str]:
    yield f"From the recording {name}, by `gluten.pyz import har`."
    yield "Look it through; `gluten.pyz check FILE --try` sends it once."
    hosts = Counter(host_of(call.place.origin) for call in session.calls)
    yield f"Requests: {_listed(hosts)}. Load only what you may load."
    for why in dict.fromkeys(why for why, _ in left):
        counts = Counter(host or "no host" for reason, host in left if reason == why)
        yield f"Left out, {why}: {_listed(counts, 'of')}."
    if session.hosts:
        hidden = [host_of(origin) for origin in session.hosts]
        yield f"Left out, requests to {_several(hidden)}: a file asks up to 8 hosts."


def _listed(counts: Counter[str], sign: str = "to") -> str:
    named = [f"{count} {sign} {host}" for host, count in counts.most_common(10)]
    more = [f"{len(counts) - 10} more"] if len(counts) > 10 else []
    return ", ".join([*named, *more])


def _several(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _cookies(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Cookies that were there before the recording: a session does not have them."""
    sent = dict.fromkeys(name for entry in entries for name in cookies_sent(entry))
    given = {name for entry in entries for name in cookies_set(entry)}
    if missing := [name for name in sent if name not in given]:
        yield f"Cookies that no answer of the recording set, so sessions do not send them: {_several(missing)}."
        yield "Where the target needs one: record from before the login, or add a header Cookie."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
