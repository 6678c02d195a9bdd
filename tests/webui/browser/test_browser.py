"""The pages in a real Chromium: a run's life by form and buttons, and how pages look and behave everywhere."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gluten.stats.hdr import decode
from gluten.stats.histogram import highest, slot
from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]
PAGES = ("/", "/nodes", "/runs/new", "/runs/new?from=13", "/runs/13", "/runs/15", "/runs/16", "/compare?runs=12,13,14")

DECODED = """
const [text, done] = arguments;
(async () => {
const { decode, quantiles } = await import(new URL('lib/hdr.js', document.querySelector('script[type=module]').src));
done(quantiles(await decode(text), [0.5, 0.99, 0.999]));
})();
"""
FOREIGN = (
    "return performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin))"
)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4") as url:
        yield url


def seconds(browser: Browser) -> int:
    return int(browser.part("charts").get_attribute("data-seconds") or 0)


def settled(browser: Browser) -> bool:
    """Nothing that a page loads at first is under way."""
    return bool(
        browser.run("return document.readyState === 'complete' && document.querySelector('#zone').textContent !== ''")
    )


def test_a_run_is_created_followed_changed_and_stopped(browser: Browser, base: str) -> None:
    browser.open(f"{base}/")
    browser.part("new-run").click()
    url = browser.part("form").find_element(By.ID, "url")
    url.send_keys("shop.test/cart")
    browser.wait(lambda: "needs http:// or https://" in browser.text("url-wrong"))
    url.send_keys(Keys.HOME, "http://")
    for name, text in (("threads", "6"), ("connections", "60"), ("duration", "10m"), ("name", "cart")):
        field = browser.chrome.find_element(By.ID, name)
        field.clear()
        field.send_keys(text)
    browser.chrome.find_element(By.CSS_SELECTOR, "input[value=rate]").click()
    browser.chrome.find_element(By.ID, "rate").send_keys("1k")
    line = f"gluten.pyz submit --master {base[7:]} -t 6 -c 60 -d 10m -R 1000 --name cart http://shop.test/cart"
    browser.wait(lambda: browser.text("command") == line)
    browser.part("start").click()

    browser.wait(lambda: seconds(browser) >= 2)
    before = {chart: browser.pixels(chart) for chart in ("throughput", "latency", "heat", "statuses", "node-cpu")}
    browser.wait(lambda: seconds(browser) >= 4)
    browser.wait(lambda: all(browser.pixels(chart) != picture for chart, picture in before.items()))
    browser.wait(lambda: 900 <= float(browser.text("figure-rate").replace(",", "")) <= 1100)

    rate = browser.part("rate-number")
    rate.send_keys(Keys.CONTROL, "a")
    rate.send_keys("3k", Keys.ENTER)
    browser.wait(lambda: "rate set to 3000" in browser.text("events"))
    browser.wait(lambda: float(browser.text("figure-rate").replace(",", "")) > 2500)

    browser.stop()
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=stopped]"))
    assert "Verdict: valid" in browser.text("verdict")
    for link in browser.part("downloads").find_elements(By.TAG_NAME, "a"):
        with urllib.request.urlopen(str(link.get_attribute("href")), timeout=10) as reply:
            assert reply.status == 200
            assert reply.read()


def test_a_stream_that_breaks_off_is_taken_up_without_a_gap(browser: Browser) -> None:
    with own_master(browser, "--speed", "5", "--empty", "--cut", "0.6") as base:
        run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "30s"})
        browser.open(f"{base}/runs/{run['id']}")
        browser.part("downloads")
        assert seconds(browser) == 30
        streams = browser.run(
            "return performance.getEntriesByType('resource').filter((e) => e.name.includes('/events')).length"
        )
        assert streams >= 1
        browser.fresh()  # a connection that ends within an answer may be noted in the console


def test_a_task_that_waits_says_so_and_is_stopped(browser: Browser, base: str) -> None:
    first = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "1h"})
    second = ask(f"{base}/api/v1/runs", {"url": "http://t.test/"})
    browser.open(f"{base}/runs/{second['id']}")
    browser.wait(lambda: "Waits in the queue" in browser.text("state"))
    browser.open(f"{base}/")
    browser.wait(lambda: "Waiting (1)" in browser.text("queue"))
    browser.wait(lambda: f"#{first['number']}" in browser.text("now"))
    browser.open(f"{base}/runs/{second['id']}")
    browser.stop()
    browser.wait(lambda: "stopped while it waited" in browser.text("state"))
    ask(f"{base}/api/v1/runs/{first['id']}/stop", {})


def test_a_run_is_run_again_and_edited(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/14")
    browser.part("edit").click()
    browser.wait(lambda: "-R 2000 http://shop.test/item/13" in browser.text("command"))
    browser.open(f"{base}/runs/14")
    browser.part("again").click()
    browser.wait(lambda: not browser.chrome.current_url.endswith("/14"))
    run = browser.chrome.current_url.rpartition("/")[2]
    assert ask(f"{base}/api/v1/runs/{run}")["url"] == "http://shop.test/item/13"
    ask(f"{base}/api/v1/runs/{run}/stop", {})


def test_a_drag_zooms_all_charts_and_a_button_takes_it_back(browser: Browser, base: str) -> None:
    from selenium.webdriver import ActionChains

    browser.open(f"{base}/runs/13")
    browser.part("downloads")
    before = browser.pixels("errors")
    over = browser.chrome.find_element(By.CSS_SELECTOR, "[data-testid=chart-throughput] .u-over")
    ActionChains(browser.chrome).move_to_element(over).click_and_hold().move_by_offset(120, 0).release().perform()
    browser.wait(lambda: browser.part("unzoom").is_enabled())
    browser.wait(lambda: browser.pixels("errors") != before)
    browser.wait(lambda: "p99.9" in browser.text("window"))
    first, last = re.findall(r"(\d+)s", browser.text("window"))[:2]
    exact = ask(f"{base}/api/v1/runs/13/window?from={first}&to={last}")
    assert f"{exact['completed']:,} completed" in browser.text("window")
    browser.part("unzoom").click()
    ActionChains(browser.chrome).move_to_element(browser.part("head")).perform()
    browser.wait(lambda: browser.pixels("errors") == before)


def test_a_result_has_its_percentile_curve_and_distribution_painted(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/13")
    charts = ("percentiles", "distribution", "heat")
    browser.wait(lambda: all(len(browser.pixels(chart)) > 3000 for chart in charts))
    assert "response time" in browser.text("chart-percentiles")
    text = ask(f"{base}/api/v1/runs/13/report?seconds=0")["response_time"]["hdr"]
    shown = browser.chrome.execute_async_script(DECODED, text)
    assert shown == [highest(slot(value)) for value in decode(text).percentiles([50, 99, 99.9])]


def test_notes_are_kept_with_a_run(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/12")
    browser.part("notes-text").send_keys("warm cache <b>")
    browser.part("notes-save").click()
    browser.wait(lambda: browser.text("notes-state") == "saved")
    browser.open(f"{base}/runs/12")
    browser.wait(lambda: browser.part("notes-text").get_attribute("value") == "warm cache <b>")


def test_the_list_of_runs_is_searched(browser: Browser, base: str) -> None:
    browser.open(f"{base}/")
    browser.part("search").send_keys("nobody")
    browser.wait(lambda: len(browser.part("runs").find_elements(By.CSS_SELECTOR, "tbody tr")) == 1)
    browser.part("search").send_keys("XYZ")
    browser.wait(lambda: "No run matches" in browser.text("runs"))


def test_a_name_with_markup_is_shown_as_text(browser: Browser, base: str) -> None:
    for path in ("/", "/runs/16", "/compare?a=16&b=16"):
        browser.open(base + path)
        browser.wait(lambda: "<img src=x onerror=alert(1)>" in browser.chrome.find_element(By.TAG_NAME, "main").text)
        assert browser.chrome.find_elements(By.CSS_SELECTOR, "main img") == []


def test_an_empty_history_says_what_to_do(browser: Browser) -> None:
    with own_master(browser, "--empty", "--nodes", "0") as base:
        browser.open(base)
        browser.wait(lambda: "No runs yet" in browser.text("runs"))
        assert "No node is here yet" in browser.text("nodes")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_anybody_else(browser: Browser, base: str, path: str) -> None:
    browser.open(base + path)
    browser.wait(lambda: settled(browser))
    assert browser.run(FOREIGN) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone(browser: Browser, base: str, path: str) -> None:
    browser.phone()
    browser.open(base + path)
    browser.wait(lambda: settled(browser))
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_the_form_is_sent_by_keyboard_alone(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/new")
    browser.wait(lambda: browser.run("return document.activeElement.id") == "url")
    browser.chrome.switch_to.active_element.send_keys("http://t.test/key", Keys.ENTER)
    browser.wait(lambda: "/runs/new" not in browser.chrome.current_url)
    run = browser.chrome.current_url.rpartition("/")[2]
    assert ask(f"{base}/api/v1/runs/{run}")["url"] == "http://t.test/key"
    ask(f"{base}/api/v1/runs/{run}/stop", {})
