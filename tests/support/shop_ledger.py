"""What the shop writes down: every request, and what sessions, carts and orders there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that was answered. `kind` is what it is to the shop: login, product, cart, pay, home …

    `session` is the shop's own number, from 1, or None. `connection` counts from 1. `at` is Unix time. `problem`: why a
    client that works right never sends this.
    """

    kind: str
    method: str
    path: str
    status: int
    session: int | None
    connection: int
    port: int
    at: float
    problem: str
    name: str = ""
    """Of a login: who it is."""


class Books:
    """All of the shop's state."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.names: dict[int, str] = {}
        self._numbers: set[Any] = set()
        self._orders: set[str] = set()
        self._carts: dict[str, int] = {}
        self._paid: set[str] = set()
        self._forms = 0

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    def begin(self, name: str) -> int:
        """A user logs in."""
        session = len(self.names) + 1
        self.names[session] = name
        return session

    def number(self, number: Any) -> str:
        """Why the client's own number of a session is refused, or empty. None: it has none."""
        if number is not None and number in self._numbers:
            return f"the session {number!r} came twice"
        self._numbers.add(number)
        return ""

    def order(self, order: str) -> str:
        """Why the order is refused, or empty."""
        if not order or order in self._orders:
            return f"the order {order!r} came twice" if order else "no order"
        self._orders.add(order)
        return ""

    def cart(self, session: int) -> str:
        """A new cart of the session."""
        cart = f"c{len(self._carts) + 1}"
        self._carts[cart] = session
        return cart

    def pay(self, session: int, cart: str) -> str:
        """Why the payment is refused, or empty."""
        if self._carts.get(cart) != session:
            return f"the cart {cart!r} is of session {self._carts.get(cart)}, and {session} pays"
        if cart in self._paid:
            return f"the cart {cart!r} is paid twice"
        self._paid.add(cart)
        return ""

    def form(self) -> int:
        """The number of a new form."""
        self._forms += 1
        return self._forms
