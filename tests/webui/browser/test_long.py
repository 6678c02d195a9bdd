"""A run of two hours in a real Chromium: it opens, its page scrolls, and every second is there.

What that costs is measured by `bench/bounds.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium")

from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
LENGTH = 7200
RUN = 17
DRAWN = """
const box = document.querySelector('#charts');
const charts = box ? [...box.querySelectorAll('.chart')] : [];
const all = charts.length && charts.every((e) => e.querySelector('canvas') || e.querySelector('.nodata')?.isConnected);
return Number(box?.dataset.seconds) >= arguments[0] && all;
"""
SCROLL = """
const done = arguments[0];
const most = document.documentElement.scrollHeight - innerHeight;
const begun = performance.now();
let frames = 0;
function step() {
  const past = performance.now() - begun;
  frames += 1;
  scrollTo(0, most * (0.5 - 0.5 * Math.cos(past / 300)));
  if (past < 2000) requestAnimationFrame(step);
  else done([scrollY, frames]);
}
requestAnimationFrame(step);
"""
STREAM = """
const done = arguments[1];
const before = performance.getEntriesByType('resource').length;
fetch(arguments[0]).then((answer) => answer.text()).then(function look() {
  const stream = performance.getEntriesByType('resource').slice(before).find((e) => e.name.includes('/events?'));
  if (stream) done([stream.decodedBodySize, stream.encodedBodySize]);
  else setTimeout(look, 20);
});
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--long", str(LENGTH)) as url:
        yield url


def opened(browser: Browser, base: str) -> float:
    """CPU seconds of the page until its last chart is there."""
    browser.open(f"{base}/runs/{RUN}")
    browser.wait(lambda: browser.run(DRAWN, LENGTH - 1))
    return browser.worked()


def scrolled(browser: Browser) -> tuple[float, float]:
    """CPU seconds of the page for each frame while it scrolls, and where it is then."""
    before = browser.worked()
    place, frames = browser.chrome.execute_async_script(SCROLL)
    return (browser.worked() - before) / frames, float(place)


def test_two_hours_open_and_all_seconds_are_there(browser: Browser, base: str) -> None:
    opened(browser, base)
    assert int(browser.part("charts").get_attribute("data-seconds") or 0) == LENGTH
    run = ask(f"{base}/api/v1/runs/{RUN}")
    assert f"{run['completed'] / 1e6:.1f}M" == browser.text("figure-requests")


def test_its_page_scrolls(browser: Browser, base: str) -> None:
    opened(browser, base)
    browser.part("downloads")
    _, place = scrolled(browser)
    assert place > 0


def test_its_seconds_travel_packed(browser: Browser, base: str) -> None:
    opened(browser, base)
    # Fetched to its end by the page: of the one that the page itself reads and closes, Chromium may know no size.
    plain, packed = browser.chrome.execute_async_script(STREAM, f"{base}/api/v1/runs/{RUN}/events?after=0")
    assert plain > 2_000_000
    assert packed * 4 < plain
