"""The form of a run of several requests: rows, a workload file with live checks, and the files that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.support.engine.ledger import Ledger, response
from tests.support.needs import BROWSER
from tests.support.ports import free_port
from tests.support.web.browser import Browser, ask, fake_master, stop_run

pytestmark = [pytest.mark.slow, BROWSER]
FILE = '[load]\nrate = 50\n[[feed]]\nname = "user"\nfile = "users.csv"\n[request.home]\nget = "/{{user.name}}"\n'
# Keeps what is uploaded, in place of a master that stores it.
UPLOADED = """
const send = window.fetch;
window.uploaded = [];
window.fetch = (url, options) => {
  if (options?.method !== 'PUT') return send(url, options);
  window.uploaded.push(url);
  return Promise.resolve(new Response('{}', { status: 201 }));
};
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4", "--empty") as url:
        yield url


@pytest.fixture
def form(browser: Browser, base: str) -> Browser:
    browser.open(f"{base}/runs/new")
    browser.wait(lambda: browser.text("summary") == "Give the URL to load.")
    return browser


def choose(browser: Browser, kind: str) -> None:
    browser.chrome.find_element(By.CSS_SELECTOR, f"input[name=kind][value={kind}]").click()


def row(browser: Browser, number: int) -> list[WebElement]:
    found = browser.part("mix").find_elements(By.CSS_SELECTOR, "tbody tr")[number]
    return list(found.find_elements(By.TAG_NAME, "input"))


def write(field: WebElement, text: str) -> None:
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text)


def started(browser: Browser, base: str) -> dict[str, object]:
    browser.part("start").click()
    browser.wait(lambda: "/runs/new" not in browser.chrome.current_url)
    run = ask(f"{base}/api/v1/runs/{browser.chrome.current_url.rpartition('/')[2]}")
    stop_run(base, run["id"])
    return dict(run["task"])


def test_one_url_is_the_first_choice(form: Browser) -> None:
    assert form.chrome.find_element(By.CSS_SELECTOR, "input[name=kind]:checked").get_attribute("value") == "url"
    assert not form.part("workload").is_displayed()
    assert not form.part("mix").is_displayed()
    assert form.chrome.find_element(By.ID, "method").is_displayed()


def test_each_request_is_tried_and_shown(form: Browser) -> None:
    with Ledger(lambda seen: response(b"hello", 201 if seen.method == "POST" else 200)) as target:
        choose(form, "file")
        form.chrome.find_element(By.ID, "url").send_keys(target.url)
        write(
            form.part("workload"),
            '[request.pay]\npost = "/pay"\ncheck = ["body contains x"]\n[request.home]\nget = "/"\n',
        )
        form.part("try").click()
        form.wait(lambda: "2 requests were sent from the master. 1 of them was good." in form.text("tried"))
    assert [(seen.method, seen.path) for seen in target.seen] == [("POST", "/pay"), ("GET", "/")]
    shown = form.text("tried")
    assert "✗ body contains x" in shown
    assert "Status 201" in shown, "what is not good is open"
    assert "Status 200" not in shown


def test_a_session_is_tried_and_shown(form: Browser) -> None:
    with Ledger(lambda seen: response(b"{}", 500 if seen.path == "/pay" else 200, "Location: /c7")) as target:
        choose(form, "file")
        form.chrome.find_element(By.ID, "url").send_keys(target.url)
        requests = '[request.cart]\npost = "/cart"\ntake = {cart = "header Location"}\n[request.pay]\npost = "/pay"\n'
        do = 'do = ["cart", {think = "1500ms"}, "pay"]\n'
        write(form.part("workload"), f'{requests}[[scenario]]\nname = "buy"\n{do}')
        form.wait(lambda: form.text("try") == "Try a session")
        assert "buy about 1.7 s" in form.text("plan")
        form.part("try").click()
        form.wait(lambda: "2 requests were sent from the master. 1 of them was good." in form.text("tried"))
    shown = form.text("tried")
    assert "buy, after a pause of 1.5 s" in shown
    assert "The session ends here." in shown


def test_a_target_that_does_not_answer_is_told(form: Browser) -> None:
    form.chrome.find_element(By.ID, "url").send_keys(f"http://127.0.0.1:{free_port()}/")
    form.part("try").click()
    form.wait(lambda: "the target cannot be reached" in form.text("tried"))


def test_rows_make_a_workload(form: Browser, base: str) -> None:
    choose(form, "rows")
    form.chrome.find_element(By.ID, "url").send_keys("http://t.test/v2")
    form.part("add-row").click()
    for field, text in zip(row(form, 1), ("pay", "POST", "/pay", "3"), strict=True):
        write(field, text)
    form.wait(lambda: "75.0 %" in form.text("plan"))
    assert not form.chrome.find_element(By.ID, "method").is_displayed()
    task = started(form, base)
    assert task["workload"] == '[request.home]\nget = "/"\n\n[request.pay]\npost = "/pay"\nweight = 3\n'
    assert task["url"] == "http://t.test/v2"


def test_a_wrong_row_says_what_is_wrong(form: Browser) -> None:
    choose(form, "rows")
    form.chrome.find_element(By.ID, "url").send_keys("http://t.test/")
    write(row(form, 0)[3], "many")
    form.wait(lambda: "request.home.weight" in form.text("summary"))


def test_a_workload_is_checked_as_it_is_written(form: Browser, base: str) -> None:
    choose(form, "file")
    form.part("workload").send_keys('url = "http://t.test/"\n[request.a]\nget = "/"\nwait = 1')
    form.wait(lambda: "line 4" in form.text("workload-wrong"))
    form.part("workload").send_keys(Keys.BACKSPACE * 8)
    form.wait(lambda: "100 %" in form.text("plan"))
    assert form.chrome.find_elements(By.ID, "workload-wrong") == []
    assert started(form, base)["url"] == "http://t.test/"


def test_what_nobody_filled_in_is_as_the_file_says(form: Browser, base: str) -> None:
    choose(form, "file")
    form.part("workload").send_keys(
        'url = "http://t.test/"\ntimeout = "7s"\n[load]\nrate = 50\non-loss = "fail"\n[request.a]\nget = "/"'
    )
    form.wait(lambda: "at 50 requests/s" in form.text("summary"))
    task = started(form, base)
    assert (task["timeout"], task["on_loss"], task["rate"]) == (7.0, "fail", 50.0)


def test_a_file_is_picked_hashed_and_sent(form: Browser, base: str, tmp_path: Path) -> None:
    rows = tmp_path / "mine.csv"
    rows.write_text("name\nann\n")
    form.run(UPLOADED)
    choose(form, "file")
    form.chrome.find_element(By.ID, "url").send_keys("http://t.test/")
    form.part("workload").send_keys(FILE)
    form.wait(lambda: "Pick the files that the workload names: users.csv." in form.text("summary"))
    form.part("start").click()
    assert "/runs/new" in form.chrome.current_url
    form.part("files").find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(rows))
    form.wait(lambda: "at the master" in form.text("files"))
    digest = hashlib.sha256(rows.read_bytes()).hexdigest()
    assert form.run("return window.uploaded") == [f"/api/v1/files/{digest}"]
    form.wait(lambda: "at 50 requests/s" in form.text("summary"))
    assert started(form, base)["files"] == {"users.csv": digest}


def test_a_run_of_a_workload_is_edited_as_a_file(browser: Browser, base: str) -> None:
    text = '[request.a]\nget = "/"\ncheck = ["status == 200"]\n'
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/", "workload": text, "duration": "1h"})
    browser.open(f"{base}/runs/new?from={run['id']}")
    browser.wait(lambda: "100 %" in browser.text("plan"))
    assert browser.part("workload").get_attribute("value") == text
    stop_run(base, run["id"])


def test_an_edited_run_keeps_which_of_its_headers_outrank(browser: Browser, base: str) -> None:
    asked = {"url": "http://t.test/", "workload": '[request.a]\nget = "/"\n', "duration": "1h"}
    run = ask(f"{base}/api/v1/runs", asked | {"headers": ["A: b", "C: d"], "outranking": ["a"]})
    browser.open(f"{base}/runs/new?from={run['id']}")
    browser.wait(lambda: "100 %" in browser.text("plan"))
    assert started(browser, base)["outranking"] == ["a"]
    stop_run(base, run["id"])


def test_the_text_of_a_certificate_that_the_file_names_is_asked_for(form: Browser) -> None:
    choose(form, "file")
    form.part("workload").send_keys('url = "https://t.test/"\n[load]\ncacert = "ca.pem"\n[request.a]\nget = "/"')
    said = "line 3: load.cacert: the text of 'ca.pem' did not come with the workload"
    form.wait(lambda: said in form.text("summary"))
    form.run("document.getElementById('cacert').closest('details').open = true")
    form.chrome.find_element(By.ID, "cacert").send_keys("-----BEGIN CERTIFICATE-----")
    form.wait(lambda: "100 %" in form.text("plan"))
    assert said not in form.text("summary")


@pytest.mark.parametrize("kind", ["rows", "file"])
def test_it_fits_a_narrow_phone(browser: Browser, base: str, kind: str) -> None:
    screen = {"width": 360, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    browser.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.open(f"{base}/runs/new")
    choose(browser, kind)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
