"""Is each name defined, and each feed used? What has no effect is refused, not ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gluten.task.toml_scan import Path
from gluten.workload.hints import nearest
from gluten.workload.tables.source import Source
from gluten.workload.templates.functions import EVERY_NAME
from gluten.workload.templates.values import Names
from gluten.workload.workload import Workload


def check_reach(source: Source, workload: Workload) -> None:
    """Raises `WorkloadError` for the first name that nothing defines, and the first feed that nothing uses."""
    feeds = {feed.name: feed.columns for feed in workload.feeds}
    for name in feeds:
        if name in workload.vars:
            raise source.error(("vars", name), "is a feed, too: call one of them otherwise")
    for path, names in _places(workload):
        _check_names(source, path, names, feeds, workload.vars)
    used = frozenset[str]().union(*(workload.feeds_of(request) for request in workload.requests))
    for index, name in enumerate(feeds):
        if name not in used:
            raise source.error(("feed", index), f"no request uses {name}: name a column, such as {{{{{name}.COLUMN}}}}")


def _places(workload: Workload) -> Iterable[tuple[Path, Names]]:
    yield from ((("vars", name), template.names) for name, template in workload.vars.items())
    yield from ((("request", request.name), request.names) for request in workload.requests)


def _check_names(
    source: Source, path: Path, names: Names, feeds: Mapping[str, Sequence[str]], variables: Iterable[str]
) -> None:
    for word in sorted(names.words):
        if word in feeds:
            raise source.error(path, f"{word} is a feed: name a column of it, such as {{{{{word}.COLUMN}}}}")
        if word not in variables:
            known = nearest(word, [*variables, *EVERY_NAME])
            raise source.error(
                path, f"{word} is neither a var nor a function, and no request before it takes it{known}"
            )
    for feed, column in sorted(names.columns):
        if feed not in feeds:
            raise source.error(path, f"{feed}.{column}: there is no feed {feed}{nearest(feed, feeds)}")
        if feeds[feed] and column not in feeds[feed]:
            has = nearest(column, feeds[feed]) or f": it has {', '.join(feeds[feed])}"
            raise source.error(path, f"{feed}.{column}: the feed has no such column{has[:300]}")
