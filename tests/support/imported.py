"""What an import wrote, read back by the project's own reader."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gluten.workload.reader import read, read_top
from gluten.workload.tables.source import parse
from gluten.workload.workload import Workload

Pairs = Sequence[tuple[str, str]]


def read_back(text: str) -> Workload:
    """The workload, with a value for each variable that the file asks of the environment."""
    source = parse(text, "imported.toml")
    given = {name: f"value-of-{name}" for name in source.variables if name != "BASE_URL"}
    top = read_top(source, given)
    return read(source, given, str(top.values["url"]), top.headers, 0)


def har(*entries: dict[str, Any], **log: Any) -> str:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries, **log}}
    )


def entry(
    method: str,
    url: str,
    answer: str = "",
    *,
    status: int = 200,
    sent: Pairs = (),
    given: Pairs = (),
    media: str = "application/json",
    post: tuple[str, str] | None = None,
    at: float = 0.0,
    kind: str = "fetch",
    **more: Any,
) -> dict[str, Any]:
    """An entry as Chrome writes it. `at`: seconds after the recording began. `post`: media type and text."""
    request: dict[str, Any] = {"method": method, "url": url, "httpVersion": "http/2.0", "cookies": []}
    request["headers"] = rows(sent)
    if post is not None:
        request["postData"] = {"mimeType": post[0], "text": post[1]}
    content = {"size": len(answer), "mimeType": media, "text": answer}
    response = {"status": status, "headers": rows(given), "cookies": [], "content": content, "redirectURL": ""}
    minutes, seconds = divmod(at, 60)
    return {
        "startedDateTime": f"2026-05-01T10:{int(minutes):02d}:{seconds:06.3f}Z",
        "time": 10,
        "_resourceType": kind,
        "request": request,
        "response": response,
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": 9, "receive": 1, "ssl": -1},
        **more,
    }


def rows(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
