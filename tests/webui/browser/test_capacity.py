"""A search for the capacity on the pages: its answer, its trials live, the searches of a name, a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "60", "--empty") as url:
        yield url


def submit(base: str, path: str = "/search", name: str = "") -> str:
    task = {"url": f"http://t.test{path}", "duration": "125s", "rate": 500, "slo": ["p99 < 250ms"], "name": name}
    return str(ask(f"{base}/api/v1/runs", task)["id"])


def over(browser: Browser) -> None:
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=finished]"))


ROWS = "return [...document.querySelectorAll('[data-trial]')].map((row) => [row.dataset.trial, row.dataset.state])"


def trials(browser: Browser) -> list[list[str]]:
    """[rate, state] of each row, the newest first. They are read all at once, because they change."""
    return list(browser.run(ROWS))


def test_the_trials_follow_the_search_until_the_answer_is_there(browser: Browser, base: str) -> None:
    run = submit(base)
    browser.open(f"{base}/runs/{run}")
    browser.wait(lambda: len(trials(browser)) > 2)
    assert trials(browser)[-1] == ["10", "holds"]
    assert browser.text("answer").endswith("so far")
    assert browser.text("figure-limit") == "–"
    over(browser)
    browser.wait(lambda: browser.text("answer").endswith("the target was the limit"))
    found = ask(f"{base}/api/v1/runs/{run}")["capacity"]
    assert [state for _, state in trials(browser)] == [one["state"] for one in found["trials"][::-1]]
    assert browser.text("figure-holds") == f"{found['holds']:,.0f}/s"
    assert browser.text("figure-misses") == f"{found['misses']:,.0f}/s"
    assert browser.text("figure-limit") == "the target"


def test_the_charts_by_rate_are_painted_and_can_be_zoomed(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/{submit(base)}")
    over(browser)
    charts = [f"capacity-{name}" for name in ("times", "not-good", "load")]
    browser.wait(lambda: all(len(browser.pixels(chart)) > 4000 for chart in charts))
    whole = browser.pixels("capacity-times")
    button = browser.part("capacity-unzoom")
    assert not button.is_enabled()
    browser.press("[data-testid=capacity-charts]", ["+"])
    browser.wait(lambda: button.is_enabled() and browser.pixels("capacity-times") != whole)
    button.click()
    browser.wait(lambda: not button.is_enabled() and browser.pixels("capacity-times") == whole)


def test_the_searches_of_a_name_stand_below_each_other(browser: Browser, base: str) -> None:
    for path in ("/search?at=9000", "/search?at=9000", "/search?at=6000"):
        run = submit(base, path, "nightly")
        browser.open(f"{base}/runs/{run}")
        over(browser)
    rows = browser.wait(lambda: browser.part("searches").find_elements(By.CSS_SELECTOR, "[data-search]"))
    texts = [" ".join(row.text.split()) for row in rows]
    assert "this run" in texts[0]
    assert "-33." in texts[0]
    assert "the intervals overlap" in texts[1]
    assert len(rows) == 3


def test_a_run_that_does_not_search_has_no_room_for_it(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/{submit(base, '/')}")
    over(browser)
    for part in ("capacity", "searches"):
        assert not browser.chrome.find_element(By.ID, part).is_displayed()


def test_searches_are_compared_by_their_intervals(browser: Browser, base: str) -> None:
    runs = []
    for path in ("/search?at=8000", "/search?at=4000", "/search?at=8000"):
        runs.append(submit(base, path))
        browser.open(f"{base}/runs/{runs[-1]}")
        over(browser)
    browser.open(f"{base}/compare?runs={','.join(runs)}")
    cells = browser.part("figures").find_elements(By.CSS_SELECTOR, "[data-noise=capacity]")
    assert [cell.text for cell in cells] == ["the intervals are apart", "the intervals overlap"]
    assert not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-noise=p99]:not(:empty)")
