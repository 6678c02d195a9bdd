"""A search for the capacity on the pages: its answer, its trials live, the searches of a name, a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master, own_master

pytestmark = [pytest.mark.slow, BROWSER]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "200", "--empty") as url:
        yield url


def submit(base: str, path: str = "/search", name: str = "") -> str:
    task = {"url": f"http://t.test{path}", "duration": "125s", "rate": 500, "slo": ["p99 < 250ms"], "name": name}
    return str(ask(f"{base}/api/v1/runs", task)["id"])


def over(browser: Browser) -> None:
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=finished]"))


def made(browser: Browser, base: str, path: str = "/search", name: str = "") -> str:
    """A run that is over. No page was open meanwhile, which would draw each of its 125 seconds."""
    run = submit(base, path, name)
    browser.wait(lambda: ask(f"{base}/api/v1/runs/{run}")["state"] == "finished")
    return run


NOW = """
const rows = [...document.querySelectorAll('[data-trial]')].map((row) => [row.dataset.trial, row.dataset.state]);
const [answer, limit] = ['answer', 'figure-limit'].map((id) => document.querySelector(`[data-testid=${id}]`));
return [rows, answer?.textContent, limit?.textContent];
"""


def moment(browser: Browser, trials: int = 0) -> tuple[list[list[str]], str, str] | None:
    """[rate, state] of each row, the newest first; the answer; the limit. All at once, because they change. None: there
    are fewer trials."""
    rows, answer, limit = browser.run(NOW)
    return (rows, answer, limit) if len(rows) >= trials else None


@pytest.fixture
def slow(browser: Browser) -> Iterator[str]:
    """A search that lasts long enough to be seen under way."""
    with own_master(browser, "--speed", "10", "--empty") as url:
        yield url


def test_the_trials_follow_the_search_until_the_answer_is_there(browser: Browser, slow: str) -> None:
    run = submit(slow)
    browser.open(f"{slow}/runs/{run}")
    rows, answer, limit = browser.wait(lambda: moment(browser, 3))
    assert rows[-1] == ["10", "holds"]
    assert answer.endswith("so far")
    assert limit == "–"
    over(browser)
    browser.wait(lambda: browser.text("answer").endswith("the target was the limit"))
    found = ask(f"{slow}/api/v1/runs/{run}")["capacity"]
    rows, _, _ = browser.wait(lambda: moment(browser))
    assert [state for _, state in rows] == [one["state"] for one in found["trials"][::-1]]
    assert browser.text("figure-holds") == f"{found['holds']:,.0f}/s"
    assert browser.text("figure-misses") == f"{found['misses']:,.0f}/s"
    assert browser.text("figure-limit") == "the target"


def test_the_charts_by_rate_are_painted_and_can_be_zoomed(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/{made(browser, base)}")
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
    paths = ("/search?at=9000", "/search?at=9000", "/search?at=6000")
    runs = [made(browser, base, path, "nightly") for path in paths]
    browser.open(f"{base}/runs/{runs[-1]}")
    rows = browser.wait(lambda: browser.part("searches").find_elements(By.CSS_SELECTOR, "[data-search]"))
    texts = [" ".join(row.text.split()) for row in rows]
    assert "this run" in texts[0]
    assert "-33." in texts[0]
    assert "the intervals overlap" in texts[1]
    assert len(rows) == 3


def test_a_run_that_does_not_search_has_no_room_for_it(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/{made(browser, base, '/')}")
    over(browser)
    for part in ("capacity", "searches"):
        assert not browser.chrome.find_element(By.ID, part).is_displayed()


def test_searches_are_compared_by_their_intervals(browser: Browser, base: str) -> None:
    paths = ("/search?at=8000", "/search?at=4000", "/search?at=8000")
    runs = [made(browser, base, path) for path in paths]
    browser.open(f"{base}/compare?runs={','.join(runs)}")
    cells = browser.part("figures").find_elements(By.CSS_SELECTOR, "[data-noise=capacity]")
    assert [cell.text for cell in cells] == ["the intervals are apart", "the intervals overlap"]
    assert not browser.chrome.find_elements(By.CSS_SELECTOR, "[data-noise=p99]:not(:empty)")


def choose(browser: Browser, pace: str) -> None:
    browser.chrome.find_element(By.CSS_SELECTOR, f"input[name=shape][value={pace}]").click()


def put(browser: Browser, name: str, text: str) -> None:
    browser.chrome.find_element(By.ID, name).send_keys(text)


def test_the_form_asks_for_a_search_in_the_command_line_s_words(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/new")
    put(browser, "url", "http://t.test/search")
    assert not browser.chrome.find_element(By.ID, "precision").is_displayed()
    choose(browser, "capacity")
    assert not browser.chrome.find_element(By.ID, "requests").is_displayed()
    browser.wait(lambda: "needs an SLO" in browser.text("summary"))
    for name, text in (("slo", "p99 < 250ms"), ("search_from", "50"), ("precision", "5%"), ("at_least", "2k")):
        put(browser, name, text)
    rest = "--find-capacity --from 50 --precision 5% --at-least 2000 http://t.test/search"
    browser.wait(lambda: browser.text("command").endswith(f"--slo 'p99 < 250ms' {rest}"))
    assert browser.text("summary").startswith("Searches for the highest rate of requests")


def test_a_field_of_a_search_is_refused_where_it_stands(browser: Browser, base: str) -> None:
    browser.open(f"{base}/runs/new")
    put(browser, "url", "http://t.test/search")
    choose(browser, "capacity")
    put(browser, "slo", "p99 < 250ms")
    put(browser, "precision", "much")
    browser.wait(lambda: "is not a share" in browser.text("precision-wrong"))
