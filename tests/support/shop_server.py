"""The shop's process: HTTP/1.1 over asyncio. `shop.py` starts it and says what it sells.

    python -m tests.support.shop_server [--idle S] [--fail-each N] [--delay S] [--far-location]

prints three ports: the shop's, its second one (another origin), and that of the ledger, which is in no count itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from tests.support.shop_ledger import Books, Entry

REASONS = {200: "OK", 201: "Created", 302: "Found", 303: "See Other", 400: "Bad Request", 401: "Unauthorized",
           403: "Forbidden", 404: "Not Found", 409: "Conflict", 503: "Service Unavailable"}  # fmt: skip


class Asked(NamedTuple):
    """One request. The names of `headers` are in lower case. `port` is the one on which it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (pair.partition("=") for pair in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Reply(NamedTuple):
    status: int
    body: bytes = b""
    headers: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {REASONS[self.status]}", f"Content-Length: {len(self.body)}", *self.headers]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def document(status: int, value: Any, *headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), ("Content-Type: application/json", *headers))


class Shop:
    """What is answered. `ports` are the shop's own and its second one."""

    def __init__(self, fail_each: int, far: bool) -> None:
        self.books, self.ports = Books(), (0, 0)
        self._fail_each, self._far = fail_each, far

    def answer(self, asked: Asked, connection: int) -> Reply:
        path = asked.path.partition("?")[0]
        kind, session, reply, problem = "other", None, Reply(404), ""
        try:
            kind, session, reply = self._routed(asked, path)
        except Wrong as wrong:
            kind, session, reply, problem = wrong.kind, wrong.session, Reply(wrong.status), wrong.problem
        name = self.books.names.get(session or 0, "") if kind == "login" else ""
        at = time.time()
        self.books.note(
            Entry(kind, asked.method, asked.path, reply.status, session, connection, asked.port, at, problem, name)
        )
        return reply

    def _routed(self, asked: Asked, path: str) -> tuple[str, int | None, Reply]:
        match asked.method, path.strip("/").split("/"):
            case "POST", ["api", "login"]:
                return self._login(asked)
            case "GET", ["api", "products", number]:
                return self._product(asked, number)
            case "POST", ["api", "cart"]:
                return self._cart(asked)
            case "POST", ["api", "cart", cart, "payment"]:
                return self._pay(asked, cart)
            case "GET" | "POST", [name] if name in PAGES:
                return PAGES[name](self, asked)
        return "other", None, Reply(404)

    def _login(self, asked: Asked) -> tuple[str, int | None, Reply]:
        said = _json(asked, "login")
        name = said.get("name", "")
        if not name or said.get("password") != f"pw-{name}":
            raise Wrong("login", 401)
        if problem := self.books.number(said.get("n")):
            raise Wrong("login", 409, problem=problem)
        session = self.books.begin(str(name))
        reply = document(200, {"token": f"token-{session}", "user": name}, f"Set-Cookie: session={session}; Path=/")
        return "login", session, reply

    def _known(self, asked: Asked, kind: str) -> int:
        """The session of this request, by its token. Its cookie must be of the same one."""
        number = asked.token.removeprefix("token-")
        session = int(number) if number.isdigit() else -1
        if session not in self.books.names:
            raise Wrong(kind, 401, problem=f"no token of the shop: {asked.token[:80]!r}")
        if asked.cookies.get("session") != str(session):
            raise Wrong(kind, 403, session, f"the token is of session {session}, the cookies are {asked.cookies}")
        return session

    def _product(self, asked: Asked, number: str) -> tuple[str, int | None, Reply]:
        session = self._known(asked, "product")
        if not number.isdigit():
            raise Wrong("product", 404, session, f"no product is called {number[:80]!r}")
        if self._fail_each and int(number) % self._fail_each == 0:
            return "product", session, Reply(503)
        return "product", session, document(200, {"id": int(number), "price": 1 + int(number) % 90, "left": [3, 5]})

    def _cart(self, asked: Asked) -> tuple[str, int | None, Reply]:
        session, said = self._known(asked, "cart"), _json(asked, "cart")
        problem = self.books.order(str(said.get("order", "")))
        if problem:
            raise Wrong("cart", 409, session, problem)
        cart = self.books.cart(session)
        place = f"http://127.0.0.1:{self.ports[0]}" if self._far else ""
        return "cart", session, document(201, {"cart": cart}, f"Location: {place}/api/cart/{cart}")

    def _pay(self, asked: Asked, cart: str) -> tuple[str, int | None, Reply]:
        session = self._known(asked, "pay")
        if problem := self.books.pay(session, cart):
            raise Wrong("pay", 409, session, problem)
        return "pay", session, document(200, {"state": "paid"})

    # Pages without a session of the shop.

    def home(self, asked: Asked) -> tuple[str, int | None, Reply]:
        return "home", None, Reply(200, b"<h1>shop</h1>")

    def old(self, asked: Asked) -> tuple[str, int | None, Reply]:
        return "old", None, Reply(302, b"", ("Location: /new?from=old",))

    def new(self, asked: Asked) -> tuple[str, int | None, Reply]:
        return "new", None, Reply(200, b"new")

    def away(self, asked: Asked) -> tuple[str, int | None, Reply]:
        return "away", None, Reply(302, b"", (f"Location: http://127.0.0.1:{self.ports[1]}/landed",))

    def landed(self, asked: Asked) -> tuple[str, int | None, Reply]:
        if asked.port != self.ports[1] or asked.token:
            raise Wrong("landed", 400, problem=f"on port {asked.port}, with the token {asked.token!r}")
        return "landed", None, Reply(200, b"landed")

    def form(self, asked: Asked) -> tuple[str, int | None, Reply]:
        if asked.method == "POST":
            return self._submitted(asked)
        number = self.books.form()
        page = f'<form method="post"><input type="hidden" name="csrf" value="c/{number}+{number}"></form>'.encode()
        return "form", None, Reply(200, page, (f"Set-Cookie: form={number}; Path=/form",))

    def _submitted(self, asked: Asked) -> tuple[str, int | None, Reply]:
        said, number = parse_qs(asked.body.decode()), asked.cookies.get("form", "")
        if said.get("csrf") != [f"c/{number}+{number}"]:
            raise Wrong("submit", 403, problem=f"the form is {number!r}, the token {said.get('csrf')}")
        return "submit", None, Reply(303, b"", ("Location: /done",))

    def done(self, asked: Asked) -> tuple[str, int | None, Reply]:
        return "done", None, Reply(200, b"done")


PAGES: dict[str, Callable[[Shop, Asked], tuple[str, int | None, Reply]]] = {
    "home": Shop.home,
    "old": Shop.old,
    "new": Shop.new,
    "away": Shop.away,
    "landed": Shop.landed,
    "form": Shop.form,
    "done": Shop.done,
}


class Wrong(Exception):
    """A request that is refused. `problem`: a client that works right never sends it."""

    def __init__(self, kind: str, status: int, session: int | None = None, problem: str = "") -> None:
        super().__init__(problem)
        self.kind, self.status, self.session, self.problem = kind, status, session, problem


def _json(asked: Asked, kind: str) -> dict[str, Any]:
    try:
        said = json.loads(asked.body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or asked.headers.get("content-type") != "application/json":
        raise Wrong(kind, 400, problem=f"no JSON: {asked.body[:80]!r}")
    return said


class Connection(asyncio.Protocol):
    """Requests of one connection, one after the other. It is closed after `idle` seconds without one."""

    made = 0

    def __init__(self, answer: Callable[[Asked, int], Reply], idle: float, delay: float) -> None:
        self._answer, self._idle, self._delay = answer, idle, delay
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        Connection.made += 1
        self._number = Connection.made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._port = transport.get_extra_info("sockname")[1]
        self._rest()

    def connection_lost(self, error: Exception | None) -> None:
        self._wake()

    def data_received(self, data: bytes) -> None:
        self._wake()
        self._buffer += data
        while (asked := self._next()) is not None:
            reply = self._answer(asked, self._number).encoded()
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._transport.write, reply)
            else:
                self._transport.write(reply)
        if not self._buffer:
            self._rest()

    def _next(self) -> Asked | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        line, *rest = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        size = end + 4 + int(headers.get("content-length", "0"))
        if len(self._buffer) < size:
            return None
        body = bytes(self._buffer[end + 4 : size])
        del self._buffer[:size]
        method, path, _ = line.split(" ")
        return Asked(method, path, headers, body, self._port)

    def _rest(self) -> None:
        if self._idle:
            # As node does: it closes what was idle for so long, whatever the client is about to do.
            after = self._idle + self._delay
            self._timer = asyncio.get_running_loop().call_later(after, self._transport.close)

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def serve(options: argparse.Namespace) -> None:
    loop, shop = asyncio.get_running_loop(), Shop(options.fail_each, options.far_location)

    def told(asked: Asked, connection: int) -> Reply:
        return document(200, [asdict(entry) for entry in shop.books.entries])

    def customer() -> Connection:
        return Connection(shop.answer, options.idle, options.delay)

    first, second = [await loop.create_server(customer, "127.0.0.1", 0, backlog=4096) for _ in range(2)]
    books = await loop.create_server(lambda: Connection(told, 0.0, 0.0), "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (first, second, books)]
    shop.ports = (ports[0], ports[1])
    print(*ports, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=float, default=0.0)
    parser.add_argument("--fail-each", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--far-location", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
