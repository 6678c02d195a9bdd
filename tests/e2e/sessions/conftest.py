"""A workload of sessions for the shop, and what a report and the shop's ledger must agree on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e.programs import Cluster
from tests.support.shop import Ledger, Shop

BUYERS = """\
url = "URL"
[load]
drain = "20s"
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
[[feed]]
name = "product"
file = "products.jsonl"
pick = "random"
per = "request"

[request.login]
post = "/api/login"
json = {name = "{{user.name}}", password = "pw-{{user.name}}", n = "{{raw seq}}"}
check = ["status == 200", "json $.token exists"]
take = {token = "json $.token"}
[request.view]
get = "/api/products/{{product.id}}"
header = ["Authorization: Bearer {{token}}"]
check = ["status == 200", 'body contains "price"']
[request.cart]
post = "/api/cart"
header = ["Authorization: Bearer {{token}}"]
json = {product = "{{raw product.id}}", order = "{{uuid}}"}
check = ["status == 201"]
take = {cart = "header Location"}
[request.pay]
post = "{{cart}}/payment"
header = ["Authorization: Bearer {{token}}"]
json = {}
check = ["json $.state == paid"]

[[scenario]]
name = "browse"
weight = 3
do = ["login", {think = "FIRST"}, {repeat = "1..4", do = ["view", {think = "BETWEEN"}]}]
[[scenario]]
name = "buy"
weight = 1
do = ["login", "view", {group = "checkout", do = ["cart", {think = "THEN"}, "pay"]}]
"""
KINDS = {"login": "login", "view": "product", "cart": "cart", "pay": "pay"}
"""The names of the workload's requests, and what the shop calls them."""
BROWSE = {("login", *["product"] * times) for times in range(1, 5)}
BUY = ("login", "product", "cart", "pay")
ORDERS = {*BROWSE, BUY}
"""What whole sessions ask, in order."""
BEGINNINGS = {order[:length] for order in ORDERS for length in range(len(order) + 1)}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as made:
        yield made


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Cluster]:
    """A master and two slaves, all with load."""
    made = Cluster(tmp_path, 2, "--lease", "6s")
    yield made
    assert set(made.stop()) == {0}


def write(
    folder: Path,
    url: str,
    first: str = "10ms..50ms",
    then: str = "10ms",
    between: str = "exp 10ms",
    users: int = 20_000,
) -> str:
    """The workload file with these pauses, beside its feeds."""
    (folder / "users.csv").write_text("name\n" + "".join(f"u{number}\n" for number in range(users)))
    (folder / "products.jsonl").write_text("".join(f'{{"id": {number}}}\n' for number in range(1, 500)))
    text = BUYERS.replace("URL", url).replace("FIRST", first).replace("THEN", then).replace("BETWEEN", between)
    (folder / "shop.toml").write_text(text)
    return str(folder / "shop.toml")


def sent(report: Mapping[str, Any]) -> dict[str, int]:
    """What the report says was sent, as the shop calls it."""
    return {KINDS.get(one["name"], one["name"]): one["sent"] for one in report["by_request"] if one["sent"]}


def assert_agree(report: Mapping[str, Any], ledger: Ledger) -> None:
    """Counts are equal, every session is in order, and none is doubled."""
    assert ledger.problems == []
    assert sent(report) == ledger.by_kind()
    assert set(ledger.sessions().values()) <= BEGINNINGS
    assert_adds_up(report)


def assert_adds_up(report: Mapping[str, Any]) -> None:
    found = report["sessions"]
    assert found["begun"] == found["finished"] + found["ended"] + found["cut"] + found["active"]
    assert found["planned"] in (None, found["begun"] + found["dropped"])
    for name in ("planned", "begun", "finished", "ended", "cut", "dropped", "good"):
        if found[name] is not None:
            assert found[name] == sum(one[name] for one in report["by_scenario"]), name
    for name in ("sent", "completed", "good", "failed", "in_flight", "dropped", "skipped"):
        assert report["requests"][name] == sum(one[name] for one in report["by_request"]), name
