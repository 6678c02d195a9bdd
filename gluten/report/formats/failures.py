"""The first failures of a run as HTML: what was sent, and what was answered, one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.formats.markup import escape


def failure_list(failures: Sequence[Mapping[str, Any]]) -> str:
    """Each failure as a line that opens."""
    return "".join(f"<details><summary>{_summary(one)}</summary>{_exchange(one)}</details>" for one in failures)


def _summary(one: Mapping[str, Any]) -> str:
    where = f"first in second {one['second']} on {one['node']}"
    return f"<strong>{escape(one['request'])}</strong> {escape(one['kind'])}: {one['count']:,} times, {escape(where)}"


def _exchange(one: Mapping[str, Any]) -> str:
    sent, answer = one["sent"], one["answer"]
    lines = [f"{sent['method']} {sent['url']}", *_rest(sent)]
    if answer is None:
        answered = one["text"] or "no response"
    else:
        answered = "\n".join([f"status {answer['status']}", *_rest(answer)])
    trace = f"<p>trace {escape(one['trace'])}</p>" if one.get("trace") else ""
    return f"<pre>{escape(chr(10).join(lines))}</pre><pre>{escape(answered)}</pre>{trace}"


def _rest(part: Mapping[str, Any]) -> list[str]:
    headers = [f"{name}: {value}" for name, value in part["headers"]]
    return [*headers, "", part["body"]] if part["body"] else headers
