"""The first failures of a run as HTML: what was sent, and what was answered, one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gluten.report.formats.markup import escape, panel


def failure_panel(failures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each failure as a line that opens. None where there is no failure."""
    if not failures:
        return []
    items = "".join(
        f"<li><details><summary>{_summary(one)}</summary>{_exchange(one)}</details></li>" for one in failures
    )
    return [panel("First failures", f'<p class="muted">{_EXPLAINED}</p><ul class="failures">{items}</ul>')]


_EXPLAINED = "The first of each kind for each request. Open one to see what was sent and answered."


def _opening(one: Mapping[str, Any]) -> str:
    return f"<details><summary>{_summary(one)}</summary>{_exchange(one)}</details>"


def _summary(one: Mapping[str, Any]) -> str:
    where = f"first in second {one['second']} on {one['node']}"
    return (
        f'<strong>{escape(one["request"])}</strong><span class="up kind">{escape(one["kind"])}</span>'
        f'<span class="num">{one["count"]:,} times</span><span class="muted">{escape(where)}</span>'
    )


def _exchange(one: Mapping[str, Any]) -> str:
    sent, answer = one["sent"], one["answer"]
    lines = [f"{sent['method']} {sent['url']}", *_rest(sent)]
    answered = ["no response came"] if answer is None else [f"status {answer['status']}", *_rest(answer)]
    text = f'<p class="wraps">{escape(one["text"])}</p>' if one.get("text") else ""
    trace = f'<p class="wraps">Trace: <code>{escape(one["trace"])}</code></p>' if one.get("trace") else ""
    return f'{text}{trace}<div class="split">{_message("Sent", lines)}{_message("Answered", answered)}</div>'


def _message(title: str, lines: Sequence[str]) -> str:
    return f'<div class="message"><h3>{title}</h3><pre>{escape(chr(10).join(lines))}</pre></div>'


def _rest(part: Mapping[str, Any]) -> list[str]:
    headers = [f"{name}: {value}" for name, value in part["headers"]]
    return [*headers, "", part["body"]] if part["body"] else headers
