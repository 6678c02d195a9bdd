"""Pinning a run as its name's baseline, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from gluten.net.keys.keys import ClusterKey
from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]


@pytest.fixture
def base() -> Iterator[str]:
    with fake_master() as url:
        yield url


def pin(browser: Browser, words: str) -> None:
    """Presses the button of these words."""
    browser.wait(lambda: browser.text("pin") == words and browser.part("pin").is_enabled())
    browser.part("pin").click()


def test_a_run_is_pinned_seen_in_the_list_and_taken_back(browser: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs/12")["id"]
    browser.open(f"{base}/runs/12")
    pin(browser, "Pin as baseline")
    browser.wait(lambda: browser.text("pin") == "Unpin baseline")
    assert [known["run"] for known in ask(f"{base}/api/v1/baselines")["baselines"]] == [run]
    browser.open(base)
    browser.wait(lambda: browser.chrome.find_element(By.CSS_SELECTOR, f"[data-run='{run}'] [data-testid=baseline]"))
    assert len(browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=baseline]")) == 1
    browser.open(f"{base}/runs/12")
    pin(browser, "Unpin baseline")
    browser.wait(lambda: browser.text("pin") == "Pin as baseline")
    assert ask(f"{base}/api/v1/baselines") == {"baselines": []}
    assert browser.console() == []


def test_a_run_is_compared_with_the_baseline_of_its_name(browser: Browser, base: str) -> None:
    ask(f"{base}/api/v1/runs/12/pin", {})
    browser.open(f"{base}/runs/13")
    browser.part("compare-baseline").click()
    browser.wait(lambda: browser.chrome.current_url.endswith("/compare?runs=12,13"))
    browser.wait(lambda: browser.part("figures"))
    assert browser.console() == []


def test_a_run_that_did_not_finish_cannot_be_pinned(browser: Browser, base: str) -> None:
    ask(f"{base}/api/v1/runs/12/pin", {})
    browser.open(f"{base}/runs/14")
    browser.wait(lambda: browser.part("compare-baseline") and browser.part("pin"))
    browser.open(f"{base}/runs/16")
    browser.part("downloads")
    assert browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=pin]") == []


def test_a_viewer_compares_with_a_baseline_but_pins_nothing(browser: Browser) -> None:
    key = ClusterKey.make()
    with own_master(browser, "--key", key.text, "--pin", "12") as base:
        browser.log_in(base, key.token("viewer"))
        browser.open(f"{base}/runs/13")
        browser.wait(lambda: browser.part("compare-baseline"))
        browser.open(f"{base}/runs/12")
        browser.wait(lambda: browser.part("baseline"))
        assert browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=pin]") == []
