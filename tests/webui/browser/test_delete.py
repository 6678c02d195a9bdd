"""Deleting a run from its page, in a real Chromium."""

from __future__ import annotations

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, own_master

pytestmark = [pytest.mark.slow, BROWSER]


def test_a_run_is_deleted_by_the_second_press_alone(browser: Browser) -> None:
    with own_master(browser) as base:
        browser.open(f"{base}/runs/12")
        browser.wait(lambda: browser.text("delete") == "Delete")
        browser.part("delete").click()
        assert browser.text("delete") == "Delete for ever?"
        browser.part("again").send_keys("")  # the focus goes elsewhere
        browser.chrome.execute_script("arguments[0].blur()", browser.part("delete"))
        browser.wait(lambda: browser.text("delete") == "Delete")
        assert ask(f"{base}/api/v1/runs/12")["number"] == 12
        browser.part("delete").click()
        browser.part("delete").click()
        browser.wait(lambda: browser.chrome.current_url == f"{base}/")


def test_neither_a_run_that_is_on_nor_a_baseline_has_the_button(browser: Browser) -> None:
    with own_master(browser) as base:
        ask(f"{base}/api/v1/runs/12/pin", {})
        on = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "duration": 600})["number"]
        for number, other in ((12, "again"), (on, "edit")):
            browser.open(f"{base}/runs/{number}")
            browser.wait(lambda other=other: browser.part(other))  # type: ignore[misc]
            browser.wait(lambda: not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=delete]"))
