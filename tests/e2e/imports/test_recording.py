"""A visit that a real browser recorded is imported, and sessions of it are taken by a site that takes nothing twice."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.guarded_site import PASSWORD, GuardedSite
from tests.support.e2e.programs import gluten
from tests.support.imported import read_back
from tests.support.needs import BROWSER
from tests.support.served import served

pytest.importorskip("selenium")
from selenium.webdriver.common.by import By

from tests.support.web.browser import chromium
from tests.support.web.recorder import Recorder

pytestmark = BROWSER


@pytest.fixture(scope="module")
def site() -> Iterator[GuardedSite]:
    made = GuardedSite()
    with served(made):
        yield made


@pytest.fixture(scope="module")
def recording(site: GuardedSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HAR file of one visit: log in, look, order."""
    with chromium(network=True) as browser:
        recorder = Recorder(browser)
        browser.open(f"http://127.0.0.1:{site.server_address[1]}/login")
        find = browser.chrome.find_element
        find(By.ID, "user").send_keys("ann")
        find(By.ID, "password").send_keys(PASSWORD)
        recorder.take()
        find(By.ID, "go").click()
        browser.wait(lambda: browser.chrome.title.startswith("ordered"))
        path = tmp_path_factory.mktemp("recording") / "visit.har"
        path.write_text(recorder.har())
    assert site.refused == []
    return path


@pytest.fixture(scope="module")
def workload(recording: Path) -> Path:
    done = gluten(recording.parent, "import", "har", recording.name, "-o", "visit.toml")
    assert (done.code, done.error) == (0, "")
    return recording.parent / "visit.toml"


def test_all_that_matters_is_in_the_file(workload: Path, site: GuardedSite) -> None:
    text = workload.read_text()
    read_back(text)
    file = tomllib.loads(text)
    assert list(file["request"]) == [
        "get-login", "post-login", "get-shop", "get-api-session", "get-api-products", "get-api-products-id",
        "post-api-orders", "get-api-orders-id",
    ]  # fmt: skip
    assert file["request"]["post-login"]["form"] == {
        "csrf": "{{csrf}}", "user": "ann", "password": "{{env PASSWORD}}",
    }  # fmt: skip
    assert file["request"]["get-api-orders-id"]["get"] == "{{location}}"
    assert PASSWORD not in text
    assert not any(value in text for value in site.given)
    assert "# Left out, static files: " in text


def test_check_runs_it_as_a_session(workload: Path, site: GuardedSite) -> None:
    before = len(site.orders)
    done = gluten(workload.parent, "check", workload.name, "--try", PASSWORD=PASSWORD)
    assert (done.code, done.error) == (0, ""), done.out
    assert (site.refused, len(site.orders)) == ([], before + 1)


def test_many_sessions_each_have_their_own(workload: Path, site: GuardedSite) -> None:
    before = len(site.orders)
    done = gluten(workload.parent, "run", "-n6", "-c3", "-t1", "--format", "json", workload.name, PASSWORD=PASSWORD)
    assert done.code in (0, 5), done.error
    sessions = json.loads(done.out)["sessions"]
    assert (sessions["finished"], sessions["good"]) == (6, 6)
    assert (site.refused, len(site.orders)) == ([], before + 6)
    assert all(site.orders.values())
