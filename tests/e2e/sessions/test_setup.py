"""Setup and teardown against the shop, alone and on a cluster: one login, whose token every session uses."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sessions.test_alone import run
from tests.support.e2e.programs import Cluster, Program, gluten, wait_for
from tests.support.shop import Ledger, Shop

TEXT = """
url = "URL"
setup = ["login"]
teardown = ["home"]
[request.login]
post = "/api/login"
json = {name = "ada", password = "PASSWORD", n = 0}
check = ["status == 200"]
take = {token = "json $.token", sid = "cookie session"}
[request.view]
get = "/api/products/{{int 1 99}}"
header = ["Authorization: Bearer {{token}}", "Cookie: session={{sid}}"]
check = ["status == 200"]
[request.home]
get = "/home?{{sid}}"
[[scenario]]
name = "browse"
do = ["view", {think = "10ms"}, "view"]
"""
TOKEN = "token-1"


def write(folder: Path, url: str, password: str = "pw-ada", text: str = TEXT) -> str:
    (folder / "shop.toml").write_text(text.replace("URL", url).replace("PASSWORD", password))
    return str(folder / "shop.toml")


def assert_once(ledger: Ledger, report: dict[str, Any]) -> None:
    """One login, then sessions with its token, then one teardown; reports tell of the sessions alone."""
    assert ledger.problems == []
    views = report["requests"]["sent"]
    assert ledger.by_kind() == {"login": 1, "product": views, "home": 1}
    assert ledger.entries[0].kind == "login"
    assert (ledger.entries[-1].kind, ledger.entries[-1].path) == ("home", "/home?1")
    assert set(ledger.sessions()) == {1}, "all views are with the token of one login"
    assert [one["name"] for one in report["by_request"]] == ["view"]
    assert TOKEN not in repr(report)


def events(report: dict[str, Any]) -> dict[str, str]:
    return {event["kind"]: event["text"] for event in report["events"]}


def test_every_session_uses_the_token_of_one_login(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, "-R", "50", "-d", "1s", write(tmp_path, shop.url))
    assert_once(shop.ledger(), report)
    assert (report["sessions"]["finished"], report["requests"]["good"]) == (50, 100)
    assert report["duration"] < 2, "setup and teardown are outside of it"
    assert events(report)["setup"].startswith("setup took 2 values in ")
    assert events(report)["teardown"].startswith("teardown was done in ")


def test_without_scenarios_every_request_knows_it(tmp_path: Path, shop: Shop) -> None:
    text = TEXT.partition("[[scenario]]")[0]
    report = run(tmp_path, "-R", "50", "-d", "1s", write(tmp_path, shop.url, text=text))
    assert_once(shop.ledger(), report)
    assert report["requests"]["good"] == 50


def test_a_failed_setup_is_exit_1_and_sends_no_load(tmp_path: Path, shop: Shop) -> None:
    done = gluten(tmp_path, "run", "-R", "50", "-d", "1s", write(tmp_path, shop.url, "CANARY"))
    assert done.code == 1
    assert "setup failed: request login: 'status == 200' does not hold: it was answered with status 401" in done.error
    assert len(done.error.strip().splitlines()) == 1
    assert shop.ledger().by_kind() == {"login": 1}


def test_a_failed_teardown_is_said_and_changes_no_exit_code(tmp_path: Path, shop: Shop) -> None:
    file = write(tmp_path, shop.url, text=TEXT.replace("/home?", "/gone?"))
    done = gluten(tmp_path, "run", "-R", "20", "-d", "1s", "--format", "json", file)
    assert done.code in (0, 5)
    assert "teardown failed: request home: it was answered with status 404" in done.error
    assert events(done.json)["teardown_failed"] in done.error


def test_what_a_signal_stops_is_torn_down(tmp_path: Path, shop: Shop) -> None:
    program = Program(tmp_path, "run", "run", "-R", "50", "-d", "60s", write(tmp_path, shop.url))
    wait_for("sessions", lambda: shop.ledger().by_kind().get("product", 0) > 5)
    assert program.stop(signal.SIGINT) == 130
    assert shop.ledger().by_kind()["home"] == 1


def test_check_try_shows_setup_then_sessions_then_teardown(tmp_path: Path, shop: Shop) -> None:
    done = gluten(tmp_path, "check", "--try", write(tmp_path, shop.url))
    assert done.code == 0, done.error
    assert shop.ledger().by_kind() == {"login": 1, "product": 2, "home": 1}
    places = [done.out.index(f"── {words} ──") for words in ("setup", "browse", "teardown")]
    assert places == sorted(places)
    assert TOKEN not in done.out


@pytest.mark.slow
def test_on_a_cluster_one_node_logs_in_for_all(tmp_path: Path, shop: Shop, trio: Cluster) -> None:
    report = trio.load("-t", "6", "-c", "12", "-n", "120", write(tmp_path, shop.url))
    assert_once(shop.ledger(), report)
    assert (report["state"], report["sessions"]["finished"], report["requests"]["good"]) == ("finished", 120, 240)
    assert len(report["nodes"]) == 3
    assert events(report)["setup"].startswith("setup took 2 values in ")
    assert all(TOKEN not in path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.slow
def test_on_a_cluster_a_failed_setup_fails_the_run(tmp_path: Path, shop: Shop, trio: Cluster) -> None:
    done = trio.run("submit", "--watch", "-R", "60", "-d", "2s", write(tmp_path, shop.url, "CANARY"))
    assert done.code == 1
    assert "setup failed: request login: 'status == 200' does not hold: it was answered with status 401" in done.error
    assert shop.ledger().by_kind() == {"login": 1}
