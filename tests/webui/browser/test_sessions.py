"""A run of sessions on its page: what became of them, scenarios and groups, a typical session; and runs compared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master, own_master
from tests.support.web.fake_sessions import BROWSE, BUY

pytestmark = [pytest.mark.slow, BROWSER]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "20", "--empty") as url:
        yield url


def begin(base: str, duration: str = "20s", path: str = "users") -> str:
    run = ask(f"{base}/api/v1/runs", {"url": f"http://t.test/{path}", "duration": duration, "rate": 500})
    return f"{base}/runs/{run['id']}"


@pytest.fixture(scope="module")
def finished(base: str) -> str:
    """The page of a run that is over."""
    return begin(base)


def opened(browser: Browser, page: str) -> None:
    browser.open(page)
    browser.part("downloads")


def of_run(base: str, page: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = ask(f"{base}/api/v1/runs/{page.rpartition('/')[2]}")
    return found


def test_what_became_of_the_sessions(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    sessions = of_run(base, finished)["sessions"]
    for key in ("begun", "finished", "ended", "cut"):
        assert browser.text(f"figure-{key}") == f"{sessions[key]:,.0f}"
    assert "100 % good" in browser.text("beside-finished")
    assert browser.text("figure-active") == "453"
    assert browser.text("figure-dropped") == f"{sessions['dropped']}"


def test_scenarios_and_groups_have_a_row_each(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    rows = browser.part("by-scenario").find_elements(By.CSS_SELECTOR, "tbody tr")
    assert [row.get_attribute("data-name") for row in rows] == [BROWSE, BUY]
    assert "9.10 s" in rows[0].text
    assert "checkout" in browser.text("groups")


def test_the_table_by_request_says_what_sessions_skipped(browser: Browser, finished: str) -> None:
    opened(browser, finished)
    table = browser.part("requests")
    assert table.find_elements(By.CSS_SELECTOR, "thead th")[-1].text == "Skipped"
    assert [
        row.find_elements(By.TAG_NAME, "td")[-1].text for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ] == ["7"] * 3


def test_a_typical_session_is_a_waterfall(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    first, second = browser.part("typical").find_elements(By.CSS_SELECTOR, "[data-waterfall]")
    assert (first.get_attribute("data-waterfall"), second.get_attribute("data-waterfall")) == (BROWSE, BUY)
    lines = [row.text.split() for row in first.find_elements(By.CSS_SELECTOR, "tr")]
    assert [line[0] for line in lines] == ["home", "pause", "search", "pause"]
    assert lines[2][1:3] == ["×", "2.5"]
    bars = first.find_elements(By.TAG_NAME, "rect")
    edges = [(float(bar.get_attribute("x") or ""), float(bar.get_attribute("width") or "")) for bar in bars]
    assert edges == sorted(edges)
    assert edges[-1][0] + edges[-1][1] == pytest.approx(100, abs=0.1)


def test_sessions_at_once_have_a_chart(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    browser.wait(lambda: len(browser.pixels("sessions")) > 3000)
    for key in ("at once", "begun", "asked"):
        assert key in browser.text("chart-sessions")
    assert "asked" not in browser.text("chart-throughput")
    assert "500 sessions/s asked" in browser.text("head")


def test_a_live_run_shows_them_as_they_come(browser: Browser) -> None:
    with own_master(browser, "--speed", "4", "--empty") as base:
        browser.open(begin(base, "1h"))
        browser.wait(lambda: browser.text("figure-begun") not in ("", "–", "0"))
        first = browser.text("figure-begun")
        browser.wait(lambda: browser.text("figure-begun") != first)
        browser.wait(lambda: "home" in browser.text("typical"))
        assert "500/s asked" in browser.text("under-begun")
        assert "asked" not in browser.text("under-rate")
        assert "sessions/s" in browser.text("rate-control")


@pytest.mark.parametrize("path", ["shop", ""])
def test_a_run_without_scenarios_has_none_of_it(browser: Browser, base: str, finished: str, path: str) -> None:
    opened(browser, finished)
    opened(browser, begin(base, "2s", path))
    assert not browser.part("sessions").is_displayed()
    assert "Skipped" not in browser.text("requests")
    assert not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-testid=chart-sessions]")
    assert "asked" in browser.text("chart-throughput")


def test_it_fits_a_narrow_phone(browser: Browser, finished: str) -> None:
    screen = {"width": 360, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    opened(browser, finished)
    browser.wait(lambda: browser.part("typical").is_displayed())
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_runs_are_compared_by_scenario(browser: Browser, base: str, finished: str) -> None:
    opened(browser, finished)
    other = begin(base, "12s")
    opened(browser, other)
    numbers = [of_run(base, page)["number"] for page in (finished, other)]
    browser.open(f"{base}/compare?runs={numbers[0]},{numbers[1]}")
    rows = browser.part("by-scenario").find_elements(By.CSS_SELECTOR, "tbody tr")
    assert [row.get_attribute("data-scenario") for row in rows] == [BROWSE] * 5 + [BUY] * 5
    assert "Sessions/s" in rows[0].text
    assert "Session time p50" in browser.text("figures")
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
