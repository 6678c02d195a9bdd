"""More of a session: what is done once for each connection, repeated until something holds, and done only if."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.e2e.programs import gluten
from tests.support.shop import Shop

FILE = """\
url = "URL"
[vars]
plan = "gold"
[request.login]
post = "/api/login"
json = {name = "u{{seq}}", password = "pw-u{{seq}}", n = "{{raw seq}}"}
take = {token = "json $.token"}
[request.view]
get = "/api/products/{{int 1 400}}"
header = ["Authorization: Bearer {{token}}"]
check = ["status == 200"]
[request.cart]
post = "/api/cart"
header = ["Authorization: Bearer {{token}}"]
json = {order = "{{uuid}}"}
check = ["status == 201"]
[[scenario]]
name = "browse"
"""
UNTIL = """\
do = ["login", {repeat = 30, until = "json $.price > 45", do = ["view"]}, {if = "{{plan}} == PLAN", do = ["cart"]}]"""


def run(folder: Path, url: str, steps: str, *words: str) -> dict[str, Any]:
    (folder / "w.toml").write_text(FILE.replace("URL", url) + steps + "\n")
    done = gluten(folder, "run", "--quiet", "--format", "json", *words, "w.toml")
    assert done.code in (0, 5), done.error
    report: dict[str, Any] = json.loads(done.out)
    assert report["errors"] == {}
    return report


def test_a_connection_logs_in_once_and_its_sessions_keep_token_and_cookies(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, shop.url, 'once = ["login"]\ndo = ["view", "cart"]', "-c", "6", "-n", "90")
    ledger = shop.ledger()
    assert ledger.problems == []
    assert ledger.by_kind() == {"login": 6, "product": 90, "cart": 90}
    assert report["sessions"]["good"] == 90
    for kinds in ledger.sessions().values():
        assert kinds == ("login", *["product", "cart"] * (len(kinds) // 2))


def test_steps_are_repeated_until_a_check_of_the_last_answer_holds(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, shop.url, UNTIL.replace("PLAN", "gold"), "-R", "100", "-n", "80")
    ledger = shop.ledger()
    assert ledger.problems == []
    assert report["sessions"]["good"] == 80
    shown: dict[int, list[int]] = {}
    for one in ledger.entries:
        if one.kind == "product" and one.session is not None:
            shown.setdefault(one.session, []).append(1 + int(one.path.rpartition("/")[2]) % 90)
    assert all(prices[-1] > 45 or len(prices) == 30 for prices in shown.values())
    assert all(price <= 45 for prices in shown.values() for price in prices[:-1]), "it ends at the first that holds"
    assert len(set(map(len, shown.values()))) > 2
    assert all(kinds[-1] == "cart" for kinds in ledger.sessions().values())


def test_steps_are_done_only_if_a_value_is_so(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, shop.url, UNTIL.replace("PLAN", "free"), "-R", "100", "-n", "40")
    assert shop.ledger().problems == []
    assert report["sessions"]["finished"] == 40
    assert "cart" not in shop.ledger().by_kind()
