"""`[[feed]]`: the feeds of the file."""

from __future__ import annotations

from typing import Any

from gluten.task.toml_scan import Path
from gluten.workload.keys import MAX_FEEDS, SUFFIXES, Place
from gluten.workload.tables.entries import Reader
from gluten.workload.tables.names import check_name
from gluten.workload.workload import Feed


def read_feeds(reader: Reader, tables: Any) -> tuple[Feed, ...]:
    if not isinstance(tables, list):
        raise reader.source.error(("feed",), "is a list of tables: write [[feed]]")
    if len(tables) > MAX_FEEDS:
        raise reader.source.error(("feed",), f"there are {len(tables)} feeds; at most {MAX_FEEDS}")
    feeds: dict[str, Feed] = {}
    for index, table in enumerate(tables):
        feed = _feed(reader, table, ("feed", index))
        if feed.name in feeds:
            raise reader.source.error(("feed", index, "name"), f"there are two feeds {feed.name}")
        feeds[feed.name] = feed
    return tuple(feeds.values())


def _feed(reader: Reader, table: Any, path: Path) -> Feed:
    values = reader.table(Place.FEED, table, path)
    for name in ("name", "file"):
        if not values.get(name):
            raise reader.source.error(path, f"{name} is missing")
    check_name(reader.source, (*path, "name"), values["name"])
    for name, message in _conflicts(values, set(table)):
        raise reader.source.error((*path, name), message)
    return Feed(**values)


def _conflicts(values: dict[str, Any], given: set[str]) -> list[tuple[str, str]]:
    """Keys that do not fit together, with what to do."""
    name = values["file"]
    rules = [
        ("file", not name.endswith(SUFFIXES), f"{name[-60:]!r}: must end in {', '.join(SUFFIXES)}"),
        (
            "at_end",
            "at_end" in given and values["pick"] != "unique",
            'belongs to pick = "unique": the others do not end',
        ),
        ("per", values["per"] == "request" and values["pick"] != "random", 'request belongs to pick = "random"'),
        ("separator", "separator" in given and not name.endswith(".csv"), "belongs to a .csv file"),
        (
            "separator",
            len(values["separator"]) != 1 or values["separator"] == '"',
            "must be one character, and no quote",
        ),
    ]
    return [(key, message) for key, wrong, message in rules if wrong]
