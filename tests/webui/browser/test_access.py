"""Every page for everybody: contrast in light and dark, names for screen readers, headings, and the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gluten.net.keys.keys import ClusterKey
from tests.support.needs import BROWSER
from tests.support.web.access import SHAPES, STRUCTURE, TEXTS, nameless, walk
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]
READY = "return document.readyState === 'complete' && document.querySelector('#zone').textContent !== ''"
GROUND = "return getComputedStyle(document.documentElement).getPropertyValue('--ground').trim() < '#8'"
"""Whether the page is dark."""
PAGES = {
    "dashboard": "/",
    "nodes": "/nodes",
    "new run": "/runs/new",
    "edit and run": "/runs/new?from=13",
    "result": "/runs/13",
    "failed run": "/runs/15",
    "stopped run": "/runs/16",
    "compare, empty": "/compare",
    "compare": "/compare?runs=12,13,14",
    "unknown run": "/runs/999",
}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4", "--nodes", "60") as url:
        ask(f"{url}/api/v1/runs", {"url": "http://live.test/", "rate": "1k", "duration": "1h"})
        ask(f"{url}/api/v1/runs", {"url": "http://waits.test/"})
        yield url


@pytest.fixture
def browser(shared: Browser) -> Iterator[Browser]:
    """Some of its pages are errors, of which the console tells."""
    shared.fresh()
    yield shared
    shared.fresh()


def show(browser: Browser, base: str, path: str) -> None:
    browser.open(base + path)
    browser.wait(lambda: browser.run(READY))
    if path in ("/runs/13", "/runs/15", "/runs/16"):
        browser.part("downloads")


def readable(browser: Browser) -> None:
    """In both schemes, which a page takes as soon as its reader's choice changes."""
    for scheme in ("dark", "light"):
        browser.scheme(scheme)
        assert browser.run(GROUND) == (scheme == "dark")
        assert browser.run(TEXTS) == [], scheme
        assert browser.run(SHAPES) == [], scheme


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_every_text_and_line_has_the_contrast_of_aa_and_every_control_a_name(
    browser: Browser, base: str, path: str
) -> None:
    show(browser, base, path)
    readable(browser)
    assert nameless(browser) == []
    assert browser.run(STRUCTURE) == []


def live(browser: Browser, base: str) -> None:
    show(browser, base, "/runs/17")
    browser.wait(lambda: int(browser.part("charts").get_attribute("data-seconds") or 0) > 2)
    browser.chrome.find_element(By.CSS_SELECTOR, ".keys button").click()  # a line that is not shown


def refused(browser: Browser, base: str) -> None:
    show(browser, base, "/runs/new")
    for name, text in (("url", "x"), ("threads", "?")):
        browser.chrome.find_element(By.ID, name).send_keys(text)
    browser.chrome.find_element(By.CSS_SELECTOR, "details summary").click()
    browser.wait(lambda: browser.text("threads-wrong"))


def waiting(browser: Browser, base: str) -> None:
    show(browser, base, "/runs/18")
    browser.wait(lambda: "Waits in the queue" in browser.text("state"))


@pytest.mark.parametrize("bring", [live, refused, waiting])
def test_what_a_page_shows_later_has_contrast_too(
    browser: Browser, base: str, bring: Callable[[Browser, str], None]
) -> None:
    bring(browser, base)
    readable(browser)


def test_the_login_and_a_viewers_pages_have_contrast_and_names(browser: Browser) -> None:
    key = ClusterKey.make()
    with own_master(browser, "--key", key.text) as base:
        browser.open(f"{base}/login")
        browser.wait(lambda: browser.run(READY))
        readable(browser)
        assert nameless(browser) == []
        assert browser.run(STRUCTURE) == []
        browser.log_in(base, key.token("viewer"))
        browser.wait(lambda: browser.part("readonly"))
        readable(browser)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_the_tab_key_reaches_everything_in_the_order_of_the_page_and_is_seen(
    browser: Browser, base: str, path: str
) -> None:
    show(browser, base, path)
    missed, disordered, dull = walk(browser)
    assert missed == []
    assert disordered == []
    assert dull == []


def test_the_first_key_skips_to_the_content(browser: Browser, base: str) -> None:
    show(browser, base, "/nodes")
    browser.chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.chrome.switch_to.active_element.text == "Skip to content"
    browser.chrome.switch_to.active_element.send_keys(Keys.ENTER)
    browser.chrome.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement.id") == "search"
