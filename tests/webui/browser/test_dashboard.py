"""The dashboard in a real Chromium: filters, orders, deleting, trends, the queue, and what a hidden tab says."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.support.needs import BROWSER
from tests.support.web.access import SHAPES, TEXTS, nameless, walk
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]
NUMBERS = """
const links = [...document.querySelectorAll('#runs [data-run] a')];
return links.map((link) => Number(link.textContent.match(/\\d+/)[0]));
"""
# The lines of the first run's start, and whether the table needs no scrolling.
START = """
const scroll = document.querySelector('#runs .scroll');
return [document.querySelector('.runs time').getClientRects().length, scroll.scrollWidth <= scroll.clientWidth];
"""
HIDE = """
Object.defineProperty(document, 'hidden', { configurable: true, get: () => arguments[0] });
document.dispatchEvent(new Event('visibilitychange'));
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "20") as url:
        for length in (2, 3, 4):
            run = ask(f"{url}/api/v1/runs", {"url": "http://t.test/", "duration": length, "name": "checkout & pay"})
        while ask(f"{url}/api/v1/runs/{run['id']}")["state"] != "finished":
            pass
        yield url


def numbers(browser: Browser) -> list[int]:
    return list(browser.run(NUMBERS))


def asked(browser: Browser) -> dict[str, list[str]]:
    return parse_qs(urlsplit(browser.chrome.current_url).query)


def choose(browser: Browser, name: str, value: str) -> None:
    Select(browser.part(name)).select_by_value(value)


def test_filters_narrow_the_list_and_stand_in_the_address(browser: Browser, base: str) -> None:
    browser.open(f"{base}/")
    choose(browser, "filter-state", "stopped")
    browser.wait(lambda: numbers(browser) == [16])
    choose(browser, "filter-verdict", "valid")
    browser.wait(lambda: "No run matches" in browser.text("runs"))
    assert asked(browser) == {"state": ["stopped"], "verdict": ["valid"]}
    choose(browser, "filter-state", "")
    browser.part("search").send_keys("item/1")
    browser.wait(lambda: numbers(browser) == [14, 13, 12, 11, 2])
    assert asked(browser) == {"verdict": ["valid"], "search": ["item/1"]}
    browser.part("clear-filters").click()
    browser.wait(lambda: len(numbers(browser)) == 19)
    assert browser.chrome.current_url == f"{base}/"
    assert browser.run("return document.activeElement.id") == "search"


def test_an_address_opens_the_list_that_it_names_at_once(browser: Browser, base: str) -> None:
    browser.open(f"{base}/?state=finished&sort=duration&order=asc&search=shop")
    assert numbers(browser)[:3] == [1, 2, 3]
    assert Select(browser.part("filter-state")).first_selected_option.text == "finished"
    assert browser.part("search").get_attribute("value") == "shop"


def test_a_press_on_a_head_sorts_by_it_and_another_turns_it_around(browser: Browser, base: str) -> None:
    browser.open(f"{base}/?search=shop")
    head = browser.part("sort-requests")
    head.send_keys(Keys.ENTER)
    browser.wait(lambda: numbers(browser)[:2] == [13, 11])
    cell = head.find_element(By.XPATH, "..")
    assert cell.get_attribute("aria-sort") == "descending"
    head.send_keys(Keys.ENTER)
    browser.wait(lambda: numbers(browser)[0] == 2)
    assert cell.get_attribute("aria-sort") == "ascending"
    assert asked(browser) == {"search": ["shop"], "sort": ["requests"], "order": ["asc"]}


def test_a_phone_sorts_by_a_list(browser: Browser, base: str) -> None:
    browser.phone()
    browser.open(f"{base}/?search=shop")
    choose(browser, "order", "number asc")
    browser.wait(lambda: numbers(browser)[0] == 1)


def test_runs_of_a_name_have_a_trend_whose_points_lead_to_them(browser: Browser, base: str) -> None:
    browser.open(f"{base}/")
    browser.wait(lambda: len(Select(browser.part("filter-name")).options) == 4)
    assert not browser.chrome.find_element(By.ID, "trend-panel").is_displayed()
    choose(browser, "filter-name", "checkout & pay")
    points = "[data-trend={}] a"
    for kind in ("rate", "p99"):
        browser.wait(lambda kind=kind: len(browser.chrome.find_elements(By.CSS_SELECTOR, points.format(kind))) == 3)  # type: ignore[misc]
    assert asked(browser) == {"name": ["checkout & pay"]}
    assert browser.chrome.find_element(By.ID, "trend-title").text == "Trend of checkout & pay"
    assert walk(browser) == ([], [], [])
    assert nameless(browser) == []
    for scheme in ("dark", "light"):
        browser.scheme(scheme)
        assert browser.run(TEXTS) == []
        assert browser.run(SHAPES) == []
    last = browser.chrome.find_elements(By.CSS_SELECTOR, points.format("p99"))[-1]
    assert "Run 19, suspect: p99 7.61 ms" in str(last.get_attribute("aria-label"))
    last.send_keys(Keys.ENTER)
    browser.wait(lambda: "checkout & pay" in browser.text("head"))


def test_ticked_runs_are_deleted_by_the_second_press_alone(browser: Browser) -> None:
    with own_master(browser) as base:
        browser.open(f"{base}/")
        for number in (9, 10):
            browser.chrome.find_element(By.CSS_SELECTOR, f"[data-tick='{number}']").send_keys(" ")
        button = browser.part("delete-selected")
        button.send_keys(Keys.ENTER)
        assert button.text == "Delete 2 runs for ever?"
        assert ask(f"{base}/api/v1/runs/10")["number"] == 10
        button.send_keys(Keys.ENTER)
        browser.wait(lambda: not {9, 10} & set(numbers(browser)))
        assert 11 in numbers(browser)
        assert browser.run("return document.activeElement.id") == "search"
        assert not browser.part("selection").is_displayed()


def test_the_queue_says_who_waits_for_what_and_a_place_is_given_up_by_the_second_press(browser: Browser) -> None:
    with own_master(browser) as base:
        runs = [ask(f"{base}/api/v1/runs", {"url": f"http://t.test/{n}", "duration": "1h"})["number"] for n in range(3)]
        browser.open(f"{base}/")
        browser.wait(lambda: "Waiting (2)" in browser.text("queue"))
        waits = "return [...document.querySelectorAll('[data-queued]')].map((e) => Number(e.dataset.queued))"
        assert browser.run(waits) == runs[1:]
        assert "asked for by web 127.0.0.1 · another run is on" in browser.text("queue")
        browser.part(f"cancel-{runs[1]}").send_keys(Keys.ENTER)
        browser.part(f"cancel-{runs[1]}").send_keys(Keys.ENTER)
        browser.wait(lambda: browser.run(waits) == runs[2:])
        assert ask(f"{base}/api/v1/runs/{runs[1]}")["state"] == "stopped"


def test_each_node_has_its_last_minute_of_cpu(browser: Browser, base: str) -> None:
    for path in ("/", "/nodes"):
        browser.open(base + path)
        browser.wait(lambda: browser.chrome.find_elements(By.CSS_SELECTOR, "[data-node] .spark path"))
        labels = browser.run("return [...document.querySelectorAll('.spark.small')].map((e) => e.ariaLabel)")
        assert labels == ["CPU of the last minute, at most 35 %"] * 3


def test_a_node_that_left_has_no_cpu_and_is_folded_away_on_the_dashboard(browser: Browser) -> None:
    with own_master(browser, "--nodes", "4", "--left", "1") as base:
        browser.open(base)
        browser.wait(lambda: browser.text("nodes").count("alive") == 3)
        assert "left" not in browser.text("nodes")
        assert browser.chrome.find_element(By.ID, "more-nodes").text == "1 node has left"
        browser.open(f"{base}/nodes")
        last = browser.wait(lambda: browser.chrome.find_elements(By.CSS_SELECTOR, "[data-node]"))[-1]
        assert (last.get_attribute("class"), last.find_element(By.CSS_SELECTOR, ".cpu").text) == ("gone", "–")
        assert not last.find_elements(By.TAG_NAME, "svg")


_APART = """
const [one, other] = [...document.querySelectorAll(arguments[0])].map((badge) => badge.getBoundingClientRect());
return other && (other.top >= one.bottom || other.left - one.right >= 2);
"""
"""Whether there are two, one below the other or with a gap between them."""


def test_a_run_that_missed_its_slos_says_so_beside_its_verdict(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "2s", "slo": ["p99 < 1us", "p99 < 1h"]})
    browser.open(base)
    row = f"[data-run='{run['id']}']"
    badge = browser.wait(lambda: browser.chrome.find_element(By.CSS_SELECTOR, f"{row} [data-testid='missed']"))
    assert (badge.text, badge.get_attribute("title")) == ("SLO missed", "p99 < 1us")
    assert browser.wait(lambda: browser.run(_APART, f"{row} .verdict .badge"))


def test_a_row_has_its_start_in_one_line_on_a_wide_screen(browser: Browser, base: str) -> None:
    browser.size(1440)
    browser.open(base)
    browser.wait(lambda: numbers(browser))
    assert browser.run(START) == [1, True]


def test_a_hidden_tab_says_that_the_run_has_ended_until_it_is_looked_at(browser: Browser) -> None:
    with own_master(browser) as base:
        for path in ("/runs/{}", "/"):
            run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "1h"})["number"]
            browser.open(base + path.format(run))
            browser.wait(lambda: "running" in browser.text("now" if path == "/" else "head"))  # noqa: B023
            before = browser.chrome.title
            browser.run(HIDE, True)
            assert browser.chrome.title == before
            ask(f"{base}/api/v1/runs/{run}/stop", {})
            browser.wait(lambda: "■ stopped, valid" in browser.chrome.title)
            assert browser.chrome.title.endswith(before)
            browser.run(HIDE, False)
            assert browser.chrome.title == before
