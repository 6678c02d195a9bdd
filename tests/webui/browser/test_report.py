"""The HTML report in a real Chromium without a network: the page's charts, and still ones where scripts are off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gluten.report.formats.html import render
from tests.support.capacity.found import searched
from tests.support.long_reports import long
from tests.support.needs import BROWSER
from tests.support.reports import closed, mixed, rated
from tests.support.session_reports import sold
from tests.support.web.browser import Browser, own_master

pytestmark = [pytest.mark.slow, BROWSER]

OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
SEEN = (
    "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
)
LIVE = "section.chart:not(.still)"
STILL = "section.chart.still"
WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
INK = "return getComputedStyle(document.querySelector('.still .line.c1')).stroke"
LABELS = "return [...document.querySelectorAll('.keys b')].map((e) => e.textContent)"

Opened = Callable[[Any], None]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Opens the report of a run as a file."""
    cdp = browser.chrome.execute_cdp_cmd
    cdp("Network.enable", {})
    cdp("Network.emulateNetworkConditions", OFFLINE)

    def show(report: Any) -> None:
        path = tmp_path / "report.html"
        path.write_text(render(report), "utf-8")
        browser.open(path.as_uri())

    yield show
    cdp("Emulation.setScriptExecutionDisabled", {"value": False})
    cdp("Emulation.setEmulatedMedia", {"media": "", "features": []})
    cdp(
        "Network.emulateNetworkConditions",
        OFFLINE | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    browser.desk()


def drawn(browser: Browser, *names: str) -> None:
    """Waits until these charts are painted."""
    browser.wait(lambda: all(len(browser.pixels(name)) > 1500 for name in names))


def changed(browser: Browser, name: str, before: str) -> None:
    """Waits until a chart is no longer painted as before."""
    browser.wait(lambda: browser.pixels(name) != before)


def seen(browser: Browser, selector: str) -> list[str]:
    found: list[str] = browser.run(SEEN, selector)
    return found


def test_the_charts_of_the_page_draw_without_a_network(browser: Browser, opened: Opened) -> None:
    opened(rated())
    drawn(
        browser, "throughput", "latency", "heat", "service", "errors", "statuses", "inflight", "node-cpu", "percentiles"
    )
    assert not seen(browser, STILL)
    assert browser.text("window").startswith("Each point is one second of the run")
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.console() == []


MOVING = """
return [...document.querySelectorAll('section.chart:not(.still)')]
  .filter((chart) => !chart.hidden && !chart.querySelector('.nodata'))
  .map((chart) => [chart.dataset.testid.slice(6), chart.querySelector('h3').textContent]);
"""
STILLS = """
return [...document.querySelectorAll('section.chart.still')]
  .map((chart) => [chart.dataset.chart, chart.querySelector('h3').textContent]);
"""


def test_every_chart_that_moves_has_a_still_one_of_its_title(browser: Browser, opened: Opened) -> None:
    for report in (rated(), sold(), searched()):
        opened(report)
        drawn(browser, "throughput", "distribution")
        assert {tuple(chart) for chart in browser.run(MOVING)} <= {tuple(chart) for chart in browser.run(STILLS)}


def test_a_zoom_moves_all_charts_and_says_what_is_seen(browser: Browser, opened: Opened) -> None:
    opened(closed(60))
    drawn(browser, "throughput", "latency")
    before = {name: browser.pixels(name) for name in ("throughput", "heat", "statuses")}
    assert not browser.part("unzoom").is_enabled()
    browser.chrome.find_element(By.ID, "charts").send_keys("+")
    browser.wait(lambda: all(browser.pixels(name) != picture for name, picture in before.items()))
    # 100 requests a second. The middle half of 59 seconds: from 14.75 to 44.25
    browser.wait(lambda: browser.text("window") == "From 15s to 45s: 100 requests/s · 3,000 completed · no errors")
    browser.part("unzoom").click()
    browser.wait(lambda: browser.text("window").startswith("Each point"))
    assert not browser.part("unzoom").is_enabled()
    assert browser.console() == []


def test_the_address_has_what_is_seen(browser: Browser, opened: Opened) -> None:
    opened(closed(60))
    drawn(browser, "throughput")
    browser.chrome.find_element(By.ID, "charts").send_keys("+")
    browser.wait(lambda: "#from=14.75&to=44.25" in browser.chrome.current_url)
    browser.chrome.refresh()
    browser.wait(lambda: browser.text("window").startswith("From 15s to 45s: 100 requests/s"))
    assert browser.part("unzoom").is_enabled()
    assert browser.console() == []


def test_a_line_is_switched_off_and_a_scale_changed(browser: Browser, opened: Opened) -> None:
    opened(closed(60))
    drawn(browser, "latency")
    for control in ("[data-testid=chart-latency] .keys button", "[data-testid=log-latency]"):
        before = browser.pixels("latency")
        browser.chrome.find_element(By.CSS_SELECTOR, control).send_keys(Keys.SPACE)
        changed(browser, "latency", before)


def test_charts_are_of_the_request_that_is_chosen(browser: Browser, opened: Opened) -> None:
    opened(long(30, 3))
    drawn(browser, "throughput")
    before = browser.pixels("throughput")
    browser.part("choice").send_keys("request-1")
    changed(browser, "throughput", before)


def test_without_scripts_still_charts_stand_in_their_places(browser: Browser, opened: Opened) -> None:
    browser.chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    opened(sold())
    browser.chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    stills = seen(browser, f"{STILL} h3")
    assert stills[:2] == ["Throughput", "Response time"]
    assert stills[-2:] == ["Percentiles", "Distribution"]
    assert not seen(browser, f"{LIVE}, .moving")
    assert browser.run("return document.querySelector('.still svg').getBoundingClientRect().height") > 100


def test_paper_is_light_and_has_the_still_charts(browser: Browser, opened: Opened) -> None:
    browser.scheme("dark")
    opened(rated())
    drawn(browser, "throughput")
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [dark]})
    a4 = {"width": 718, "height": 1050, "deviceScaleFactor": 1, "mobile": False}
    browser.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", a4)
    assert browser.run(WIDER) == 0
    assert len(seen(browser, STILL)) > 10
    assert not seen(browser, f"{LIVE}, .moving")
    assert browser.run(INK) == "rgb(13, 125, 125)"


@pytest.mark.parametrize("make", [rated, mixed, sold, searched])
def test_nothing_is_wider_than_a_phone(browser: Browser, opened: Opened, make: Callable[[], Any]) -> None:
    screen = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": False}
    browser.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    opened(make())
    drawn(browser, "throughput")
    assert browser.run(WIDER) == 0


def test_slos_are_read_on_a_phone_without_moving_them_sideways(browser: Browser, opened: Opened) -> None:
    held = {"state": "holds", "sure": False, "since": None, "request": "view cart"}
    times = held | {"slo": "p99 of each < 1s", "value": 925_154, "limit": 1_000_000, "unit": "microseconds"}
    shares = held | {"slo": 'checks of "view cart" > 50%', "value": 0.975, "limit": 0.5, "unit": "share"}
    browser.size(360, 740)
    opened(rated() | {"slo": [times, shares]})
    wider = "const part = document.querySelector('.slos .scroll'); return part.scrollWidth - part.clientWidth"
    assert browser.run(wider) == 0


def test_a_hostile_text_runs_nothing_and_breaks_nothing(browser: Browser, opened: Opened) -> None:
    evil = "</script><img src=x onerror=alert(1)><script>alert(2)</script>__proto__"
    report = mixed()
    report |= {"name": evil, "reason": evil, "url": evil, "link": "javascript:alert(3)"}
    names = {"request": "__proto__", "view": evil}
    for entry in report["by_request"]:
        entry["name"] = names[entry["name"]]
    for row in report["seconds"]:
        row["by_request"] = {names[name]: part for name, part in row["by_request"].items()}
        row["nodes"] = {evil: row["nodes"]["alpha"]}
    opened(report)
    drawn(browser, "throughput", "node-throughput")
    assert "__proto__" in browser.text("choice")
    browser.part("choice").send_keys("__proto__")
    assert browser.run("return document.querySelectorAll('img, iframe, a').length") == 0
    assert browser.run("return document.scripts.length") == 2
    assert browser.console() == []


def test_a_report_of_an_older_version_draws_too(browser: Browser, opened: Opened) -> None:
    report = closed(10)
    for name in ("slo", "capacity", "sessions", "by_request", "connections", "lateness", "lag", "first_byte"):
        report.pop(name, None)
    for row in report["seconds"]:
        for name in ("hdr", "heat", "good", "p95", "connections", "backlog", "lag_p99", "host_cpu", "steal"):
            row.pop(name, None)
    opened(report)
    drawn(browser, "throughput", "latency", "statuses")
    assert browser.console() == []


def test_two_hours_of_twenty_requests_are_one_file_of_reasonable_size_and_drawn(
    browser: Browser, opened: Opened, tmp_path: Path
) -> None:
    opened(long(7200, 20))
    assert (tmp_path / "report.html").stat().st_size < 6_000_000  # measured: 5.0 MB
    drawn(browser, "throughput", "latency", "heat")
    assert browser.part("charts").get_attribute("data-seconds") == "7200"


def test_a_report_has_the_figures_of_the_page(browser: Browser, opened: Opened) -> None:
    names = "return [...document.querySelectorAll('.figures dt > :first-child')].map((e) => e.textContent)"
    with own_master(browser) as base:
        browser.chrome.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            OFFLINE | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1},
        )
        browser.open(f"{base}/runs/13")
        browser.part("verdict")
        page, words = browser.run(names), re.sub(r"\s+", " ", browser.text("verdict"))
    opened(rated())
    assert set(page) <= set(browser.run(names))
    assert re.match(r"Verdict: valid. The figures can be relied on.", words)
    assert "Verdict: suspect. Read the figures with care." in browser.run("return document.body.innerText")
