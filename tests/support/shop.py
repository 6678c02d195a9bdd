"""A shop with a ledger, for the tests of sessions. It is a real HTTP/1.1 server in a process of its own.

    with Shop() as shop:
        ...  # load shop.url
        ledger = shop.ledger()
        assert ledger.by_kind() == {"login": 10, "product": 20}
        assert ledger.problems == []
        assert set(ledger.sessions().values()) == {("login", "product", "product")}

| what is asked | what is answered |
| --- | --- |
| POST /api/login, JSON `name`, `password` ("pw-" and the name), `n` | 200, JSON `token`, cookie `session`; or 401 |
| GET /api/products/ID with the bearer token and its cookie | 200, JSON `id`, `price`, `left`; or 401, 403, 404, 503 |
| POST /api/cart, JSON `order` that is new, with both | 201, Location of the cart; or 409 |
| POST {cart}/payment with both | 200, JSON `state`; or 409 for another's cart, and one that is paid |
| GET /old, GET /away | 302 to /new; 302 to /landed on another port, which must not get the token |
| GET /form, POST /form | a page with a hidden `csrf` and a cookie; 303 to /done, or 403 |
| GET /home, /new, /done | 200 |

Whatever a client that works right never sends is a problem in the ledger. `idle`: connections that are idle for so many
seconds are closed, as node does. `fail_each`: products whose number is a multiple of it answer 503.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from tests.support.e2e.programs import ROOT
from tests.support.shop_ledger import Entry


@dataclass(frozen=True)
class Ledger:
    """Everything that was asked, in the order of the answers."""

    entries: tuple[Entry, ...]

    def by_kind(self, *, status: Iterable[int] | None = None) -> dict[str, int]:
        """How many requests of each kind there were; of these statuses alone."""
        return dict(Counter(one.kind for one in self.entries if status is None or one.status in status))

    def by_path(self) -> dict[str, int]:
        """How many requests of each path there were, without the query."""
        return dict(Counter(one.path.partition("?")[0] for one in self.entries))

    def sessions(self) -> dict[int, tuple[str, ...]]:
        """The kinds of each session's requests, in their order."""
        found: dict[int, list[str]] = {}
        for one in self.entries:
            if one.session is not None:
                found.setdefault(one.session, []).append(one.kind)
        return {session: tuple(kinds) for session, kinds in found.items()}

    def names(self) -> dict[int, str]:
        """Who each session is."""
        return {one.session: one.name for one in self.entries if one.kind == "login" and one.session is not None}

    def times(self) -> dict[int, list[float]]:
        """When each session's requests were answered, as Unix time."""
        found: dict[int, list[float]] = {}
        for one in self.entries:
            if one.session is not None:
                found.setdefault(one.session, []).append(one.at)
        return found

    @cached_property
    def problems(self) -> list[str]:
        """What was sent that must not be."""
        return [f"{one.method} {one.path}: {one.problem}" for one in self.entries if one.problem]

    @property
    def connections(self) -> int:
        """How many connections asked for something."""
        return len({one.connection for one in self.entries})


class Shop:
    """Open while it is entered. `url` and `second` are two origins of the same shop."""

    def __init__(self, idle: float = 0.0, fail_each: int = 0, delay: float = 0.0, far_location: bool = False) -> None:
        options = {"--idle": idle, "--fail-each": fail_each, "--delay": delay}
        self._options = [word for name, value in options.items() for word in (name, str(value))]
        self._options += ["--far-location"] if far_location else []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.support.shop_server", *self._options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.ports = tuple(int(port) for port in self._process.stdout.readline().split())
        assert len(self.ports) == 3, "the shop did not open"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def second(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    def ledger(self) -> Ledger:
        """What was asked until now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[2]}/", timeout=60) as answer:
            return Ledger(tuple(Entry(**entry) for entry in json.load(answer)))
