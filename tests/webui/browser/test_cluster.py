"""Dashboard and nodes page in a real Chromium, with few and with a thousand nodes, and when the master is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
POLLS = "return performance.getEntriesByType('resource').filter((e) => e.name.includes(arguments[0])).length"
MANY = 1000


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4", "--nodes", str(MANY)) as url:
        yield url


def rows(browser: Browser) -> list[str]:
    names = "return [...document.querySelectorAll('[data-node]')].map((row) => row.dataset.node)"
    return list(browser.run(names))


def polled(browser: Browser, path: str) -> int:
    return int(browser.run(POLLS, path))


def opened(browser: Browser, base: str) -> float:
    """CPU seconds of the page until its last node is there; `bench/bounds.py` holds them to a bound."""
    browser.open(f"{base}/nodes")
    browser.wait(lambda: len(rows(browser)) == MANY)
    return browser.worked()


def test_a_thousand_nodes_are_all_there(browser: Browser, base: str) -> None:
    opened(browser, base)
    assert len(set(rows(browser))) == MANY


def test_nodes_in_trouble_stand_first_then_by_name_and_number(browser: Browser, base: str) -> None:
    browser.open(f"{base}/nodes")
    names = browser.wait(lambda: rows(browser))
    assert names[:2] == ["node-0049", "node-0099"]
    assert names[20:24] == ["master", "berlin-1", "berlin-2", "node-0003"]
    text = browser.chrome.find_element(By.ID, "note").text
    assert "1,000 nodes · 20 suspect · 1,974 cores for load" in text


def test_place_and_focus_stay_while_nodes_are_asked_for_again(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "1h"})
    browser.open(f"{base}/nodes")
    links = "[data-node='node-0700'] a"
    browser.wait(lambda: browser.chrome.find_elements(By.CSS_SELECTOR, links))
    browser.run("document.querySelector(arguments[0]).focus()", links)
    before, asked = browser.run("return [scrollY, document.activeElement.getBoundingClientRect().top]"), 0
    asked = polled(browser, "/api/v1/nodes")
    browser.wait(lambda: polled(browser, "/api/v1/nodes") > asked + 1)
    assert browser.run("return document.activeElement.closest('tr')?.dataset.node") == "node-0700"
    assert browser.run("return [scrollY, document.activeElement.getBoundingClientRect().top]") == before
    assert before[0] > 10_000
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})


def test_a_node_is_found_among_a_thousand(browser: Browser, base: str) -> None:
    browser.open(f"{base}/nodes")
    browser.part("search").send_keys("node-0777")
    browser.wait(lambda: rows(browser) == ["node-0777"])
    assert browser.chrome.find_element(By.ID, "note").text.endswith("1 shown")
    browser.part("search").send_keys("x")
    browser.wait(lambda: "No node matches “node-0777x”." in browser.text("nodes"))


def test_the_dashboard_shows_few_of_many_nodes_and_says_so(browser: Browser, base: str) -> None:
    browser.open(f"{base}/")
    browser.wait(lambda: rows(browser) == [f"node-{number:04}" for number in range(49, 400, 50)])
    assert browser.chrome.find_element(By.ID, "more-nodes").text == "and 992 more nodes"
    assert "CPU" in browser.chrome.find_element(By.ID, "cluster-note").text


def test_the_dashboard_follows_the_run_that_is_on(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/live", "rate": "1k", "duration": "1h"})
    browser.open(f"{base}/")
    line = f"[data-run='{run['id']}']"
    browser.wait(lambda: "running" in browser.chrome.find_element(By.CSS_SELECTOR, line).text)
    browser.wait(lambda: len(browser.part("now").find_elements(By.CSS_SELECTOR, "svg.tall path")) == 2)
    shape = "return document.querySelector('svg.tall path').getAttribute('d')"
    before, link = browser.run(shape), browser.chrome.find_element(By.CSS_SELECTOR, f"{line} a")
    browser.run("document.querySelector('#now a').focus()")
    browser.wait(lambda: browser.run(shape) != before)
    assert browser.run("return document.activeElement.closest('#now') !== null")
    assert browser.run("return arguments[0].isConnected", link)  # the row is the same element still
    assert link.text.endswith("http://t.test/live")
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})
    browser.wait(lambda: "stopped" in browser.chrome.find_element(By.CSS_SELECTOR, line).text)
    browser.wait(lambda: "Nothing runs" in browser.text("now"))


def test_older_runs_are_shown_when_asked_for(browser: Browser, base: str) -> None:
    for index in range(26):
        run = ask(f"{base}/api/v1/runs", {"url": f"http://many.test/{index}"})
        ask(f"{base}/api/v1/runs/{run['id']}/stop", {})
    browser.open(f"{base}/")
    shown = "return document.querySelectorAll('[data-run]').length"
    browser.wait(lambda: browser.run(shown) == 25)
    browser.part("older").click()
    browser.wait(lambda: browser.run(shown) > 40)


@pytest.mark.parametrize("path", ["/", "/nodes"])
def test_the_page_says_that_the_master_is_away_until_it_is_back(shared: Browser, path: str) -> None:
    with fake_master() as base:
        port = base.rpartition(":")[2]
        shared.open(base + path)
        shared.wait(lambda: rows(shared))
        trouble = shared.chrome.find_element(By.ID, "trouble")
        assert not trouble.is_displayed()
    shared.wait(lambda: "the master does not answer" in trouble.text)
    assert rows(shared)  # what was known last stays
    with fake_master("--port", port, "--nodes", "5"):
        shared.wait(lambda: not trouble.is_displayed())
        shared.wait(lambda: len(rows(shared)) == 5)
    shared.console()  # where each question without an answer is noted
