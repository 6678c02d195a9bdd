"""The charts by keyboard in a real Chromium: keys move and zoom what the mouse zooms, and exact figures follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
WHOLE = [0, 32]
STEERED = """
const [cases, done] = arguments;
(async () => {
const { steered } = await import(new URL('charts/steer.js', document.querySelector('script[type=module]').src));
done(cases.map((given) => steered(...given) ?? String(steered(...given))));
})();
"""
ASKED = """
const sent = performance.getEntriesByType('resource').filter((e) => e.name.includes('/window?'));
return sent.map((e) => [e.startTime, new URL(e.name).search]);
"""
INSIDE = """
const button = document.querySelector('[data-testid=log-latency]');
button.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }));
return document.querySelector('#unzoom').disabled;
"""
HINTS = "return [...document.querySelectorAll('.keyhint')].map((e) => e.checkVisibility({ visibilityProperty: true }))"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4") as url:
        yield url


def look(browser: Browser, base: str) -> None:
    """The page of run 13, of 32 s, once all of it is drawn."""
    browser.open(f"{base}/runs/13")
    browser.part("downloads")
    browser.wait(lambda: len(browser.pixels("distribution")) > 3000)


def window(browser: Browser) -> tuple[int, int]:
    """The seconds whose exact figures stand there."""
    text = browser.wait(lambda: re.match(r"From (\d+)s to (\d+)s: .* p99\.9 ", browser.text("window")))
    return int(text[1]), int(text[2])


def seconds(browser: Browser) -> int:
    return int(browser.part("charts").get_attribute("data-seconds") or 0)


CASES: list[tuple[str, list[float] | None, Any]] = [
    ("+", None, [8, 24]), ("=", [8, 24], [12, 20]), ("+", [4, 5.5], [4.25, 5.25]), ("+", [4, 5], [4, 5]),
    ("-", [12, 20], [8, 24]), ("_", [8, 24], "null"), ("-", [0, 8], [0, 16]), ("-", None, "null"),
    ("ArrowRight", [8, 18], [10, 20]), ("ArrowRight", [21, 31], [22, 32]), ("ArrowLeft", [8, 18], [6, 16]),
    ("ArrowLeft", [1, 11], [0, 10]), ("ArrowLeft", None, "null"),
    ("0", [8, 24], "null"), ("Escape", [8, 24], "null"), ("ArrowUp", [8, 24], "undefined"),
    ("Tab", None, "undefined"),
]  # fmt: skip
"""A key, what is seen, and what is seen then."""


def test_a_key_moves_by_a_fifth_doubles_or_halves_and_never_leaves_the_run(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/13")
    given = [[key, view, WHOLE, 1] for key, view, _ in CASES]
    found = browser.chrome.execute_async_script(STEERED, given)
    for case, view in zip(CASES, found, strict=True):
        assert view == case[2], case


def test_keys_zoom_and_move_all_charts_and_0_takes_it_back(browser: Browser, base: str) -> None:
    look(browser, base)
    whole = browser.pixels("errors")
    charts = browser.part("charts")
    charts.send_keys("+")
    browser.wait(lambda: browser.pixels("errors") != whole)
    first, last = window(browser)
    exact = ask(f"{base}/api/v1/runs/13/window?from={first}&to={last}")
    assert f"{exact['completed']:,} completed" in browser.text("window")
    charts.send_keys(Keys.ARROW_RIGHT)
    browser.wait(lambda: window(browser)[0] > first)
    assert window(browser)[1] > last
    charts.send_keys("0")
    browser.wait(lambda: not browser.part("unzoom").is_enabled())
    browser.wait(lambda: browser.pixels("errors") == whole)
    assert "press +" in browser.text("window")


def test_exact_figures_are_asked_for_once_150_ms_after_the_last_key(browser: Browser, base: str) -> None:
    look(browser, base)
    last = browser.press("#charts", ["+", "+", "ArrowRight", "ArrowRight", "ArrowLeft"])
    first, end = window(browser)
    ((sent, query),) = browser.run(ASKED)
    assert sent - last >= 149  # a timer counts whole milliseconds
    assert query == f"?from={first}&to={end}"


def test_taken_back_before_that_nothing_is_asked_for(browser: Browser, base: str) -> None:
    look(browser, base)
    browser.press("#charts", ["+", "+", "Escape"])
    assert not browser.part("unzoom").is_enabled()
    browser.press("#charts", ["+"])
    window(browser)
    assert len(browser.run(ASKED)) == 1


def test_the_button_takes_back_what_keys_zoomed_and_hands_the_focus_to_the_charts(browser: Browser, base: str) -> None:
    look(browser, base)
    browser.part("charts").send_keys("+")
    browser.wait(lambda: browser.part("unzoom").is_enabled())
    browser.part("unzoom").send_keys(Keys.ENTER)
    browser.wait(lambda: not browser.part("unzoom").is_enabled())
    assert browser.run("return document.activeElement.id") == "charts"


def test_the_focused_area_shows_its_keys(browser: Browser, base: str) -> None:
    look(browser, base)
    charts = browser.part("charts")
    assert browser.run(HINTS) == [False, False, False]
    charts.send_keys("0")
    browser.wait(lambda: browser.run(HINTS) == [True, False, False])
    assert charts.accessible_name == "Charts over time"
    described = browser.chrome.find_element(By.ID, str(charts.get_attribute("aria-describedby")))
    assert described.text == "Keys: ← → move, + − zoom, 0 all"


def test_keys_of_a_button_inside_are_its_own(browser: Browser, base: str) -> None:
    look(browser, base)
    assert browser.run(INSIDE) is True


def test_while_a_run_goes_on_its_zoom_stays(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "rate": "1k", "duration": "1h"})
    browser.open(f"{base}/runs/{run['id']}")
    browser.wait(lambda: seconds(browser) >= 9)
    browser.part("charts").send_keys("+")
    chosen, then = window(browser), seconds(browser)
    browser.wait(lambda: seconds(browser) >= then + 3)
    assert browser.part("unzoom").is_enabled()
    assert window(browser) == chosen
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})


def test_charts_of_another_axis_are_steered_by_themselves(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?runs=12,13")
    browser.wait(lambda: len(browser.pixels("distribution")) > 3000)
    assert len(browser.chrome.find_elements(By.CSS_SELECTOR, ".steered")) == 3
    percentiles, distribution = browser.pixels("percentiles"), browser.pixels("distribution")
    browser.part("chart-percentiles").send_keys("+")
    browser.wait(lambda: browser.pixels("percentiles") != percentiles)
    assert browser.pixels("distribution") == distribution
    browser.part("chart-percentiles").send_keys(Keys.ESCAPE)
    browser.wait(lambda: browser.pixels("percentiles") == percentiles)
