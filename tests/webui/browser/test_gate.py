"""A real Chromium at the gate: it comes in by key or link, and no other site's page does anything in its name."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By

from gluten.net.keys.keys import ClusterKey
from tests.support.needs import BROWSER
from tests.support.web.browser import ROOT, Browser, chromium

pytestmark = [pytest.mark.slow, BROWSER]
KEY = ClusterKey.make()
# A tab that comes back asks at once.
LOG_OUT = "document.getElementById('logout').click(); document.dispatchEvent(new Event('visibilitychange'))"


@dataclass
class Guarded:
    """A fake master behind a gate, and the token of its login link."""

    base: str
    link: str

    def runs(self) -> list[dict[str, Any]]:
        request = urllib.request.Request(f"{self.base}/api/v1/runs")
        request.add_header("Authorization", f"Bearer {KEY.token('viewer')}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)["runs"]
        return found


@pytest.fixture(scope="module")
def master() -> Iterator[Guarded]:
    command = [sys.executable, "-m", "tests.support.web.fake_master", "--key", KEY.text]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            yield Guarded(f"http://127.0.0.1:{port}", f"/login?token={process.stdout.readline().strip()}")
        finally:
            process.kill()


@pytest.fixture(scope="module")
def shared() -> Iterator[Browser]:
    with chromium("--host-resolver-rules=MAP evil.test 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def browser(shared: Browser) -> Browser:
    """A browser in which nobody is logged in."""
    shared.fresh()
    return shared


@contextmanager
def site(page: str) -> Iterator[str]:
    """Another site's page, on localhost, which is another site than 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_request(self, *values: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_key_leads_to_the_page_that_was_wanted_and_a_logout_away_from_all(browser: Browser, master: Guarded) -> None:
    browser.open(f"{master.base}/runs/12")
    assert "/login?next=/runs/12" in browser.chrome.current_url
    browser.chrome.find_element(By.ID, "key").send_keys(KEY.text)
    browser.part("enter").click()
    browser.wait(lambda: browser.chrome.current_url == f"{master.base}/runs/12")
    browser.wait(lambda: "Verdict" in browser.text("verdict"))
    (cookie,) = browser.chrome.get_cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert browser.run("return document.cookie") == ""
    browser.part("logout").click()
    browser.wait(lambda: "/login" in browser.chrome.current_url)
    browser.chrome.back()
    browser.wait(lambda: "/login" in browser.chrome.current_url)
    browser.chrome.add_cookie({"name": cookie["name"], "value": cookie["value"]})
    browser.open(f"{master.base}/runs/12")
    assert "/login" in browser.chrome.current_url
    assert browser.console() == []


def test_a_page_that_logs_out_asks_nothing_more(browser: Browser, master: Guarded) -> None:
    """The answer to a later question would be an error in the console."""
    for path in ("/", "/runs/new", "/nodes", "/runs/12"):
        browser.log_in(master.base, KEY.text)
        browser.open(master.base + path)
        browser.part("logout")
        browser.run(LOG_OUT)
        browser.wait(lambda: "/login" in browser.chrome.current_url)
    assert browser.console() == []


def test_a_link_logs_in_once_and_is_not_in_the_history(browser: Browser, master: Guarded) -> None:
    browser.open(f"{master.base}{master.link}")
    browser.wait(lambda: browser.chrome.current_url == f"{master.base}/")
    assert browser.part("new-run")
    assert browser.console() == []
    browser.chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.open(f"{master.base}{master.link}")
    assert "used before" in browser.text("trouble")


def test_a_viewer_s_pages_have_no_control(browser: Browser, master: Guarded) -> None:
    browser.log_in(master.base, KEY.token("viewer"))
    assert browser.part("readonly")
    for page in ("/", "/nodes", "/runs/12", "/runs/13", "/compare?a=12&b=13"):
        browser.open(f"{master.base}{page}")
        browser.wait(lambda: browser.run("return document.querySelector('#zone').textContent"))
        for control in ("new-run", "stop", "again", "edit", "rate-control"):
            assert not browser.chrome.find_elements(By.CSS_SELECTOR, f"[data-testid={control}]"), (page, control)
    assert browser.console() == []
    browser.open(f"{master.base}/runs/new")
    assert "a viewer may look" in browser.text("error")


def test_a_page_that_looks_on_after_its_session_has_ended_asks_to_log_in(browser: Browser, master: Guarded) -> None:
    browser.log_in(master.base, KEY.text)
    browser.chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.wait(lambda: "/login?next=%2F" in browser.chrome.current_url)


ATTACK = """<!doctype html><title>start</title>
<form id="form" method="post" action="{base}{path}" enctype="{kind}" target="_self">
<input name='{{"url":"http://victim.test/","x":"' value='"}}'></form>
<script>
fetch("{base}/api/v1/runs", {{method: "POST", mode: "no-cors", credentials: "include",
  headers: {{"Content-Type": "text/plain"}}, body: '{{"url":"http://victim.test/"}}'}}).catch(() => {{}});
fetch("{base}/api/v1/runs", {{credentials: "include"}}).then(r => r.text())
  .then(text => {{ document.title = text; }}, () => {{ document.title = "nothing"; }});
</script>"""


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_site_s_form_changes_nothing_and_its_script_reads_nothing(
    browser: Browser, master: Guarded, kind: str
) -> None:
    browser.log_in(master.base, KEY.text)
    before = len(master.runs())
    for path in ("/api/v1/runs", "/api/v1/runs/12/stop", "/logout", "/login"):
        with site(ATTACK.format(base=master.base, path=path, kind=kind)) as url:
            browser.open(url)
            browser.wait(lambda: browser.chrome.title != "start")
            assert browser.chrome.title == "nothing", path
            browser.run("document.getElementById('form').submit()")
            browser.wait(lambda path=path: browser.chrome.current_url == f"{master.base}{path}")  # type: ignore[misc]
        assert len(master.runs()) == before, path
        browser.open(f"{master.base}/")
        assert browser.part("new-run"), path  # still logged in, as the same


def test_another_site_cannot_frame_a_page(browser: Browser, master: Guarded) -> None:
    browser.log_in(master.base, KEY.text)
    with site(f'<iframe id="frame" src="{master.base}/"></iframe>') as url:
        browser.open(url)
        browser.wait(lambda: any("frame" in line.lower() for line in browser.console()))
        browser.chrome.switch_to.frame("frame")
        assert not browser.chrome.find_elements(By.ID, "main")


def test_a_link_on_another_site_leads_a_friend_to_the_page(browser: Browser, master: Guarded) -> None:
    browser.log_in(master.base, KEY.text)
    with site(f'<a id="on" href="{master.base}/runs/12">on</a>') as url:
        browser.open(url)
        browser.chrome.find_element(By.ID, "on").click()
        browser.wait(lambda: browser.chrome.current_url == f"{master.base}/runs/12")


def test_a_name_that_was_rebound_reads_nothing(browser: Browser, master: Guarded) -> None:
    browser.open(master.base.replace("127.0.0.1", "evil.test") + "/login")
    assert "is not a name of this node" in browser.text("error")
    assert not browser.chrome.find_elements(By.ID, "key")
