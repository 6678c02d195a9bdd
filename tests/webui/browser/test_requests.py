"""A run of named requests on its page: the table by request, charts of one request, first failures, slowest traces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]
ORDER = "order <b>"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "20", "--empty") as url:
        yield url


@pytest.fixture(scope="module")
def finished(base: str) -> str:
    """The page of a run that is over."""
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/shop", "duration": "25s"})
    return f"{base}/runs/{run['id']}"


def opened(browser: Browser, page: str) -> None:
    browser.open(page)
    browser.part("downloads")


def cells(browser: Browser, name: str) -> list[str]:
    rows = browser.part("requests").find_elements(By.CSS_SELECTOR, "tbody tr")
    (row,) = [row for row in rows if row.get_attribute("data-request") == name]
    return [cell.text for cell in row.find_elements(By.TAG_NAME, "td")]


def test_a_live_run_has_a_table_by_request(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    with own_master(browser, "--speed", "4", "--empty") as other:
        run = ask(f"{other}/api/v1/runs", {"url": "http://t.test/shop", "duration": "1h"})
        browser.open(f"{other}/runs/{run['id']}")
        browser.wait(lambda: cells(browser, "home")[0] not in ("", "0"))
        first = cells(browser, "home")[0]
        browser.wait(lambda: cells(browser, "home")[0] != first)


def test_the_table_has_what_the_run_has(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    run = ask(f"{base}/api/v1/runs/{finished.rpartition('/')[2]}")
    for found in run["by_request"]:
        shown = cells(browser, found["name"])
        assert shown[0] == f"{found['completed']:,}"
        assert shown[6] == f"{found['good']:,}"
    assert "(100 %)" in cells(browser, ORDER)[5] or "(99." in cells(browser, ORDER)[5]
    assert cells(browser, ORDER)[7].startswith("✗")
    assert cells(browser, "home")[7].startswith("✓")
    assert "✗ body contains '<i>'" in browser.text("checks")


def test_a_run_of_one_url_has_no_such_table(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "2s"})
    opened(browser, f"{base}/runs/{run['id']}")
    assert not browser.part("requests").is_displayed()
    assert not browser.part("choice").is_displayed()
    assert not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=failures], [data-testid=slowest]")


def test_charts_are_of_the_request_that_is_chosen(browser: Browser, finished: str) -> None:
    opened(browser, finished)
    charts = ("throughput", "latency", "errors")
    browser.wait(lambda: browser.part("charts").get_attribute("data-seconds") == "25")
    browser.wait(lambda: all(len(browser.pixels(chart)) > 3000 for chart in charts))
    keys = {chart: browser.text(f"chart-{chart}") for chart in (*charts, "heat")}
    before = {chart: browser.pixels(chart) for chart in charts}
    choice = Select(browser.part("choice"))
    assert [option.text for option in choice.options] == ["all requests", "home", "search", ORDER]
    choice.select_by_visible_text(ORDER)
    browser.wait(lambda: all(browser.text(f"chart-{chart}") != keys[chart] for chart in charts))
    browser.wait(lambda: all(browser.pixels(chart) != before[chart] for chart in charts))
    assert "failed check" in browser.text("chart-errors")
    assert browser.text("chart-heat") == keys["heat"]
    choice.select_by_visible_text("all requests")
    browser.wait(lambda: all(browser.text(f"chart-{chart}") == keys[chart] for chart in charts))


def test_a_first_failure_opens_to_what_was_sent_and_answered(browser: Browser, finished: str) -> None:
    opened(browser, finished)
    found = browser.part("failures").find_elements(By.TAG_NAME, "details")
    assert "body contains '<i>'" in found[0].text
    assert "POST http://t.test/orders" not in found[0].text
    found[0].find_element(By.TAG_NAME, "summary").click()
    browser.wait(lambda: "POST http://t.test/orders" in found[0].text)
    assert "Authorization: ***" in found[0].text
    assert "<b>no order</b>" in found[0].text
    found[1].find_element(By.TAG_NAME, "summary").click()
    browser.wait(lambda: "no response came" in found[1].text)


def test_the_slowest_traces_come_slowest_first(browser: Browser, finished: str) -> None:
    opened(browser, finished)
    rows = browser.part("slowest").find_elements(By.CSS_SELECTOR, "tbody tr")
    assert len(rows) == 20
    assert rows[0].text.startswith("9.29 ms")
    assert f"{29:032x}" in rows[0].text


def test_the_first_byte_stands_beside_the_other_times(browser: Browser, finished: str) -> None:
    opened(browser, finished)
    head = browser.chrome.find_element(By.CSS_SELECTOR, "[aria-label=Report] thead").text
    assert [name for name in ("Response time", "Service time", "First byte") if name in head][-1] == "First byte"


def test_it_fits_a_narrow_phone(browser: Browser, finished: str) -> None:
    screen = {"width": 360, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    opened(browser, finished)
    for details in browser.part("failures").find_elements(By.TAG_NAME, "details"):
        details.find_element(By.TAG_NAME, "summary").click()
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_runs_are_compared_by_request(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    number = ask(f"{base}/api/v1/runs/{finished.rpartition('/')[2]}")["number"]
    other = ask(f"{base}/api/v1/runs", {"url": "http://t.test/shop", "duration": "4s"})
    opened(browser, f"{base}/runs/{other['id']}")
    browser.open(f"{base}/compare?runs={number},{other['number']}")
    rows = browser.part("by-request").find_elements(By.CSS_SELECTOR, "tbody tr")
    assert [row.get_attribute("data-request") for row in rows] == ["home"] * 5 + ["search"] * 5 + [ORDER] * 5
    assert "noise" in rows[0].text or "too few" in rows[0].text
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
