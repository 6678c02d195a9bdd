"""What a person with an open page sees of faults: a killed master, a database that is away, nothing sent."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from tests.support.e2e.programs import key_below, wait_for
from tests.support.e2e.scene import Scene
from tests.support.needs import BROWSER
from tests.support.postgres import running
from tests.support.web.browser import Browser, chromium

pytestmark = [pytest.mark.slow, BROWSER]

BROKEN = """
const odd = /NaN|undefined|Infinity|\\[object/;
const texts = [...document.querySelectorAll('main *')].filter((e) => !e.closest('script'));
return texts.flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent)
  .concat([...e.attributes].map((a) => a.value))).filter((text) => odd.test(text));
"""
SILENT = """
const seen = [...document.querySelectorAll('.chart')].filter((e) => e.getClientRects().length);
const empty = (e) => [...e.querySelectorAll('.keys b')].every((value) => value.textContent === '–');
return seen.filter((e) => empty(e) && !e.querySelector('.nodata')?.textContent).map((e) => e.dataset.testid);
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def browser(shared: Browser) -> Iterator[Browser]:
    yield shared
    shared.fresh()


def at(scene: Scene, path: str) -> str:
    return f"http://127.0.0.1:{scene.ports[0]}{path}"


def enter(browser: Browser, scene: Scene) -> None:
    browser.log_in(at(scene, ""), key_below(scene.folder).text)


def seconds(browser: Browser) -> int:
    return int(browser.part("charts").get_attribute("data-seconds") or 0)


def visible(browser: Browser, name: str) -> str:
    """The text of a part of the page. Empty while it is hidden."""
    part = browser.part(name)
    return part.text if part.is_displayed() else ""


def whole(browser: Browser) -> None:
    """Every number on the page is a number, and every empty chart says why it is empty."""
    assert browser.run(BROKEN) == []
    assert browser.run(SILENT) == []


def test_the_page_of_a_run_goes_on_when_its_killed_master_is_back(scene: Scene, browser: Browser) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "100", "-d", "15s")
    enter(browser, scene)
    browser.open(at(scene, f"/runs/{scene.run()['id']}"))
    browser.wait(lambda: seconds(browser) >= 3)
    scene.master.stop(signal.SIGKILL)
    browser.wait(lambda: "the master does not answer" in visible(browser, "trouble"))
    whole(browser)
    scene.master = scene.start_master()
    browser.wait(lambda: not visible(browser, "trouble"))
    wait_for("the run's end", lambda: scene.run()["state"] == "finished")
    browser.wait(lambda: browser.part("head").find_elements(By.CSS_SELECTOR, "[data-state=finished]"))
    assert browser.text("verdict").startswith("Verdict:")
    assert seconds(browser) >= 15
    assert "resumed" in browser.text("events")
    whole(browser)


def test_a_run_whose_nodes_died_with_the_master_ends_with_its_reason(scene: Scene, browser: Browser) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "100", "-d", "60s")
    enter(browser, scene)
    browser.open(at(scene, f"/runs/{scene.run()['id']}"))
    browser.wait(lambda: seconds(browser) >= 3)
    for program in (scene.master, *scene.slaves):
        program.stop(signal.SIGKILL)
    scene.master = scene.start_master()
    wait_for("the run's end", lambda: scene.run()["state"] == "failed", 60)
    browser.wait(lambda: "The run failed: all nodes were lost" in visible(browser, "state"))
    verdict = scene.get("runs/last")["verdict"]["value"]
    assert verdict != "valid"
    browser.wait(lambda: f"Verdict: {verdict}" in browser.text("verdict"))
    assert seconds(browser) >= 3
    whole(browser)
    browser.open(at(scene, f"/runs/{scene.run()['id']}"))  # and as one who comes later sees it
    browser.wait(lambda: "all nodes were lost" in visible(browser, "state"))
    browser.wait(lambda: seconds(browser) >= 3)
    whole(browser)


@pytest.mark.parametrize(
    ("load", "word"),
    [
        (("--stages", "0s:0,2s:0,60s:1", "-d", "2s"), "Nothing was sent in this run."),
        (("-c", "2", "--resolve", "127.0.0.1:1:127.0.0.1", "http://127.0.0.1:1/"), "The run failed: "),
    ],
)
def test_a_run_of_no_requests_says_so_and_shows_no_broken_figure(
    scene: Scene, browser: Browser, load: tuple[str, ...], word: str
) -> None:
    if load[-1].startswith("http"):
        scene.url = load[-1]
    scene.submit(*[part for part in load if part != scene.url])
    wait_for("the run's end", lambda: scene.run()["state"] in ("finished", "failed"))
    assert scene.run()["sent"] == 0
    enter(browser, scene)
    browser.open(at(scene, f"/runs/{scene.run()['id']}"))
    browser.wait(lambda: word in visible(browser, "state"))
    browser.wait(lambda: "No request was completed." in browser.text("report"))
    whole(browser)
    browser.open(at(scene, "/"))
    browser.wait(lambda: browser.part("runs").find_elements(By.CSS_SELECTOR, "[data-run]"))
    whole(browser)


def test_pages_come_back_by_themselves_when_the_database_is_back(tmp_path: Path, browser: Browser) -> None:
    with running() as server:
        scene = Scene(tmp_path, "--db", server.create_database())
        try:
            scene.submit("-t", "1", "-c", "2", "-R", "50", "-d", "1s")
            wait_for("the run's end", lambda: scene.run()["state"] == "finished")
            run = scene.run()["id"]
            scene.master.stop()
            scene.master = scene.start_master()  # so that the run is in the database alone
            enter(browser, scene)
            browser.open(at(scene, "/"))
            browser.wait(lambda: run in browser.run("return document.querySelector('#runs').innerHTML"))
            server.stop()
            browser.wait(lambda: "database" in browser.chrome.find_element(By.ID, "trouble").text)
            assert "which does not answer now" in browser.text("runs")
            browser.open(at(scene, f"/runs/{run}"))
            assert "Not available at the moment" in browser.text("error")
            assert "comes back by itself" in browser.text("error")
            server.start()
            browser.wait(lambda: browser.text("verdict"))
            browser.open(at(scene, "/"))
            browser.wait(lambda: run in browser.run("return document.querySelector('#runs').innerHTML"))
            wait_for("no notice", lambda: scene.get("overview")["notice"] == "")
            browser.wait(lambda: not browser.chrome.find_element(By.ID, "trouble").is_displayed())
        finally:
            scene.stop()
