"""Recorded calls as named requests: takes, secrets, names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from gluten.workload.importers.filling import Filling
from gluten.workload.importers.har.assets import host_of, site_of
from gluten.workload.importers.har.sources import found
from gluten.workload.importers.har.takes import Plan, plan_of
from gluten.workload.importers.hiding import Hidden
from gluten.workload.importers.names import free, request_name
from gluten.workload.importers.recording import Call, Entry
from gluten.workload.importers.request_headers import is_unique
from gluten.workload.importers.spots import rewrite
from gluten.workload.keys import MAX_HOSTS, MAX_REQUESTS


@dataclass(frozen=True)
class Session:
    """`names` has the request of each of the `calls`. `dropped`: calls behind the last that fits into a file. `loose`:
    values that look like tokens, and that no answer gave."""

    base: str
    entries: Mapping[str, Entry]
    names: Sequence[str]
    calls: Sequence[Call]
    hidden: Hidden
    loose: Sequence[str] = ()
    dropped: int = 0
    hosts: Sequence[str] = ()


def session_of(calls: Sequence[Call]) -> Session:
    """As many of the calls as make 64 requests to 8 hosts."""
    counts = Counter(call.place.origin for call in calls)
    base = next((call.place.origin for call in calls if call.page), counts.most_common(1)[0][0])
    kept = set(_by_rank(counts, base)[:MAX_HOSTS])
    within = [call for call in calls if call.place.origin in kept]
    total = len(within)
    while True:
        session = _session(within, base)
        if len(session.entries) <= MAX_REQUESTS:
            break
        last = list(session.entries)[MAX_REQUESTS]
        within = within[: session.names.index(last)]
    return replace(session, dropped=total - len(within), hosts=[one for one in counts if one not in kept])


def _by_rank(counts: Counter[str], base: str) -> list[str]:
    """The base, then what is of its site, then the others; those that are asked most first."""
    site = site_of(host_of(base))
    found = [origin for origin, _ in counts.most_common()]
    return sorted(found, key=lambda origin: (origin != base, site_of(host_of(origin)) != site))


def _session(calls: Sequence[Call], base: str) -> Session:
    plan, hidden = plan_of(calls, base), Hidden()
    labels = [request_name(call.method, call.place.path, call.operation) for call in calls]
    for index, call in enumerate(calls):  # once before, so that a secret is hidden wherever it stands
        rewrite(call, _filling(plan, index, hidden, base, labels[index]).write)
    fillings = [_filling(plan, index, hidden, base, labels[index]) for index in range(len(calls))]
    drafts = [_draft(call, filling, hidden) for call, filling in zip(calls, fillings, strict=True)]
    takes = _takes(calls, drafts, plan, fillings)
    entries = [replace(draft, takes=taken) for draft, taken in zip(drafts, takes, strict=True)]
    named, names = _named(entries, labels)
    loose = [
        f"{name} of {used}" for filling, used in zip(fillings, names, strict=True) for name in filling.loose if name
    ]
    return Session(base, named, names, calls, hidden, list(dict.fromkeys(loose)))


def _filling(plan: Plan, index: int, hidden: Hidden, base: str, label: str) -> Filling:
    return Filling(plan.holds.get(index, ()), hidden, base, label)


def _draft(call: Call, filling: Filling, hidden: Hidden) -> Entry:
    entry = rewrite(call, filling.write)
    headers = tuple(
        f"{name}: {{{{uuid}}}}" if is_unique(name) else line
        for (name, _), line in zip(call.headers, entry.headers, strict=True)
    )
    if call.place.user:
        variable = hidden.name(unquote(call.place.user), "USER_INFO", "user:password of a URL")
        headers = (*headers, f"Authorization: Basic {{{{base64 env {variable}}}}}")
    notes = (f"left out: {entry.body.lost}",) if entry.body.lost else ()
    return replace(entry, headers=headers, checks=_checks(call.answer.status), notes=notes)


def _checks(status: int) -> tuple[str, ...]:
    """What was answered is expected. An answer from a cache (304) says nothing about one without."""
    return () if status in (0, 304) else (f"status == {status}",)


def _takes(
    calls: Sequence[Call], drafts: Sequence[Entry], plan: Plan, fillings: Sequence[Filling]
) -> list[dict[str, str]]:
    """The takes of each call that a later call uses; and those of its like, where they do no harm."""
    last: dict[str, list[tuple[int, int]]] = {}
    takes: list[dict[str, str]] = []
    for index in range(len(calls)):
        taken: dict[str, str] = {}
        for name, take in plan.takes.get(index, {}).items():
            users = [user for user in plan.users[index, name] if name in fillings[user].used]
            if users:
                taken[name] = take
                last.setdefault(name, []).append((index, max(users)))
        takes.append(taken)
    _adopt(calls, drafts, takes, last)
    return takes


def _adopt(
    calls: Sequence[Call],
    drafts: Sequence[Entry],
    takes: list[dict[str, str]],
    live: Mapping[str, Sequence[tuple[int, int]]],
) -> None:
    """Give a call the takes of another that asks the same, so that both are one request: where the answer has them,
    and where nothing needs what the name holds at that time."""
    like: dict[str, dict[str, str]] = {}
    for draft, taken in zip(drafts, takes, strict=True):
        if taken:
            known = like.setdefault(draft.identity(), taken)
            like[draft.identity()] = {**taken, **known}
    for index, draft in enumerate(drafts):
        wanted = like.get(draft.identity(), {})
        missing = {name: take for name, take in wanted.items() if name not in takes[index]}
        harmless = all(
            not any(start < index < end for start, end in live[name]) and found(take, calls[index].answer) is not None
            for name, take in missing.items()
        )
        if harmless and all(wanted[name] == take for name, take in takes[index].items()):
            takes[index] = dict(wanted)


def _named(entries: Sequence[Entry], labels: Sequence[str]) -> tuple[dict[str, Entry], list[str]]:
    """The distinct requests by name, and the name of each call."""
    by_identity: dict[str, str] = {}
    named: dict[str, Entry] = {}
    names = []
    for entry, label in zip(entries, labels, strict=True):
        identity = entry.identity()
        if identity not in by_identity:
            by_identity[identity] = free(label, named)
            named[by_identity[identity]] = entry
        names.append(by_identity[identity])
    return named, names
