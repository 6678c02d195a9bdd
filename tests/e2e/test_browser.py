"""A person with a browser: real Chromium fills the form, sees the charts move, changes the rate, stops the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from tests.support.e2e.programs import Cluster, wait_for
from tests.support.needs import BROWSER, find_program
from tests.support.nginx import Nginx
from tests.support.web.element import PageChrome

pytestmark = BROWSER

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--window-size=1280,1600",
)
PIXELS = """
const canvas = document.querySelector('#charts canvas');
const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
let hash = 0;
for (let i = 0; i < data.length; i += 4) hash = (hash * 31 + data[i] + data[i + 1] + data[i + 2]) | 0;
return hash;
"""
REQUESTED = "return performance.getEntriesByType('resource').map(entry => entry.name)"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = find_program("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = PageChrome(options=options, service=Service(find_program("chromedriver")))
    yield made
    made.quit()


def fill(browser: webdriver.Chrome, **fields: str) -> None:
    for name, text in fields.items():
        field = browser.find_element(By.ID, name)
        field.clear()
        field.send_keys(text)


def figures(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.ID, "figures").text


def complaints(browser: webdriver.Chrome) -> list[str]:
    """The severe messages of the browser's console."""
    log: Any = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in log if entry["level"] == "SEVERE"]


def button(browser: webdriver.Chrome, text: str) -> Any:
    return browser.find_element(By.XPATH, f"//button[normalize-space()='{text}']")


@pytest.fixture
def inside(browser: webdriver.Chrome, cluster: Cluster) -> webdriver.Chrome:
    """A browser that has logged in with the cluster's key."""
    browser.get(f"http://{cluster.web}/login")
    fill(browser, key=cluster.key.text)
    browser.find_element(By.CSS_SELECTOR, "[data-testid=enter]").click()
    wait_for("the dashboard", lambda: "Dashboard" in browser.title)
    return browser


def test_the_link_that_the_master_prints_logs_in_once(cluster: Cluster, browser: webdriver.Chrome) -> None:
    link = cluster.master.find(r"log in +(http://\S+)")[1]
    browser.get(link)
    wait_for("the dashboard", lambda: "Dashboard" in browser.title)
    browser.delete_all_cookies()
    browser.get(link)
    assert "used before" in browser.find_element(By.ID, "trouble").text


def test_a_run_is_made_watched_adjusted_and_stopped_on_the_page(
    cluster: Cluster, nginx: Nginx, inside: webdriver.Chrome
) -> None:
    browser = inside
    browser.get(f"http://{cluster.web}/runs/new")
    browser.find_element(By.CSS_SELECTOR, "input[name=shape][value=rate]").click()
    fill(browser, url=nginx.url, threads="3", connections="6", duration="60s", rate="150", name="by hand")
    wait_for("the command line", lambda: "-R 150" in browser.find_element(By.ID, "command").text)
    browser.find_element(By.ID, "start").click()
    wait_for("the run's page", lambda: "/runs/" in browser.current_url and "new" not in browser.current_url)
    wait_for("a chart", lambda: browser.find_elements(By.CSS_SELECTOR, "#charts canvas"))
    wait_for("figures", lambda: "150" in figures(browser))
    before, text = browser.execute_script(PIXELS), figures(browser)
    wait_for("the chart to move", lambda: browser.execute_script(PIXELS) != before)
    wait_for("the figures to move", lambda: figures(browser) != text)
    button(browser, "Stop").click()
    button(browser, "Really stop?").click()
    wait_for("the run to stop", lambda: "stopped" in browser.find_element(By.ID, "head").text)
    wait_for("the verdict", lambda: "verdict" in browser.find_element(By.ID, "outcome").text.lower())
    assert complaints(browser) == []
    assert all(name.startswith(f"http://{cluster.web}/") for name in browser.execute_script(REQUESTED))
    report = cluster.run("report", "last", "--format", "json").json
    assert (report["state"], report["name"]) == ("stopped", "by hand")
    assert report["requests"]["completed"] == len(nginx.log(report["requests"]["completed"]))


@pytest.mark.parametrize("page", ["/", "/runs/new", "/nodes", "/compare", "/runs/999999"])
def test_every_page_renders_without_a_word_in_the_console(
    cluster: Cluster, inside: webdriver.Chrome, page: str
) -> None:
    browser = inside
    browser.get(f"http://{cluster.web}{page}")
    wait_for("a heading or text", lambda: browser.find_element(By.TAG_NAME, "body").text.strip())
    assert [text for text in complaints(browser) if "404" not in text] == []
