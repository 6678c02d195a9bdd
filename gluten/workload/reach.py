"""Is each name defined, and each request and feed used? What has no effect is refused, not ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gluten.task.toml_scan import Path
from gluten.workload.hints import meant, nearest
from gluten.workload.order import Need, needs
from gluten.workload.tables.source import Source
from gluten.workload.templates.functions import EVERY_NAME
from gluten.workload.templates.values import Names
from gluten.workload.workload import Workload


def check_reach(source: Source, workload: Workload) -> None:
    """Raises `WorkloadError` for the first name that nothing defines, or that nothing can have taken where it is
    needed, and for the first request or feed that nothing uses."""
    reach = _Reach(source, workload)
    reach.check_clashes()
    for path, names in _places(workload):
        reach.check_names(path, names)
    for need in needs(workload):
        reach.check_taken(need)
    reach.check_requests()
    reach.check_around()
    reach.check_feeds()


def check_once(source: Source, workload: Workload, open_loop: bool) -> None:
    """Raises `WorkloadError` where `once` has no effect: only a connection of a closed loop has a first session."""
    for index, scenario in enumerate(workload.scenarios):
        if scenario.once and open_loop:
            message = "belongs to a closed loop: at a rate, write these requests at the start of do"
            raise source.error(("scenario", index, "once"), message)


def _places(workload: Workload) -> Iterator[tuple[Path, Names]]:
    yield from ((("vars", name), template.names) for name, template in workload.vars.items())
    yield from ((("request", request.name), request.names) for request in workload.requests)
    yield from ((("scenario", index), scenario.names) for index, scenario in enumerate(workload.scenarios))


@dataclass(frozen=True)
class _Reach:
    source: Source
    workload: Workload

    @property
    def _feeds(self) -> Mapping[str, Sequence[str]]:
        return {feed.name: feed.columns for feed in self.workload.feeds}

    def _takers(self) -> Iterator[tuple[str, str]]:
        """Each name that is taken, and a request that takes it."""
        return ((name, request.name) for request in self.workload.requests for name, _ in request.takes)

    def check_clashes(self) -> None:
        for name in self._feeds:
            if name in self.workload.vars:
                raise self.source.error(("vars", name), "is a feed, too: call one of them otherwise")
        for name, request in self._takers():
            if name in self._feeds:
                path: Path = ("request", request, "take", name)
                raise self.source.error(path, "is a feed, too: call one of them otherwise")

    def check_names(self, path: Path, names: Names) -> None:
        """Is each name defined anywhere?"""
        known = self.workload.vars.keys() | dict(self._takers()).keys()
        for word in sorted(names.words - known):
            if word in self._feeds:
                raise self.source.error(path, f"{word} is a feed: name a column of it, such as {{{{{word}.COLUMN}}}}")
            hint = nearest(word, [*sorted(known), *EVERY_NAME])
            raise self.source.error(
                path, f"{word} is neither a var nor a function, and no request before it takes it{hint}"
            )
        self._check_columns(path, names)

    def _check_columns(self, path: Path, names: Names) -> None:
        feeds = self._feeds
        for feed, column in sorted(names.columns):
            if feed not in feeds:
                hint = meant(feed, feeds) or ": write [[feed]] with name and file"
                raise self.source.error(path, f"{feed}.{column}: there is no feed {feed}{hint}")
            if feeds[feed] and column not in feeds[feed]:
                has = nearest(column, feeds[feed]) or f": it has {', '.join(feeds[feed])}"
                raise self.source.error(path, f"{feed}.{column}: the feed has no such column{has[:300]}")

    def check_taken(self, need: Need) -> None:
        """Can each name have been taken before it is needed?"""
        words = self.workload.behind(need.names).words
        for word in sorted(words - self.workload.vars.keys() - need.taken):
            taker = dict(self._takers())[word]
            raise self.source.error(
                need.path, f"{word} is no var, and no request before it{need.where} takes it; {taker} does"
            )

    def check_requests(self) -> None:
        used = {request.name for request in self.workload.measured}
        used |= {self.workload.requests[place].name for place in (*self.workload.setup, *self.workload.teardown)}
        for request in self.workload.requests:
            if request.name not in used:
                raise self.source.error(("request", request.name), "no scenario sends it: write its name into a do")

    def check_around(self) -> None:
        for key, places in (("setup", self.workload.setup), ("teardown", self.workload.teardown)):
            for request in (self.workload.requests[place] for place in places):
                for feed in sorted(self.workload.feeds_of(request)):
                    message = f"{request.name} names the feed {feed}: only sessions have rows"
                    raise self.source.error((key,), message)

    def check_feeds(self) -> None:
        """What the file uses in a header that the command line replaces is no error."""
        used = self.workload.used_feeds
        used |= frozenset().union(*(self.workload.behind(one.replaced).feeds for one in self.workload.requests))
        for index, name in enumerate(self._feeds):
            if name not in used:
                message = f"no request uses {name}: name a column, such as {{{{{name}.COLUMN}}}}"
                raise self.source.error(("feed", index), message)
