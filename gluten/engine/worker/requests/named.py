"""One named request in a worker: its bytes, and the memory of its responses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gluten.engine.worker.http1.response import Responses
from gluten.engine.worker.recording.recorder import Recorder

# A task that is one URL needs no workload: its modules are not loaded then.
if TYPE_CHECKING:
    from gluten.engine.worker.requests.expectations import Expectations
    from gluten.workload.templates.values import Row, Values

Write = Callable[["Values"], bytes]


class Named:
    """`constant`: its bytes, if they are the same each time; else `write` makes them. `host`: the number of the host
    that it goes to. `feeds`: the names of the feeds that it uses. `timeout` is in seconds. `seen`: the kinds of its
    failures of which one was kept.

    `careful`: what follows from a response does not follow from its bytes alone.
    `redirects`: how many redirects are followed; `redirected` records their responses. `own_cookies`: its headers say
    which cookies it sends. `keeps`: the whole body of a response is kept, because a check needs it. The argument
    `keeps` says that a later step looks at the response: then none is known by its bytes alone. `head` is that of its
    last response, where somebody looks into responses. `of_row`: its bytes follow from the row of its only feed.
    `of_rows`: those of rows that were sent, with the row.
    """

    __slots__ = ("careful", "constant", "expectations", "feeds", "head", "host", "keeps", "known", "name",
                 "of_row", "of_rows", "own_cookies", "recorder", "redirected", "redirects", "responses", "seen",
                 "text", "timeout", "write")  # fmt: skip

    def __init__(
        self,
        name: str,
        recorder: Recorder,
        responses: Responses,
        constant: bytes | None = None,
        write: Write | None = None,
        expectations: Expectations | None = None,
        timeout: float = math.inf,
        host: int = 0,
        feeds: Sequence[str] = (),
        traced: bool = False,
        redirects: int = 0,
        redirected: Recorder | None = None,
        own_cookies: bool = False,
        keeps: bool = False,
        of_row: bool = False,
    ) -> None:
        self.name, self.recorder, self.responses = name, recorder, responses
        self.constant, self.write, self.expectations = constant, write, expectations
        self.timeout, self.host, self.feeds = timeout, host, tuple(feeds)
        self.careful = traced or keeps or (expectations is not None and not expectations.of_bytes)
        self.head = None if expectations is None else expectations.head
        self.known = recorder.exact.get
        self.text = constant or b""
        self.seen: set[str] = set()
        self.redirects, self.redirected, self.own_cookies = redirects, redirected, own_cookies
        self.of_row = of_row and not traced
        self.of_rows: dict[int, tuple[Row, bytes]] = {}
        self.keeps = keeps or (expectations is not None and expectations.of_body)


Draw = Callable[[], tuple[Named, bytes]]
"""The next request and its bytes. It raises `Unwritable` and `RowsUsed`."""


class Unwritable(Exception):
    """A template gave a value that cannot be sent."""

    def __init__(self, request: Named, text: str) -> None:
        super().__init__(text)
        self.request = request
