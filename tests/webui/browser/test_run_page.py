"""A run's page for someone who must decide at once: its order, what its charts tell, an address that shows it all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
ORDER = """
const parts = ['head', 'slos', 'outcome', 'figures', 'charts', 'requests', 'report', 'events'];
const places = parts.map((id) => document.getElementById(id).getBoundingClientRect().top);
return places.every((top, index) => !index || top > places[index - 1]);
"""
COLUMNS = "return getComputedStyle(document.querySelector('#charts')).gridTemplateColumns.split(' ').length"
FOOT = "return [document.querySelector('footer').getBoundingClientRect().bottom, innerHeight]"
CROSSED = """
const boxes = [...document.querySelectorAll(arguments[0])].filter((e) => e.getClientRects().length && e.textContent);
const frames = boxes.map((e) => e.getBoundingClientRect());
const touch = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
const bad = [];
boxes.forEach((e, i) => boxes.slice(i + 1).forEach((other, j) => {
  if (!e.contains(other) && touch(frames[i], frames[i + 1 + j])) bad.push(`${e.textContent} | ${other.textContent}`);
}));
boxes.filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).forEach((e) => bad.push(e.textContent));
return bad;
"""
TEXTS = ".figure dt > span, .figure dd, .chart > header > *, .keys > *, .runhead > *, #slos th, #slos td"
AT = "return document.querySelector('[data-testid=chart-throughput] .at').textContent"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "20") as url:
        yield url


@pytest.fixture(scope="module")
def shop(base: str) -> str:
    """The page of a run of several requests that is over: 25 s, a node was lost in second 8."""
    task = {"url": "http://t.test/shop", "duration": "25s", "rate": 2000, "slo": ["p99 < 1us", "errors < 90%"]}
    return f"{base}/runs/{ask(f'{base}/api/v1/runs', task)['id']}"


def opened(browser: Browser, page: str) -> None:
    browser.open("about:blank")  # else an address that differs in its end alone is no other page
    browser.open(page)
    browser.part("downloads")
    browser.wait(lambda: len(browser.pixels("throughput")) > 3000)


def point(browser: Browser, chart: str, x: float, y: float) -> None:
    """Move the pointer to this share of a chart's width and height."""
    over = browser.chrome.find_element(By.CSS_SELECTOR, f"[data-testid=chart-{chart}] .u-over")
    browser.run("arguments[0].scrollIntoView({ block: 'center' })", over)
    size: Any = over.size
    left, top = round((x - 0.5) * size["width"]), round((y - 0.5) * size["height"])
    ActionChains(browser.chrome, 0).move_to_element_with_offset(over, left, top).perform()


def tip(browser: Browser, chart: str) -> str:
    return browser.chrome.find_element(By.CSS_SELECTOR, f"[data-testid=chart-{chart}] .tip").text


def address(browser: Browser) -> str:
    return str(browser.chrome.current_url).partition("#")[2]


def test_slos_verdict_tiles_charts_and_tables_stand_in_this_order(browser: Browser, shop: str) -> None:
    opened(browser, shop)
    assert browser.run(ORDER)
    assert browser.text("verdict").startswith("Verdict: suspect. Read the figures with care.")
    assert "berlin-2's generator used 91 % of a core" in browser.text("verdict")


def test_stop_asks_once(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": "1h"})
    browser.open(f"{base}/runs/{run['id']}")
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=running]"))
    browser.part("stop").click()
    browser.wait(lambda: browser.text("stop") == "Really stop?")
    browser.run("document.activeElement.blur()")
    browser.wait(lambda: browser.text("stop") == "Stop")
    assert ask(f"{base}/api/v1/runs/{run['id']}")["state"] == "running"
    browser.stop()
    browser.wait(lambda: ask(f"{base}/api/v1/runs/{run['id']}")["state"] == "stopped")


def test_charts_of_the_machines_the_bytes_and_the_rate_are_painted(browser: Browser, shop: str) -> None:
    opened(browser, shop)
    for chart, words in (("host", ("host CPU", "steal")), ("bytes", ("read", "written")), ("knee", ("p99",))):
        browser.wait(lambda chart=chart: len(browser.pixels(chart)) > 3000)  # type: ignore[misc]
        assert all(word in browser.text(f"chart-{chart}") for word in words)


def test_the_pointer_brings_the_words_of_an_event_and_the_count_of_a_cell(browser: Browser, shop: str) -> None:
    opened(browser, shop)
    point(browser, "throughput", 8 / 24, 0.5)
    browser.wait(lambda: "0:08: berlin-2 was lost" in tip(browser, "throughput") or tip(browser, "throughput"))
    assert "berlin-2 was lost; its share moved to master, berlin-1" in tip(browser, "throughput")
    assert tip(browser, "latency") == ""
    point(browser, "heat", 0.5, 0.55)
    browser.wait(lambda: tip(browser, "heat").endswith(" requests"))
    point(browser, "knee", 0.5, 0.5)
    browser.wait(lambda: "p99" in tip(browser, "knee"))
    assert "requests/s in a cell" in browser.text("chart-heat")


def test_times_are_logarithmic_until_someone_says_otherwise(browser: Browser, shop: str) -> None:
    opened(browser, shop)
    button = browser.part("log-latency")
    assert button.get_attribute("aria-pressed") == "true"
    before = browser.pixels("latency")
    button.click()
    browser.wait(lambda: browser.pixels("latency") not in ("", before))
    assert button.get_attribute("aria-pressed") == "false"
    assert address(browser) == "scale=latency"
    linear = browser.pixels("latency")
    opened(browser, f"{shop}#scale=latency")
    browser.wait(lambda: browser.pixels("latency") == linear)


def test_the_address_shows_what_is_seen_and_the_keys_follow_the_zoom(browser: Browser, shop: str) -> None:
    opened(browser, shop)
    whole, last = browser.pixels("errors"), browser.run(AT)
    browser.press("#charts", ["+"])
    browser.wait(lambda: address(browser) == "from=6&to=18")
    browser.wait(lambda: browser.run(AT) not in ("", last))
    browser.wait(lambda: "From 6s to 19s" in browser.text("window"))
    assert browser.run(AT) == "18s"
    zoomed = browser.pixels("errors")
    assert zoomed != whole
    opened(browser, f"{shop}#{address(browser)}")
    browser.wait(lambda: browser.pixels("errors") == zoomed)
    browser.wait(lambda: "From 6s to 19s" in browser.text("window"))
    browser.part("unzoom").click()
    browser.wait(lambda: address(browser) == "")


def test_the_address_names_the_request_that_the_charts_are_of(browser: Browser, shop: str) -> None:
    opened(browser, f"{shop}#of=search")
    browser.wait(lambda: browser.part("choice").get_attribute("value") == "search")
    opened(browser, f"{shop}#of=nobody&from=x&to=4")
    assert browser.part("choice").get_attribute("value") == ""
    assert not browser.part("unzoom").is_enabled()


def test_empty_charts_take_no_room_and_are_named(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/301", "duration": "5s", "rate": 500})
    opened(browser, f"{base}/runs/{run['id']}")
    browser.wait(lambda: not browser.part("chart-errors").is_displayed())
    rest = "Nothing to draw: Errors by status and kind (no errors) · Backlog and dropped (nothing waited, nothing was "
    browser.wait(lambda: rest in browser.text("charts"))


def test_a_wide_screen_has_three_columns_and_a_phone_one(browser: Browser, shop: str) -> None:
    for width, columns in ((2560, 3), (1440, 2), (360, 1)):
        browser.size(width)
        opened(browser, shop)
        assert browser.run(COLUMNS) == columns


@pytest.mark.parametrize("width", [360, 768, 1440, 2560])
def test_no_text_touches_another_or_is_cut_off(browser: Browser, shop: str, width: int) -> None:
    browser.size(width)
    opened(browser, shop)
    assert browser.run(CROSSED, TEXTS) == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 768, 1280, 1440, 2560])
def test_nor_while_a_run_is_under_way(browser: Browser, base: str, width: int) -> None:
    browser.size(width)
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/users", "duration": "1h", "rate": 2000})
    browser.open(f"{base}/runs/{run['id']}")
    browser.wait(lambda: int(browser.part("charts").get_attribute("data-seconds") or 0) > 12)
    assert browser.run(CROSSED, TEXTS) == []
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})


def test_the_footer_is_at_the_foot_of_a_short_page(browser: Browser, base: str) -> None:
    browser.open(f"{base}/nodes")
    browser.wait(lambda: browser.chrome.find_elements(By.CSS_SELECTOR, "tbody tr"))
    bottom, height = browser.run(FOOT)
    assert bottom == pytest.approx(height, abs=1)
