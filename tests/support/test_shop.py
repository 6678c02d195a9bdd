"""The shop of the tests sells what its table says, and its ledger has all that was asked."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.shop import Shop


class Client:
    """A client of one connection. It follows nothing, and keeps no cookie."""

    def __init__(self, shop: Shop, port: int = 0) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", shop.ports[port], timeout=10)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Content-Type": "application/json"} if data is not None else {}
        self.connection.request(method, path, data, known | {name.replace("_", "-"): v for name, v in headers.items()})
        answer = self.connection.getresponse()
        self.body = answer.read()
        return answer

    def log_in(self, name: str = "ann", n: int | None = None) -> dict[str, str]:
        """The headers of a session."""
        answer = self.ask("POST", "/api/login", {"name": name, "password": f"pw-{name}", "n": n})
        cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
        return {"Authorization": f"Bearer {json.loads(self.body)['token']}", "Cookie": cookie}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(fail_each=7) as made:
        yield made


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)


def test_a_session_buys_and_its_ledger_has_it_in_order(shop: Shop, client: Client) -> None:
    who = client.log_in()
    assert client.ask("GET", "/api/products/5", **who).status == 200
    assert json.loads(client.body) == {"id": 5, "price": 6, "left": [3, 5]}
    made = client.ask("POST", "/api/cart", {"order": "o1"}, **who)
    assert (made.status, made.getheader("Location")) == (201, "/api/cart/c1")
    assert client.ask("POST", "/api/cart/c1/payment", b"{}", **who).status == 200
    ledger = shop.ledger()
    assert ledger.sessions() == {1: ("login", "product", "cart", "pay")}
    assert ledger.by_kind() == {"login": 1, "product": 1, "cart": 1, "pay": 1}
    assert ledger.names() == {1: "ann"}
    assert ledger.by_path()["/api/products/5"] == 1
    assert (ledger.problems, ledger.connections) == ([], 1)


def test_what_a_right_client_never_sends_is_a_problem(shop: Shop, client: Client) -> None:
    one, other = client.log_in("ann", n=1), client.log_in("bob", n=2)
    assert client.ask("GET", "/api/products/5").status == 401
    assert client.ask("GET", "/api/products/5", Authorization=one["Authorization"]).status == 403
    assert client.ask("GET", "/api/products/5", **one | {"Cookie": other["Cookie"]}).status == 403
    assert client.ask("GET", "/api/products/{{id}}", **one).status == 404
    assert client.ask("POST", "/api/cart", {"order": "o1"}, **one).status == 201
    assert client.ask("POST", "/api/cart", {"order": "o1"}, **other).status == 409
    assert client.ask("POST", "/api/cart/c1/payment", b"", **other).status == 409
    assert client.ask("POST", "/api/cart/c1/payment", b"", **one).status == 200
    assert client.ask("POST", "/api/cart/c1/payment", b"", **one).status == 409
    assert client.ask("POST", "/api/login", {"name": "eve", "password": "pw-eve", "n": 1}).status == 409
    assert len(shop.ledger().problems) == 8


def test_a_wrong_password_and_a_failing_product_are_no_problem_of_the_client(shop: Shop, client: Client) -> None:
    assert client.ask("POST", "/api/login", {"name": "ann", "password": "x"}).status == 401
    assert client.ask("GET", "/api/products/14", **client.log_in()).status == 503
    ledger = shop.ledger()
    assert ledger.problems == []
    assert ledger.by_kind(status=[503]) == {"product": 1}


def test_redirects_lead_to_another_path_and_to_another_port(shop: Shop, client: Client) -> None:
    old = client.ask("GET", "/old")
    assert (old.status, old.getheader("Location")) == (302, "/new?from=old")
    away = client.ask("GET", "/away")
    assert away.getheader("Location") == f"{shop.second}/landed"
    assert Client(shop, 1).ask("GET", "/landed").status == 200
    assert Client(shop, 1).ask("GET", "/landed", Authorization="Bearer x").status == 400
    assert client.ask("GET", "/landed").status == 400
    assert len(shop.ledger().problems) == 2


def test_a_form_takes_the_token_of_its_page(shop: Shop, client: Client) -> None:
    page = client.ask("GET", "/form")
    cookie = str(page.getheader("Set-Cookie")).partition(";")[0]
    assert b'name="csrf" value="c/1+1"' in client.body
    assert client.ask("POST", "/form", b"csrf=c%2F1%2B1", Cookie=cookie).status == 303
    assert client.ask("POST", "/form", b"csrf=c/1+1", Cookie=cookie).status == 403


def test_an_idle_connection_is_closed() -> None:
    with Shop(idle=0.1) as shop:
        client = Client(shop)
        assert client.ask("GET", "/home").status == 200
        sock = client.connection.sock
        assert sock is not None
        began = time.monotonic()
        assert sock.recv(1) == b""
        assert 0.05 < time.monotonic() - began < 5
