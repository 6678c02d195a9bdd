"""The rate's slider in a real Chromium: its scale, its keys, and that updates do not move it while a person does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
USUAL = [1, 10**6]
SCALE = """
const [name, values, done] = arguments;
(async () => {
const scale = await import(new URL('lib/logscale.js', document.querySelector('script[type=module]').src));
done(values.map((value) => scale[name](...value)));
})();
"""
ASKED = """
const sent = performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/adjust'));
return sent.map((e) => e.startTime);
"""
ANSWERED = """
const sent = performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/adjust'));
return sent.filter((e) => e.responseEnd > 0).length;
"""
# Notes each change of the slider's text.
WATCH = """
const slider = document.querySelector('[data-testid=rate-slider]');
window.seen = [];
const note = () => { const said = slider.getAttribute('aria-valuetext'); if (seen.at(-1) !== said) seen.push(said); };
new MutationObserver(note).observe(slider, { attributes: true });
"""
SEEN = "return window.seen"
PLACES = """
const parts = document.querySelectorAll('[data-testid=rate-control], [data-testid=rate-control] *, #charts-panel');
return [...parts].filter((e) => !e.closest('.marks')).map((e) => {
  const { x, y, width, height } = e.getBoundingClientRect();
  return e.id ? [x, y, width] : e.matches('b') ? [y, height] : [x, y, width, height];
});
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4") as url:
        yield url


@pytest.fixture
def run(base: str) -> Iterator[str]:
    """The address of a run under way at 1200 requests/s."""
    made = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "rate": "1200", "duration": "1h"})
    yield f"{base}/api/v1/runs/{made['id']}"
    ask(f"{base}/api/v1/runs/{made['id']}/stop", {})


def look(browser: Browser, run: str) -> None:
    browser.open(run.replace("/api/v1", ""))
    browser.wait(lambda: browser.part("rate-control").is_displayed())


def value(browser: Browser, name: str = "rate-number") -> str:
    return str(browser.part(name).get_attribute("value"))


def spoken(browser: Browser) -> str:
    return str(browser.part("rate-slider").get_attribute("aria-valuetext"))


def asked(run: str) -> Any:
    return ask(run)["asked_rate"]


def told(browser: Browser, text: str) -> None:
    """Waits until the master has taken this rate."""
    browser.wait(lambda: browser.text("rate-asked") == text)


SCALES: dict[str, list[tuple[list[Any], Any]]] = {
    "positionOf": [([1], 0), ([10], 100), ([1200], 308), ([10**6], 600), ([0.1], -100)],
    "rateAt": [([0], 1), ([100], 10), ([308], 1200), ([600], 10**6), ([-100], 0.1)],
    "bounds": [([1200], USUAL), ([0.5], [0.1, 10**6]), ([2e6], [1, 10**7]), ([5, [0.1, 100]], [0.1, 100])],
    "stepped": [
        ([1200, "ArrowUp", USUAL], 1300), ([1200, "ArrowRight", USUAL], 1300), ([1234, "ArrowUp", USUAL], 1300),
        ([9900, "ArrowUp", USUAL], 10000), ([10000, "ArrowUp", USUAL], 11000), ([1.2, "ArrowUp", USUAL], 1.3),
        ([1200, "ArrowDown", USUAL], 1100), ([1234, "ArrowLeft", USUAL], 1200), ([1000, "ArrowDown", USUAL], 990),
        ([0.3, "ArrowDown", [0.1, 10]], 0.29), ([1, "ArrowDown", USUAL], 1), ([10**6, "ArrowUp", USUAL], 10**6),
        ([1234, "PageUp", USUAL], 2468), ([1234, "PageDown", USUAL], 617), ([700_000, "PageUp", USUAL], 10**6),
        ([1234, "Home", USUAL], 1), ([1234, "End", USUAL], 10**6), ([1234, "Tab", USUAL], None),
    ],
}  # fmt: skip
"""Functions of the scale: what is given, and what comes out."""


def test_a_power_of_ten_is_a_hundred_positions_and_a_key_changes_the_second_digit(browser: Browser, run: str) -> None:
    look(browser, run)
    for name, cases in SCALES.items():
        found = browser.chrome.execute_async_script(SCALE, name, [given for given, _ in cases])
        assert found == [wanted for _, wanted in cases], name


def test_the_slider_says_its_rate_in_words_and_stands_at_its_logarithm(browser: Browser, run: str) -> None:
    look(browser, run)
    assert spoken(browser) == "1,200 requests/s"
    assert value(browser, "rate-slider") == "308"
    assert browser.text("rate-asked") == "1,200"
    browser.wait(lambda: re.fullmatch(r"1,[12]\d\d", browser.text("rate-achieved")))


def test_keys_that_follow_each_other_ask_for_one_change_400_ms_after_the_last(browser: Browser, run: str) -> None:
    look(browser, run)
    last = browser.press(
        "[data-testid=rate-slider]", ["PageUp", "PageUp", "ArrowUp", "ArrowUp", "ArrowDown"]
    )  # 2400 4800 4900 5000 4900
    assert spoken(browser) == "4,900 requests/s"
    assert value(browser) == "4900"
    told(browser, "4,900")
    (sent,) = browser.run(ASKED)
    assert sent - last >= 399  # a timer counts whole milliseconds
    assert asked(run) == 4900


def test_real_keys_move_it_and_the_focus_stays(browser: Browser, run: str) -> None:
    look(browser, run)
    browser.part("rate-slider").send_keys(Keys.HOME, Keys.ARROW_UP, Keys.PAGE_UP)  # 1 1.1 2.2
    assert value(browser) == "2.2"
    browser.wait(lambda: asked(run) == 2.2)
    assert browser.run("return document.activeElement.id") == "rate-slider"


def test_a_typed_rate_is_exact(browser: Browser, run: str) -> None:
    look(browser, run)
    number = browser.part("rate-number")
    number.send_keys(Keys.CONTROL, "a")
    number.send_keys("12345.678")
    assert spoken(browser) == "12,345.678 requests/s"
    number.send_keys(Keys.ENTER)
    told(browser, "12,345.678")
    assert asked(run) == 12345.678
    assert value(browser) == "12345.678"
    assert value(browser, "rate-slider") == "409"


def test_updates_do_not_move_a_held_slider_and_its_release_sets_the_rate(browser: Browser, run: str) -> None:
    look(browser, run)
    slider = browser.part("rate-slider")
    ActionChains(browser.chrome, 0).move_to_element(slider).click_and_hold().move_by_offset(60, 0).perform()
    held = value(browser)
    assert held != "1200"
    ask(f"{run}/adjust", {"rate": "777"})
    told(browser, "777")
    assert value(browser) == held
    ActionChains(browser.chrome, 0).release().perform()
    browser.wait(lambda: asked(run) == float(held))
    told(browser, f"{float(held):,.0f}")
    ask(f"{run}/adjust", {"rate": "888"})
    browser.wait(lambda: value(browser) == "888")


def test_a_rate_that_is_refused_stays_to_be_mended(browser: Browser, run: str) -> None:
    look(browser, run)
    number = browser.part("rate-number")
    number.send_keys(Keys.CONTROL, "a")
    number.send_keys("12x", Keys.ENTER)
    browser.wait(lambda: "12x" in browser.text("trouble"))
    assert value(browser) == "12x"
    assert asked(run) == 1200
    browser.console()  # says 422
    number.send_keys(Keys.BACKSPACE, "0", Keys.ENTER)
    browser.wait(lambda: asked(run) == 120)
    browser.wait(lambda: not browser.part("trouble").is_displayed())


@pytest.mark.parametrize("path", ["late", "old"])
@pytest.mark.parametrize("keys", [["PageUp"], ["PageUp", "ArrowUp"]])
def test_a_persons_rate_stays_until_the_run_has_taken_it(
    browser: Browser, base: str, path: str, keys: list[str]
) -> None:
    """The master answers late, or with the old rate. Neither moves the slider that a person has set."""
    made = ask(f"{base}/api/v1/runs", {"url": f"http://t.test/{path}", "rate": "1200", "duration": "1h"})
    run = f"{base}/api/v1/runs/{made['id']}"
    look(browser, run)
    browser.run(WATCH)
    for key in keys:
        browser.press("[data-testid=rate-slider]", [key])
        browser.wait(lambda: len(browser.run(ASKED)) == keys.index(key) + 1)  # noqa: B023
    wanted = spoken(browser)
    told(browser, wanted.partition(" ")[0])
    assert browser.run(SEEN)[-1] == wanted
    assert browser.run(SEEN) == ["2,400 requests/s", "2,500 requests/s"][: len(keys)]
    browser.part("rate-set").click()
    assert value(browser) == wanted.partition(" ")[0].replace(",", "")
    ask(f"{run}/stop", {})


def test_a_click_before_the_run_has_taken_it_asks_for_a_persons_rate(browser: Browser, base: str) -> None:
    made = ask(f"{base}/api/v1/runs", {"url": "http://t.test/old", "rate": "1200", "duration": "1h"})
    run = f"{base}/api/v1/runs/{made['id']}"
    look(browser, run)
    number = browser.part("rate-number")
    number.send_keys(Keys.CONTROL, "a")
    number.send_keys("3k", Keys.ENTER)
    browser.wait(lambda: browser.run(ANSWERED) == 1)
    assert browser.text("rate-asked") == "1,200"
    assert value(browser) == "3k"
    browser.part("rate-set").click()
    told(browser, "3,000")
    assert asked(run) == 3000
    assert value(browser) == "3k"
    ask(f"{run}/adjust", {"rate": "888"})
    browser.wait(lambda: value(browser) == "888")  # and then it follows the run again
    ask(f"{run}/stop", {})


@pytest.mark.parametrize("phone", [False, True])
def test_nothing_moves_when_the_figures_change(browser: Browser, run: str, phone: bool) -> None:
    if phone:
        browser.phone()
    look(browser, run)
    before = browser.run(PLACES)
    for key, text in (("End", "1,000,000"), ("Home", "1"), ("PageUp", "2")):
        browser.press("[data-testid=rate-slider]", [key])
        assert browser.run(PLACES) == before
        told(browser, text)
        assert browser.run(PLACES) == before
