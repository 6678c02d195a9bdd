"""SLOs on a run's page: first, live, and beside each other where runs are compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
HELD, MISSED = "errors < 90%", "p99 < 1us"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "6", "--empty") as url:
        yield url


def states(browser: Browser) -> dict[str, str]:
    rows = browser.part("slos").find_elements(By.CSS_SELECTOR, "[data-slo]")
    return {str(row.get_attribute("data-slo")): str(row.get_attribute("data-state")) for row in rows}


def submit(base: str, *slos: str, duration: str = "4s") -> str:
    task = {"url": "http://t.test/", "duration": duration, "rate": 500, "slo": list(slos)}
    return str(ask(f"{base}/api/v1/runs", task)["id"])


def over(browser: Browser) -> None:
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=finished]"))


def test_slos_stand_first_and_follow_the_run(browser: Browser, base: str) -> None:
    run = submit(base, HELD, MISSED, duration="1h")
    browser.open(f"{base}/runs/{run}")
    browser.wait(lambda: states(browser) == {MISSED: "missed", HELD: "holds"})
    assert browser.text("slo-summary") == "1 of 2 missed"
    assert "since second 0" in browser.text("slos")
    order = "return [...document.querySelectorAll('main > *')].filter((e) => e.id && !e.hidden).map((e) => e.id)"
    assert list(browser.run(order))[:3] == ["head", "slos", "figures"]
    ask(f"{base}/api/v1/runs/{run}/stop", {})
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=stopped]"))
    assert states(browser) == {MISSED: "missed", HELD: "holds"}


def test_a_run_without_slos_has_no_room_for_them(browser: Browser, base: str) -> None:
    run = submit(base)
    browser.open(f"{base}/runs/{run}")
    over(browser)
    assert not browser.chrome.find_element(By.ID, "slos").is_displayed()


def test_slos_of_two_runs_are_compared(browser: Browser, base: str) -> None:
    runs = []
    for slos in ((HELD, MISSED), (HELD,)):
        runs.append(submit(base, *slos))
        browser.open(f"{base}/runs/{runs[-1]}")
        over(browser)
    browser.open(f"{base}/compare?runs={','.join(runs)}")
    browser.part("figures")
    cells = {
        text: [
            cell.text.split("\n")[0]
            for cell in browser.chrome.find_elements(By.CSS_SELECTOR, f'[data-slo="{text}"] td')
        ]
        for text in (HELD, MISSED)
    }
    assert [cell[0] for cell in cells[HELD]] == ["✓", "✓"]
    assert [cell[0] for cell in cells[MISSED]] == ["✗", "–"]
