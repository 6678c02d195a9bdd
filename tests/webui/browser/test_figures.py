"""What the pages say of a run is what happened: errors and their parts, what each figure is of, notes, drain, nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master
from tests.support.web.fake_rows import LATE

pytestmark = [pytest.mark.slow, BROWSER]
LAST, WHOLE = "last second", "whole run"
CALL = """
const [file, name, given, done] = arguments;
(async () => {
const found = await import(new URL(file, document.querySelector('script[type=module]').src));
done(given.map((one) => found[name](...one)));
})();
"""
ROWS = """
const [taken, end, asked, done] = arguments;
(async () => {
const { Rows } = await import(new URL('lib/rows.js', document.querySelector('script[type=module]').src));
const rows = new Rows();
rows.take(taken);
rows.endAt(end, asked);
done([rows.axis(), rows.drain.map((row) => row.second)]);
})();
"""
NODES = """
const table = document.querySelector('section[aria-label=Nodes] table');
const heads = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent);
return [...table.querySelectorAll('tbody tr')].map((row) => Object.fromEntries(
  [...row.children].map((cell, index) => [heads[index], cell.textContent])));
"""
SCOPES = """
const scopes = [...document.querySelectorAll('[data-figure] .scope')];
return Object.fromEntries(scopes.map((e) => [e.closest('[data-figure]').dataset.figure, e.textContent]));
"""
COLOR = "return getComputedStyle(arguments[0]).color"
OVERLAP = """
const cells = [...document.querySelectorAll(arguments[0])];
return cells.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent);
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "10") as url:
        yield url


def started(base: str, path: str, **more: Any) -> str:
    """The number of a run against this path."""
    return str(ask(f"{base}/api/v1/runs", {"url": f"http://t.test{path}", "duration": "5s", **more})["number"])


def finished(browser: Browser, base: str, path: str, **more: Any) -> Any:
    """The report of a run against this path, whose page is open."""
    run = started(base, path, **more)
    browser.wait(lambda: ask(f"{base}/api/v1/runs/{run}")["state"] == "finished")
    browser.open(f"{base}/runs/{run}")
    browser.part("downloads")
    return ask(f"{base}/api/v1/runs/{run}/report")


@pytest.fixture(autouse=True)
def idle(base: str) -> Iterator[None]:
    """Stop all runs after a test, also after one that failed."""
    yield
    for run in ask(f"{base}/api/v1/runs")["runs"]:
        if run["state"] in ("queued", "running"):
            ask(f"{base}/api/v1/runs/{run['id']}/stop", {})


@pytest.fixture
def live(browser: Browser, base: str) -> str:
    """The number of a run at a rate that is under way, whose page is open."""
    run = started(base, "/", rate="1k", connections=10, duration="1h")
    browser.open(f"{base}/runs/{run}")
    browser.wait(lambda: int(browser.part("charts").get_attribute("data-seconds") or 0) >= 3)
    return run


def red(browser: Browser, element: Any) -> bool:
    """By the page's own word for it."""
    bad = browser.run("return getComputedStyle(document.documentElement).getPropertyValue('--bad').trim()")
    wanted = tuple(int(bad[at : at + 2], 16) for at in (1, 3, 5))
    return bool(browser.run(COLOR, element) == f"rgb{wanted}")


def split(report: Any) -> tuple[int, int]:
    """How many failed, and how many answers have a bad status."""
    requests = report["requests"]
    return requests["failed"], requests["completed"] - requests["good"]


OUTCOMES: list[tuple[Any, Any]] = [
    ({"completed": 100, "good": 90, "failed": 5}, {"failed": 5, "bad": 10, "errors": 15, "of": 105}),
    ({"completed": 100, "good": 0, "failed": 0}, {"failed": 0, "bad": 100, "errors": 100, "of": 100}),
    ({"completed": 0, "good": 0, "failed": 7}, {"failed": 7, "bad": 0, "errors": 7, "of": 7}),
    # Stored before `good` was counted: with its statuses, and without.
    (
        {"completed": 9, "failed": 1, "status": {"200": 2, "301": 3, "404": 3, "503": 1}},
        {"failed": 1, "bad": 4, "errors": 5, "of": 10},
    ),
    ({"completed": 9, "failed": 1}, {"failed": 1, "bad": 0, "errors": 1, "of": 10}),
]
CODES: list[tuple[dict[str, int], str]] = [
    ({"200": 5, "204": 1}, ""),
    ({}, ""),
    ({"301": 4}, "301: 4 (100 %)"),
    ({"200": 97, "404": 1, "500": 2}, "500: 2 (2.0 %) · 404: 1 (1.0 %) · 200: 97 (97.0 %)"),
    (
        {str(code): 1 for code in range(400, 410)},
        " · ".join(f"{code}: 1 (10.0 %)" for code in range(400, 408)) + " · and 2 more",
    ),
]


def check_all(browser: Browser, base: str, module: str, name: str, table: list[tuple[Any, Any]]) -> None:
    """One page is asked for every row of the table."""
    browser.open(f"{base}/runs/13")
    found = browser.chrome.execute_async_script(CALL, module, name, [[given] for given, _ in table])
    for answer, (given, wanted) in zip(found, table, strict=True):
        assert answer == wanted, given


def test_an_error_is_what_is_not_good(browser: Browser, base: str) -> None:
    check_all(browser, base, "lib/outcome.js", "outcome", OUTCOMES)


def test_statuses_are_shown_if_not_all_are_2xx(browser: Browser, base: str) -> None:
    check_all(browser, base, "lib/outcome.js", "codes", CODES)


def test_a_target_that_answers_500_to_everything_is_red_everywhere(browser: Browser, base: str) -> None:
    report = finished(browser, base, "/500")
    (failed, bad), number = split(report), report["number"]
    assert bad == report["requests"]["completed"]
    assert browser.text("figure-errors") == f"{failed + bad:,}"
    assert browser.text("beside-errors") == "100 %"
    assert browser.text("under-errors") == f"{failed} failed · {bad:,} bad status"
    assert red(browser, browser.part("figure-errors"))
    assert browser.text("codes") == f"Responses by status: 500: {bad:,} (100 %)"
    assert red(browser, browser.part("codes"))
    note = f"most answers have a bad status (4xx or 5xx): {bad} of {bad}"
    assert browser.text("verdict-notes") == browser.text("report-notes") == note
    assert "status 500" in browser.text("chart-errors")
    assert f"{failed + bad:,}" in browser.text("report")

    browser.open(base)
    cell = f"[data-run='{report['id']}'] [data-errors='{failed + bad}']"
    browser.wait(lambda: "100 %" in browser.chrome.find_element(By.CSS_SELECTOR, cell).text)
    assert "bad status" in browser.chrome.find_element(By.CSS_SELECTOR, cell).text
    assert red(browser, browser.chrome.find_element(By.CSS_SELECTOR, cell))

    browser.open(f"{base}/compare?runs=13,{number}")
    browser.wait(lambda: f"{failed + bad:,}" in browser.text("figures"))
    lines = browser.part("figures").text
    assert f"{bad:,}" in lines
    assert "100.00 %" in lines


def test_it_is_red_while_the_run_is_under_way(browser: Browser, base: str) -> None:
    run = started(base, "/500", duration="1h")
    browser.open(f"{base}/runs/{run}")
    browser.wait(lambda: browser.text("beside-errors") == "100 %")
    assert red(browser, browser.part("figure-errors"))
    assert "500: " in browser.text("codes")
    browser.open(base)
    errors = "[data-testid=now] [data-figure=Errors]"
    browser.wait(lambda: "100 %" in browser.chrome.find_element(By.CSS_SELECTOR, errors).text)
    assert "bad status" in browser.chrome.find_element(By.CSS_SELECTOR, errors).text
    assert red(browser, browser.chrome.find_element(By.CSS_SELECTOR, f"{errors} dd"))


def test_redirects_are_no_errors_and_leave_a_trace(browser: Browser, base: str) -> None:
    report = finished(browser, base, "/301")
    assert browser.text("figure-errors") == str(LATE["failed"])
    assert "bad status" not in browser.text("under-errors")
    assert browser.text("codes") == f"Responses by status: 301: {report['requests']['completed']:,} (100 %)"
    assert not browser.part("verdict-notes").is_displayed()


def test_rows_that_were_stored_before_they_said_so_are_drain_by_their_second(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/13")
    old, new = [{"second": second} for second in range(4)], [{"second": second, "good": 0} for second in range(4)]
    marked = [*new[:3], new[3] | {"drain": True}]
    for rows, end, asked, wanted in (
        (old, 3, 3, [[0, 1, 2], [3]]),
        (old, 3.02, 3, [[0, 1, 2], [3]]),  # a closed loop's length counts its last answers
        (old, 3.4, 10, [[0, 1, 2, 3], []]),
        (new, 3, 3, [[0, 1, 2, 3], []]),  # a plan that was overrun
        (marked, 3.02, 10, [[0, 1, 2], [3]]),
    ):
        assert browser.chrome.execute_async_script(ROWS, rows, end, asked) == wanted


def test_the_drain_is_named_and_not_drawn(browser: Browser, base: str) -> None:
    report = finished(browser, base, "/")
    assert report["seconds"][-1]["drain"]
    assert browser.part("charts").get_attribute("data-seconds") == "5"
    assert f"{LATE['completed']} answered, {LATE['failed']} failed" in browser.text("drain")
    assert browser.text("figure-requests") == f"{report['requests']['completed'] / 1000:.1f}k"
    for key in ("+", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0], bubbles: true}))"
        browser.run("document.querySelector('#charts').focus()")
        browser.run(press, key)
    browser.wait(lambda: " to 5s: " in browser.text("window"))
    browser.wait(lambda: "bad status" in browser.text("window"))


def test_each_figure_says_whether_it_is_of_the_last_second_or_of_the_whole_run(browser: Browser, live: str) -> None:
    scopes = browser.run(SCOPES)
    counts = {"errors", "time", "requests", "dropped"}
    assert scopes == {key: WHOLE if key in counts else LAST for key in scopes}
    assert {"rate", "p50", "p95", "p99", "inflight", "backlog", "connections"} | counts == scopes.keys()
    assert "whole run 1.83 ms" in browser.text("under-p50")
    assert "1,000 asked" in browser.text("under-rate")
    browser.stop()
    browser.part("downloads")
    assert set(browser.run(SCOPES).values()) == {WHOLE}
    assert browser.text("figure-p50") == "1.83 ms"


def test_the_dashboard_says_so_too(browser: Browser, base: str, live: str) -> None:
    browser.open(base)
    browser.wait(lambda: "Whole run: " in browser.text("now"))
    browser.wait(lambda: "requests/s · 10 connections" in browser.text("now-rate"))
    assert browser.text("now-rate").startswith("Last second: ")


def test_the_node_table_has_what_was_achieved_and_what_was_asked_beside_it(browser: Browser, base: str) -> None:
    report = finished(browser, base, "/", rate="2000")
    shown = {row["Node"].partition(" ")[0]: row for row in browser.run(NODES)}
    for node in report["nodes"]:
        assert node["achieved"] < 0.95 * node["asked"]
        assert shown[node["name"]]["Requests/s"] == f"{node['achieved']:,.0f}"
        assert shown[node["name"]]["Asked"] == f"{node['asked']:,.0f}/s"
        assert shown[node["name"]]["Errors"] == str(node["completed"] - node["good"])


def test_a_closed_loop_has_no_asked_rate_no_backlog_and_nothing_dropped(browser: Browser, base: str) -> None:
    finished(browser, base, "/")
    assert {row["Asked"] for row in browser.run(NODES)} == {"–"}
    assert "backlog" not in browser.run(SCOPES)
    assert not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=chart-backlog]")


def test_a_backlog_is_shown_while_it_lasts_on_the_run_and_on_the_dashboard(browser: Browser, base: str) -> None:
    run = started(base, "/backlog", rate="2000", connections=10, duration="1h")
    hint = "all 10 connections are busy, 1,400 requests wait: about 40 are needed"
    browser.open(base)
    now = browser.part("now")
    browser.wait(lambda: now.find_element(By.CSS_SELECTOR, "[data-testid=hint]").text == hint)
    assert "backlog 1,400" in browser.text("now-rate")
    browser.open(f"{base}/runs/{run}")
    browser.wait(lambda: browser.text("hint") == hint)
    browser.wait(lambda: browser.text("figure-backlog") == "1,400")
    assert len(browser.pixels("backlog")) > 3000

    ask(f"{base}/api/v1/runs/{run}/adjust", {"rate": "500"})
    browser.wait(lambda: not browser.part("hint").is_displayed())
    browser.wait(lambda: browser.text("figure-backlog") == "0")
    dropped = ask(f"{base}/api/v1/runs/{run}")["dropped"]
    assert browser.text("figure-dropped") == f"{dropped:,}"
    browser.stop()
    browser.part("downloads")
    assert browser.text("figure-backlog") == "1,400"
    assert browser.text("beside-backlog") == "at most"
    assert browser.text("scope-backlog") == WHOLE


def test_connections_are_those_that_are_open_of_those_asked_or_elastic(browser: Browser, base: str, live: str) -> None:
    assert [browser.text(f"{part}-connections") for part in ("figure", "beside", "under")] == [
        "10",
        "open",
        "of 10 asked",
    ]
    ask(f"{base}/api/v1/runs/{live}/stop", {})
    finished(browser, base, "/elastic", rate="2000")
    assert browser.text("figure-connections") == "64"
    assert browser.text("beside-connections") == "open at most"
    browser.wait(lambda: browser.text("under-connections") == "elastic · 70 opened")
    assert "elastic connections" in browser.text("head")
    assert {row["Connections"] for row in browser.run(NODES)} == {"elastic"}


@pytest.mark.parametrize("phone", [False, True])
def test_no_figure_is_cut_off(browser: Browser, base: str, phone: bool) -> None:
    if phone:
        browser.phone()
    finished(browser, base, "/500", rate="2000")
    assert browser.run(OVERLAP, ".figure dt, .figure dd") == []
    browser.open(base)
    browser.wait(lambda: browser.chrome.find_elements(By.CSS_SELECTOR, "[data-errors]"))
    assert browser.run(OVERLAP, "[data-errors]") == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
