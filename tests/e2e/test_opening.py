"""Pages of a real master open soon, whatever its store holds. `bench/bounds.py` holds what that takes to a second."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.support.ui import Select

from gluten.store.store import Store
from tests.support.e2e.programs import Program, get_json, key_below
from tests.support.needs import BROWSER
from tests.support.web import long_named
from tests.support.web.browser import Browser, chromium

pytestmark = [pytest.mark.slow, BROWSER]
SECONDS, REQUESTS = 7200, 20
SOON = 15_000
"""ms until the last chart is there, on a machine that does much else. Without figures by name left out it is longer."""
FIRST_PAGE, HISTORY = 150_000, 1_500_000
"""Bytes over the wire."""
SENT = """
const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
return all.reduce((sum, entry) => sum + entry.transferSize, 0);
"""


@contextmanager
def opened(folder: Path, fill: Callable[[Store], None]) -> Iterator[tuple[Browser, str]]:
    """A browser that is logged in to a master over this store, with nothing in its cache."""
    data = folder / "m"
    data.mkdir()
    store = Store.open(f"sqlite:///{data / 'gluten.db'}")
    fill(store)
    store.close()
    ports = ("--web-port", "0", "--rpc-port", "0", "--bind", "127.0.0.1")
    master = Program(folder, "master", "--master-mode", "--no-load", *ports, "--data", str(data))
    try:
        base = master.find(r"(http://\S+:\d+)/")[1]
        with chromium() as browser:
            browser.log_in(base, key_below(folder).text)
            browser.chrome.execute_cdp_cmd("Network.clearBrowserCache", {})
            yield browser, base
            assert browser.console() == []
    finally:
        master.stop()


def fill(store: Store) -> None:
    long_named.write(store, SECONDS, REQUESTS)


def drawn(browser: Browser, base: str) -> float:
    """ms until the last chart of the long run is there."""
    browser.open(f"{base}/runs/1")
    return float(browser.wait(lambda: browser.run(long_named.DRAWN, SECONDS - 1)))


def test_two_hours_of_twenty_requests_open_soon_and_each_request_is_there_when_it_is_chosen(tmp_path: Path) -> None:
    with opened(tmp_path, fill) as (browser, base):
        assert drawn(browser, base) < SOON
        assert browser.run(SENT) < HISTORY
        before = browser.pixels("latency")
        name = long_named.names(REQUESTS)[7]
        Select(browser.part("choice")).select_by_value(name)
        browser.wait(lambda: browser.pixels("latency") not in ("", before))
        rows = get_json(f"{base}/api/v1/runs/1/seconds?request={name.replace(' ', '+')}", tmp_path)["rows"]
        assert {tuple(row["by_request"]) for row in rows} == {(name,)}
        assert len(rows) == SECONDS


def test_the_first_page_is_small_whatever_the_history_is(tmp_path: Path) -> None:
    with opened(tmp_path, long_named.write_many) as (browser, base):
        browser.open(f"{base}/")
        browser.wait(lambda: browser.run("return document.querySelectorAll('#runs [data-run]').length") == 25)
        browser.wait(lambda: len(Select(browser.part("filter-name")).options) > 1)
        sent = browser.run(SENT)
        assert sent < FIRST_PAGE, json.dumps(browser.run(LONGEST))


LONGEST = """
const all = performance.getEntriesByType('resource').sort((a, b) => b.transferSize - a.transferSize);
return all.slice(0, 9).map((entry) => [entry.name, entry.transferSize]);
"""
