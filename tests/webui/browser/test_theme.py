"""The theme in a real Chromium: light, dark or the system's, kept on the device, and on the page before it is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.keys import Keys

from tests.support.needs import BROWSER
from tests.support.web.access import SHAPES, TEXTS
from tests.support.web.browser import Browser, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
GROUND = "return getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(246, 245, 242)", "rgb(19, 20, 22)"
FIRST = """
new PerformanceObserver(() => {}).observe({ type: 'paint', buffered: true });
document.addEventListener('readystatechange', () => {
  globalThis.seen ??= getComputedStyle(document.documentElement).backgroundColor;
});
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master() as url:
        yield url


def ground(browser: Browser) -> str:
    return str(browser.run(GROUND))


def press(browser: Browser, wanted: str) -> None:
    for _ in range(3):
        if browser.run("return document.documentElement.dataset.theme") == wanted:
            return
        browser.part("theme").send_keys(Keys.ENTER)
    raise AssertionError(wanted)


@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_choice_outranks_the_system_and_is_kept(browser: Browser, base: str, system: str) -> None:
    browser.scheme(system)
    browser.open(f"{base}/")
    of_system = LIGHT if system == "light" else DARK
    for choice, colour in (("dark", DARK), ("light", LIGHT), ("system", of_system)):
        press(browser, choice)
        assert ground(browser) == colour
        assert f"Theme: {choice}." in str(browser.part("theme").get_attribute("aria-label"))
        for path in ("/nodes", "/runs/13", "/"):
            browser.open(base + path)
            assert ground(browser) == colour, (choice, path)


@pytest.mark.parametrize(("system", "choice", "colour"), [("light", "dark", DARK), ("dark", "light", LIGHT)])
def test_a_page_is_never_seen_in_the_other_theme_first(
    browser: Browser, base: str, system: str, choice: str, colour: str
) -> None:
    browser.scheme(system)
    browser.open(f"{base}/")
    press(browser, choice)
    added = browser.chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": FIRST})
    browser.open(f"{base}/runs/13")
    assert browser.run("return globalThis.seen") == colour
    browser.chrome.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert browser.run(TEXTS) == []
    assert browser.run(SHAPES) == []
    press(browser, "system")


def test_charts_take_the_colours_of_the_theme_that_is_chosen(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/13")
    browser.part("verdict")
    browser.wait(lambda: len(browser.pixels("throughput")) > 3000)
    light = browser.pixels("throughput")
    press(browser, "dark")
    browser.wait(lambda: len(browser.pixels("throughput")) > 3000 and browser.pixels("throughput") != light)
    press(browser, "light")
    browser.wait(lambda: browser.pixels("throughput") == light)
    press(browser, "system")
