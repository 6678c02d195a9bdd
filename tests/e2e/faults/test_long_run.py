"""A long run that is only in the store is opened on the page of a real master. bench/longrun measures the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By

from bench import longrun
from gluten.store.store import Store
from tests.support.e2e.programs import Program, get_json, key_below
from tests.support.needs import BROWSER
from tests.support.web.browser import chromium

pytestmark = [pytest.mark.slow, BROWSER]

SECONDS, NODES = 900, 2


def test_a_long_run_is_drawn_from_the_store_and_zoomed_exactly(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'gluten.db'}")
    run = longrun.write(store, SECONDS, NODES)
    store.close()
    master = Program(
        tmp_path,
        "master",
        *["--master-mode", "--no-load", "--web-port", "0", "--rpc-port", "0", "--bind", "127.0.0.1"],
        *("--data", str(folder)),
    )
    try:
        base = master.find(r"(http://\S+:\d+)/")[1]
        with chromium() as browser:
            browser.log_in(base, key_below(tmp_path).text)
            browser.open(f"{base}/runs/{run}")
            browser.wait(lambda: browser.part("charts").get_attribute("data-seconds") == str(SECONDS))
            browser.wait(lambda: len(browser.pixels("heat")) > 5000)
            report = get_json(f"{base}/api/v1/runs/{run}/report", tmp_path)
            assert report["requests"]["completed"] == SECONDS * NODES * longrun.EACH
            assert browser.text("figure-requests") == "1.80M"
            over = browser.chrome.find_element(By.CSS_SELECTOR, "[data-testid=chart-throughput] .u-over")
            drag = ActionChains(browser.chrome).move_to_element(over).click_and_hold().move_by_offset(100, 0)
            drag.release().perform()
            browser.wait(lambda: " completed" in browser.text("window"))
            shown = re.findall(r"(?:(\d+):)?(\d+)s?", browser.text("window"))[:2]
            first, last = [int(minutes or 0) * 60 + int(seconds) for minutes, seconds in shown]
            exact = get_json(f"{base}/api/v1/runs/{run}/window?from={first}&to={last}", tmp_path)
            assert f"{exact['completed']:,} completed" in browser.text("window")
            assert exact["completed"] == (last - first) * NODES * longrun.EACH
            assert browser.console() == []
    finally:
        master.stop()
