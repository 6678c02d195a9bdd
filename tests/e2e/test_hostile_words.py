"""Script in whatever a person, a slave or a target can name: pages show it as text, nothing runs it.

And the one certificate: a browser, the commands and a slave all reach a master with TLS.
"""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from selenium.common.exceptions import NoAlertPresentException

from gluten.net.keys import keyfile
from tests.support.e2e.programs import Cluster, bearer, gluten, wait_for
from tests.support.needs import BROWSER
from tests.support.nginx import self_signed
from tests.support.served import served
from tests.support.web.browser import Browser, chromium

pytestmark = [pytest.mark.slow, BROWSER]
SCRIPT = "</script><img src=x onerror=window.pwned=1;alert(1)><script>window.pwned=1;alert(2)</script>"
SHORT = "<svg onload=window.pwned=1;alert(3)>"
QUERY = "?q=<svg/onload=window.pwned=1;alert(4)>"


class Hostile(BaseRequestHandler):
    """A target that answers markup everywhere: status line, header, body. Every other answer is no HTTP at all."""

    turn = 0

    def handle(self) -> None:
        while self.request.recv(65536):
            Hostile.turn += 1
            if Hostile.turn % 2:
                self.request.sendall(f"{SCRIPT} 200 {SCRIPT}\r\n\r\n".encode())
                return
            head = f"HTTP/1.1 200 {SCRIPT}\r\nServer: {SCRIPT}\r\nContent-Type: text/html\r\n"
            self.request.sendall(f"{head}Content-Length: {len(SCRIPT)}\r\n\r\n{SCRIPT}".encode())


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with served(ThreadingTCPServer(("127.0.0.1", 0), Hostile)) as where:
        yield f"{where}{QUERY}"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("hostile"), 0)
    made.add_slave(SHORT)
    made.wait_for_nodes(2)
    yield made
    made.stop()


def harmless(browser: Browser, what: str) -> None:
    with pytest.raises(NoAlertPresentException):
        _ = browser.chrome.switch_to.alert
    assert browser.run("return window.pwned === undefined"), what
    assert not browser.run("return document.querySelectorAll('img[src=x], svg[onload]').length"), what
    assert browser.console() == [], what


def test_script_in_every_name_stays_text(cluster: Cluster, target: str, tmp_path: Path) -> None:
    load = ["-t", "2", "-c", "4", "-n", "40", "--name", SCRIPT, "-H", f"X-Evil: {SCRIPT}", "-b", SCRIPT, "-m", "POST"]
    done = cluster.run("submit", "--watch", "--quiet", "--format", "json", *load, target)
    report = done.json
    assert report["name"] == SCRIPT
    assert report["errors"].get("protocol"), report["errors"]
    assert any(node["name"] == SHORT for node in report["nodes"])
    run, base = report["id"], f"http://{cluster.web}"
    with chromium() as browser:
        browser.log_in(base, cluster.key.text)
        for page in ("/", "/nodes", f"/runs/{run}", f"/runs/new?from={run}", f"/compare?a={run}&b={run}", f"/{SHORT}"):
            browser.open(base + page)
            browser.wait(lambda: browser.run("return document.querySelector('#zone')?.textContent"))
            if page.startswith("/runs/") and "new" not in page:
                browser.wait(lambda: "protocol" in browser.text("report"))
                browser.wait(lambda: "submit" in browser.text("deeds"))
                assert SCRIPT in browser.text("head")
            if page.startswith("/compare"):
                browser.wait(lambda: browser.part("compared"))
            if page.startswith("/<"):
                browser.console()  # says 404
            harmless(browser, page)
        browser.open(f"{base}/login?next={SHORT}&token={SCRIPT}")
        browser.console()  # says 403
        harmless(browser, "/login")
        request = urllib.request.Request(f"{base}/api/v1/runs/{run}/report?format=html", headers=bearer(cluster.folder))
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox")
            (tmp_path / "report.html").write_bytes(answer.read())
        browser.open(f"file://{tmp_path}/report.html")
        harmless(browser, "the report")


def test_one_certificate_serves_browsers_commands_and_slaves(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    secure = ["--tls-cert", made.cert, "--tls-key", made.key, "--web-host", "localhost"]
    cluster = Cluster(tmp_path, 0, *secure)
    try:
        cluster.add_slave("one")
        cluster.wait_for_nodes(2)  # by this host's own commands, without TLS
        port = cluster.web.rpartition(":")[2]
        told = cluster.master.find(r"submit --master (\S+) ")[1]  # as other hosts need it
        assert told == f"https://localhost:{cluster.rpc.rpartition(':')[2]}"
        for master in (f"https://localhost:{port}", f"https://{cluster.rpc}", told):
            done = gluten(tmp_path, "nodes", "--master", master, "--master-cacert", made.cert)
            assert (done.code, done.error) == (0, ""), done.error
            assert "one" in done.out
        untrusted = gluten(tmp_path, "nodes", "--master", f"https://localhost:{port}")
        assert untrusted.code == 3
        assert untrusted.is_one_line()
        assert "--master-cacert" in untrusted.error
        link = cluster.run("submit", "-t1", "-c1", "-n1", "http://127.0.0.1:1/").out.strip()
        assert link.startswith(f"https://localhost:{port}/runs/")
        trusting = ssl.create_default_context(cafile=made.cert)
        key = keyfile.read(tmp_path / "master-data" / keyfile.NAME)
        asked = urllib.request.Request(
            link.replace("/runs/", "/api/v1/runs/"), headers={"Authorization": f"Bearer {key.token('viewer')}"}
        )
        with urllib.request.urlopen(asked, context=trusting) as answer:
            assert answer.status == 200
        with chromium("--ignore-certificate-errors") as browser:
            browser.open(f"http://localhost:{port}/")  # is sent on
            browser.wait(lambda: browser.chrome.current_url.startswith(f"https://localhost:{port}/login"))
            browser.log_in(f"https://localhost:{port}", key.text)
            (cookie,) = browser.chrome.get_cookies()
            assert (cookie["secure"], cookie["name"][:7]) == (True, "__Host-")
            browser.open(link)
            wait_for("the run's page", lambda: "run" in browser.text("head").lower())
            assert browser.console() == []
    finally:
        codes: list[Any] = cluster.stop()
    assert codes == [0, 0]
