"""Reports of runs that are not in the store yet, in a file for the reading process: a JSON line a report, and a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import IO, Any, cast

from gluten.documents import ReportDocument


def write(file: IO[bytes], reports: Iterable[ReportDocument], give_way: Callable[[], None]) -> None:
    """`give_way` is called after each line."""
    for report in reports:
        head: dict[str, Any] = {**report, "seconds": len(report["seconds"])}
        for value in (head, *report["seconds"]):
            file.write(json.dumps(value).encode() + b"\n")
            give_way()


def read(file: IO[bytes]) -> dict[str, ReportDocument]:
    """The reports by the ids of their runs."""
    found: dict[str, ReportDocument] = {}
    while line := file.readline():
        head = json.loads(line)
        head["seconds"] = [json.loads(file.readline()) for _ in range(head["seconds"])]
        found[head["id"]] = cast(ReportDocument, head)
    return found
