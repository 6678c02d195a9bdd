"""`gluten run` with sessions, against a shop that knows which session asked what."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sessions.conftest import BROWSE, BUY, ORDERS, assert_agree, write
from tests.support.e2e.programs import Program, gluten, wait_for
from tests.support.shop import Shop


def run(folder: Path, *words: str) -> dict[str, Any]:
    done = gluten(folder, "run", "--format", "json", "--quiet", *words)
    assert done.code in (0, 5), done.error  # 5: this machine was busy, and the counts are right all the same
    report: dict[str, Any] = done.json
    return report


def by_scenario(report: dict[str, Any], key: str) -> dict[str, int]:
    return {one["name"]: one[key] for one in report["by_scenario"]}


@pytest.mark.parametrize("threads", ["1", "3"])
def test_at_a_rate_every_session_is_whole_and_weights_are_exact(tmp_path: Path, shop: Shop, threads: str) -> None:
    report = run(tmp_path, "-t", threads, "-R", "100", "-d", "2s", write(tmp_path, shop.url))
    ledger = shop.ledger()
    assert_agree(report, ledger)
    assert by_scenario(report, "finished") == {"browse": 150, "buy": 50}
    assert set(ledger.sessions().values()) == ORDERS
    assert Counter(order == BUY for order in ledger.sessions().values()) == {False: 150, True: 50}
    (group,) = report["groups"]
    assert (group["name"], group["count"]) == ("checkout", 50)
    assert group["time"]["min"] >= 10_000, "a pause of 10 ms is in it"


@pytest.mark.parametrize("limit", [("-d", "1s"), ("-n", "203")], ids="".join)
def test_in_a_closed_loop_a_connection_has_one_session_after_the_other(
    tmp_path: Path, shop: Shop, limit: tuple[str, ...]
) -> None:
    report = run(tmp_path, "-t", "2", "-c", "12", *limit, write(tmp_path, shop.url))
    ledger = shop.ledger()
    assert_agree(report, ledger)
    found = report["sessions"]
    assert (found["planned"], found["most"]) == (None, 12)
    assert found["begun"] == found["finished"] == len(ledger.sessions()) >= 12
    assert set(ledger.sessions().values()) <= ORDERS
    assert ledger.connections == report["connections"]["most"] == 12
    if limit[0] == "-n":
        assert found["begun"] == 203
    assert abs(by_scenario(report, "begun")["buy"] - found["begun"] / 4) <= 2 * 1, "a block a thread"


def test_a_number_of_sessions_at_a_rate(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, "-R", "200", "-n", "120", write(tmp_path, shop.url))
    assert_agree(report, shop.ledger())
    assert (report["sessions"]["planned"], report["sessions"]["finished"]) == (120, 120)


def test_each_session_has_a_row_of_its_own_and_the_plan_ends_with_them(tmp_path: Path, shop: Shop) -> None:
    report = run(tmp_path, "-R", "200", "-d", "30s", write(tmp_path, shop.url, users=90))
    assert_agree(report, shop.ledger())
    assert (report["state"], report["reason"]) == ("finished", "feed user: all 90 rows are used")
    assert (report["sessions"]["finished"], report["sessions"]["dropped"]) == (90, 0)
    assert report["feeds"][0] == {"name": "user", "rows": 90, "used": 90, "skipped": 0}


def test_a_request_that_is_not_good_ends_its_session(tmp_path: Path) -> None:
    with Shop(fail_each=7) as shop:
        report = run(tmp_path, "-R", "100", "-d", "2s", write(tmp_path, shop.url))
        ledger = shop.ledger()
    assert_agree(report, ledger)
    failed = ledger.by_kind(status=[503])["product"]
    found = report["sessions"]
    assert (found["ended"], found["finished"], found["good"]) == (failed, 200 - failed, 200 - failed)
    last = [kinds[-1] for kinds in ledger.sessions().values() if kinds not in BROWSE | {BUY}]
    assert set(last) <= {"product"}
    skipped = {one["name"]: one["skipped"] for one in report["by_request"]}
    ended_buyers = by_scenario(report, "ended")["buy"]
    assert (skipped["cart"], skipped["pay"], skipped["login"]) == (ended_buyers, ended_buyers, 0)


@pytest.mark.parametrize(("on_fail", "ended"), [("continue", 0), ("stop", 1)])
def test_on_fail_lets_a_session_go_on_or_stops_the_run(tmp_path: Path, on_fail: str, ended: int) -> None:
    with Shop(fail_each=7) as shop:
        file = write(tmp_path, shop.url)
        text = Path(file).read_text().replace('get = "/api/products', f'on_fail = "{on_fail}"\nget = "/api/products')
        Path(file).write_text(text)
        report = run(tmp_path, "-R", "50", "-d", "2s", file)
        ledger = shop.ledger()
    assert_agree(report, ledger)
    found = report["sessions"]
    assert found["good"] < found["begun"]
    if on_fail == "continue":
        assert (report["state"], found["finished"], found["ended"]) == ("finished", 100, 0)
        assert set(ledger.sessions().values()) == ORDERS
    else:
        assert (report["state"], found["ended"] >= 1) == ("stopped", True)
        assert report["reason"] == "request view: it was not good, and on_fail is stop"


@pytest.mark.parametrize("load", [("-R", "60"), ("-c", "30")], ids="".join)
def test_a_connection_that_the_target_closes_in_a_pause_is_no_error(tmp_path: Path, load: tuple[str, ...]) -> None:
    """Some pauses are clearly shorter and some clearly longer than what the target keeps idle connections for. A target
    that closes one just as a request is sent loses that request."""
    with Shop(idle=0.3) as shop:
        report = run(tmp_path, *load, "-d", "2s", write(tmp_path, shop.url, "50ms..100ms", "700ms", "700ms"))
        ledger = shop.ledger()
    assert_agree(report, ledger)
    assert (report["errors"], report["sessions"]["finished"]) == ({}, report["sessions"]["begun"])
    assert set(ledger.sessions().values()) <= ORDERS
    # Some are opened ahead, and ask for nothing.
    assert report["connections"]["most"] < ledger.connections <= report["connections"]["opened"]


def test_sessions_that_are_longer_than_the_drain_are_cut(tmp_path: Path, shop: Shop) -> None:
    file = write(tmp_path, shop.url, "400ms..800ms", "300ms", "exp 300ms")
    report = run(tmp_path, "-R", "60", "-d", "1s", "--drain", "500ms", file)
    ledger = shop.ledger()
    assert_agree(report, ledger)
    found = report["sessions"]
    assert (found["begun"], found["dropped"], found["ended"]) == (60, 0, 0)
    assert 0 < found["cut"] == 60 - found["finished"] < 60
    assert report["duration"] <= 1.6, "no request is sent after the drain"
    assert max(max(times) for times in ledger.times().values()) - min(min(t) for t in ledger.times().values()) < 2.5


def test_a_session_that_finds_no_connection_waits_and_one_that_never_began_is_dropped(
    tmp_path: Path, shop: Shop
) -> None:
    file = write(tmp_path, shop.url, "400ms..800ms", "300ms", "exp 300ms")
    report = run(tmp_path, "-R", "60", "-c", "20", "-d", "2s", file)
    assert_agree(report, shop.ledger())
    found = report["sessions"]
    assert found["planned"] == 120 == found["begun"] + found["dropped"]
    assert found["dropped"] > 12
    assert (found["most"], found["cut"]) == (20, 0)
    assert report["feeds"][0]["skipped"] == found["dropped"]
    assert "of the planned sessions could not begin" in report["verdict"]["reasons"][0]


def test_an_interrupt_cuts_the_sessions_and_awaits_what_is_in_flight(tmp_path: Path) -> None:
    with Shop(delay=0.05) as shop:
        file = write(tmp_path, shop.url, "400ms..800ms", "300ms", "exp 300ms")
        program = Program(tmp_path, "run", "run", "-R", "60", "-d", "60s", "--format", "json", "--out", "r.json", file)
        wait_for("sessions", lambda: len(shop.ledger().sessions()) > 60)
        assert program.stop(signal.SIGINT) == 130
        report = json.loads((tmp_path / "r.json").read_text())
        ledger = shop.ledger()
    assert_agree(report, ledger)
    assert (report["state"], report["requests"]["in_flight"], report["errors"]) == ("stopped", 0, {})
    assert report["sessions"]["cut"] > 0


WEB = """\
url = "URL"
redirects = 3
header = ["Authorization: Bearer secret-1"]
[request.old]
get = "/old"
check = ["status == 200", "body == new"]
[request.away]
get = "/away"
check = ["status == 200", "body == landed"]
[request.form]
get = "/form"
take = {csrf = "regex 'name=\\"csrf\\" value=\\"([^\\"]+)\\"'"}
[request.submit]
post = "/form"
form = {csrf = "{{csrf}}"}
check = ["status == 200", "body == done"]
[request.far]
get = "SECOND/home"
check = ["body contains shop"]
[[scenario]]
name = "web"
do = ["old", "far", "away", "form", {think = "10ms"}, "submit", "old"]
"""
ANSWERS = {"old": 2, "new": 2, "home": 1, "away": 1, "landed": 1, "form": 1, "submit": 1, "done": 1}
"""What the shop answers in each of these sessions."""
COUNTED = {"old": 2, "old (redirect)": 2, "far": 1, "away": 1, "away (redirect)": 1, "form": 1, "submit": 1,
           "submit (redirect)": 1}  # fmt: skip


@pytest.mark.parametrize("load", [("-R", "50"), ("-c", "5")], ids="".join)
def test_redirects_forms_and_several_hosts(tmp_path: Path, shop: Shop, load: tuple[str, ...]) -> None:
    (tmp_path / "web.toml").write_text(WEB.replace("URL", shop.url).replace("SECOND", shop.second))
    report = run(tmp_path, *load, "-n", "60", "web.toml")
    ledger = shop.ledger()
    assert ledger.problems == []
    assert report["sessions"]["good"] == 60
    assert ledger.by_kind() == {kind: 60 * times for kind, times in ANSWERS.items()}
    assert {one["name"]: one["sent"] for one in report["by_request"] if one["sent"]} == {
        name: 60 * times for name, times in COUNTED.items()
    }


@pytest.mark.parametrize(
    ("words", "sent", "status"),
    [
        ((), {"request": 20}, {"302": 20}),
        (("--redirects", "1"), {"request": 20, "request (redirect)": 20}, {"200": 20, "302": 20}),
        (("--redirects", "0", "--trace"), {"request": 20}, {"302": 20}),
        (("--redirects", "9", "--trace"), {"request": 20, "request (redirect)": 20}, {"200": 20, "302": 20}),
    ],
)
def test_redirects_of_a_single_url(
    tmp_path: Path, shop: Shop, words: tuple[str, ...], sent: dict[str, int], status: dict[str, int]
) -> None:
    report = run(tmp_path, "-R", "100", "-n", "20", *words, f"{shop.url}/old")
    assert {one["name"]: one["sent"] for one in report["by_request"]} == sent
    assert report["status"] == status
    assert report["requests"]["planned"] == report["requests"]["sent"] == sum(sent.values())


def test_a_location_that_is_a_whole_url_is_taken(tmp_path: Path) -> None:
    with Shop(far_location=True) as shop:
        report = run(tmp_path, "-R", "50", "-d", "1s", write(tmp_path, shop.url))
        assert_agree(report, shop.ledger())
    assert report["sessions"]["good"] == 50


def test_two_runs_of_one_seed_ask_the_same(tmp_path: Path) -> None:
    """Whatever the threads are: choices follow from the seed and the session's number."""
    asked = []
    for threads in ("1", "4"):
        with Shop() as shop:
            run(tmp_path, "-t", threads, "--seed", "11", "-R", "100", "-d", "1s", write(tmp_path, shop.url))
            ledger = shop.ledger()
            names = ledger.names()
            asked.append({names[session]: kinds for session, kinds in ledger.sessions().items()})
    assert asked[0] == asked[1]
    assert len(asked[0]) == 100
