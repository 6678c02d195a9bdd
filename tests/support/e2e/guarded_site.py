"""A small site for browsers, in which nothing can be asked twice: tokens, ids and cookies are others for each visit."""

from __future__ import annotations

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

PASSWORD = "correct horse 7!"
_LOGIN = """<!doctype html><link rel=stylesheet href=/s.css><title>login</title>
<form method=post action=/login><input type="hidden" name="csrf" value="{csrf}">
<input name="user" id="user"><input type="password" name="password" id="password"><button id=go>go</button></form>"""
_SHOP = """<!doctype html><link rel=stylesheet href=/s.css><title>shop</title><script src=/app.js></script>"""
_SCRIPT = """(async () => {
  const json = async (path, options) => (await fetch(path, options)).json();
  const { token } = await json('/api/session');
  const headers = { Authorization: 'Bearer ' + token, 'Content-Type': 'application/json' };
  const { items } = await json('/api/products?page=1', { headers });
  await json('/api/products/' + items[1].id, { headers });
  const body = JSON.stringify({ product: items[1].id, note: null });
  const made = await fetch('/api/orders', { method: 'POST', headers, body });
  const order = await json(made.headers.get('Location'), { headers });
  document.title = 'ordered ' + order.id;
})();"""


class GuardedSite(ThreadingHTTPServer):
    """`refused`: what was asked with something wrong or old. `orders`: by id, whether it was looked at."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.given: set[str] = set()
        self.products: set[int] = set()
        self.orders: dict[str, bool] = {}
        self.refused: list[str] = []

    def give(self) -> str:
        value = secrets.token_hex(12)
        self.given.add(value)
        return value

    def used(self, value: str) -> bool:
        """Whether the value was given; it is good for one use."""
        known = value in self.given
        self.given.discard(value)
        return known


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: GuardedSite

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in ("/s.css", "/app.js", "/favicon.ico"):
            kind = {"/s.css": "text/css", "/app.js": "text/javascript"}.get(path, "image/x-icon")
            self.answer(200, _SCRIPT if path == "/app.js" else "", kind)
        elif path == "/login":
            self.answer(200, _LOGIN.format(csrf=self.server.give()), "text/html")
        elif path == "/shop":
            self.answer(200, _SHOP, "text/html") if self.cookie() in self.server.given else self.refuse()
        elif path == "/api/session" and self.cookie() in self.server.given:
            self.answer(200, json.dumps({"token": self.server.give(), "user": {"name": "ann"}}))
        elif self.token() in self.server.given:
            self.api(path)
        else:
            self.refuse()

    def api(self, path: str) -> None:
        last = path.rpartition("/")[2]
        if path == "/api/products":
            new = [10**7 + secrets.randbelow(10**7) for _ in range(3)]
            self.server.products |= set(new)
            self.answer(200, json.dumps({"items": [{"id": one, "name": "thing"} for one in new]}))
        elif path.startswith("/api/products/") and int(last) in self.server.products:
            self.answer(200, json.dumps({"id": int(last), "price": 5}))
        elif path.startswith("/api/orders/") and last in self.server.orders:
            self.server.orders[last] = True
            self.answer(200, json.dumps({"id": last}))
        else:
            self.refuse()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/login":
            form = {name: values[0] for name, values in parse_qs(body).items()}
            good = self.server.used(form.get("csrf", "")) and form.get("password") == PASSWORD
            cookie = {"Location": "/shop", "Set-Cookie": f"sid={self.server.give()}; HttpOnly; Path=/"}
            self.answer(303, "", "text/plain", cookie) if good else self.refuse()
        elif self.token() in self.server.given and json.loads(body).get("product") in self.server.products:
            number = str(secrets.randbelow(10**9))
            self.server.orders[number] = False
            self.answer(201, "{}", headers={"Location": f"/api/orders/{number}"})
        else:
            self.refuse()

    def cookie(self) -> str:
        return self.headers.get("Cookie", "").removeprefix("sid=")

    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def refuse(self) -> None:
        self.server.refused.append(f"{self.command} {self.path}")
        self.answer(403, "{}")

    def answer(
        self, status: int, text: str, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
