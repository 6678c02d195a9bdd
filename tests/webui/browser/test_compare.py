"""The compare page in a real Chromium: any runs, chosen in the list or on the page, kept in its address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
WORDS = {True: "more than noise", False: "within noise", None: "too few seconds to say"}
CHARTS = ("throughput", "p50", "p99", "errors", "percentiles", "distribution")
KEYS = "[data-testid='chart-{}'] .keys button"
STROKES = "return [...document.querySelectorAll(arguments[0] + ' path')].map((path) => getComputedStyle(path).stroke)"
# Whether the corner and a figure's name cover what is scrolled under them, and the share of the screen they take.
COLUMN = """
const table = document.querySelector('.side');
table.parentElement.scrollLeft = 90;
return [...table.querySelectorAll('thead td, tbody tr:first-child th')].map((cell) => {
  const { left, right, top, bottom } = cell.getBoundingClientRect();
  const above = [left - 8, left + 20, right - 8].map((x) => document.elementFromPoint(x, (top + bottom) / 2));
  return [above.every((found) => found === cell), (right - left) / innerWidth];
});
"""
# Whether two runs' figures need to be scrolled where nothing is known of noise, which takes the most room.
SCROLLED = """
for (const cell of document.querySelectorAll('[data-noise]')) cell.textContent = 'too few seconds to say';
for (const badge of document.querySelectorAll('.side .badge')) badge.textContent = 'suspect';
const { scrollWidth, clientWidth } = document.querySelector('.side').parentElement;
return scrollWidth - clientWidth;
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master() as url:
        yield url


def compared(browser: Browser) -> list[str]:
    """The runs of which the table has a column."""
    heads = browser.part("figures").find_elements(By.CSS_SELECTOR, "thead a")
    return [head.text.removeprefix("#") for head in heads]


def shows(browser: Browser, *runs: str) -> None:
    """Waits until exactly these runs are compared, and named by the address."""
    browser.wait(lambda: compared(browser) == list(runs))
    assert browser.chrome.current_url.endswith(f"/compare?runs={','.join(runs)}")


def painted(browser: Browser, chart: str) -> None:
    browser.wait(lambda: len(browser.pixels(chart)) > 3000)


def test_each_run_has_a_column_and_a_line_of_its_own_in_every_chart(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?runs=12,13,14,10")
    shows(browser, "12", "13", "14", "10")
    for chart in CHARTS:
        painted(browser, chart)
        strokes = browser.run(STROKES, KEYS.format(chart))
        assert len(set(strokes)) == len(strokes) == 4


def test_each_difference_to_the_first_says_whether_it_exceeds_noise(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?runs=12,13,14")
    shows(browser, "12", "13", "14")
    for number, pair in zip((13, 14), ask(f"{base}/api/v1/compare?runs=12,13,14")["pairs"], strict=True):
        for one in pair["differences"]:
            cell = f"[data-noise='{one['what']}'][data-run='{number}']"
            said = WORDS[one["exceeds_noise"]] if one["judged"] else "not judged"
            assert browser.chrome.find_element(By.CSS_SELECTOR, cell).text == said
        for why in pair["unlike"]:
            assert why in browser.text("unlike")


def test_two_runs_stand_side_by_side_on_a_small_phone(browser: Browser, base: str) -> None:
    browser.size(360, 800)
    browser.open(f"{base}/compare?runs=12,13")
    shows(browser, "12", "13")
    assert browser.run(SCROLLED) <= 0


def test_ten_runs_have_ten_colours_and_an_eleventh_is_refused(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?runs={','.join(map(str, range(1, 11)))}")
    browser.wait(lambda: len(compared(browser)) == 10)
    assert len(set(browser.run(STROKES, "[data-testid=compared]"))) == 10
    assert not browser.part("add-run").is_displayed()
    browser.open(f"{base}/compare?runs={','.join(map(str, range(1, 12)))}")
    assert "at most 10 runs" in browser.chrome.find_element(By.TAG_NAME, "main").text
    browser.console()  # says 400


def test_runs_are_added_taken_away_and_put_first_and_the_address_keeps_it(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?a=12&b=13")
    shows(browser, "12", "13")
    Select(browser.part("add-run")).select_by_value("10")
    browser.part("add").click()
    shows(browser, "12", "13", "10")
    browser.chrome.find_element(By.CSS_SELECTOR, "[aria-label='Measure against run 10']").click()
    shows(browser, "10", "12", "13")
    browser.part("remove-12").click()
    shows(browser, "10", "13")
    assert browser.run("return document.activeElement.id") == "add-run"
    browser.chrome.back()
    shows(browser, "10", "12", "13")
    browser.chrome.refresh()
    shows(browser, "10", "12", "13")


def test_on_a_phone_the_names_of_the_figures_stay_and_leave_room_for_them(browser: Browser, base: str) -> None:
    browser.phone()
    browser.open(f"{base}/compare?runs=12,13,14,10")
    shows(browser, "12", "13", "14", "10")
    browser.run("document.querySelector('.side').scrollIntoView()")
    for covers, share in browser.run(COLUMN):
        assert covers
        assert 0.2 < share < 0.35


def test_one_run_alone_asks_for_another(browser: Browser, base: str) -> None:
    browser.open(f"{base}/compare?runs=12,12")
    browser.wait(lambda: "Add another run" in browser.text("result"))
    assert "#12" in browser.text("compared")


def tick(browser: Browser, number: int) -> None:
    browser.wait(lambda: browser.chrome.find_element(By.CSS_SELECTOR, f"[data-tick='{number}']")).click()


def test_runs_are_ticked_in_the_list_and_compared(browser: Browser, base: str) -> None:
    browser.open(base)
    tick(browser, 13)
    browser.wait(lambda: "tick another run" in browser.text("selection"))
    browser.part("search").send_keys("item/8")
    browser.wait(lambda: len(browser.part("runs").find_elements(By.CSS_SELECTOR, "tbody tr")) == 1)
    tick(browser, 9)
    browser.wait(lambda: browser.text("compare-selected") == "Compare selected (2)")
    browser.part("compare-selected").click()
    shows(browser, "9", "13")


def test_what_is_ticked_is_cleared(browser: Browser, base: str) -> None:
    browser.open(base)
    tick(browser, 13)
    tick(browser, 12)
    browser.part("clear-selected").click()
    browser.wait(lambda: not browser.part("selection").is_displayed())
    assert browser.chrome.find_elements(By.CSS_SELECTOR, "[data-tick]:checked") == []
