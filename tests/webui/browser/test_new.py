"""The page of a new run in a real Chromium: awkward input, the command line's words, files, and a run once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium")

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from gluten.errors import TaskError
from gluten.task.parse import ask as read
from tests.support.needs import BROWSER
from tests.support.web.browser import Browser, ask, fake_master

pytestmark = [pytest.mark.slow, BROWSER]
URL = "http://t.test/"
BACK = """
const [done] = arguments;
document.querySelector('#start').disabled = true;
dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
done(document.querySelector('#start').disabled);
"""
EMPTY = """
const fields = ['threads', 'connections'].map((id) => document.getElementById(id));
return fields.map((field) => [field.value, field.placeholder]);
"""
# By how many pixels the words of each checkbox begin below its middle; at most 0: beside it.
BELOW = """
return [...document.querySelectorAll('.field.check label')].filter((label) => label.checkVisibility()).map((label) => {
  const [box, words] = [label.querySelector('input').getBoundingClientRect(), document.createRange()];
  words.selectNodeContents([...label.childNodes].find((node) => node.nodeType === 3 && node.data.trim()));
  return words.getClientRects()[0].top - (box.top + box.bottom) / 2;
});
"""
# Notes what the page asks the master to check.
SENT = """
const send = window.fetch;
window.sent = [];
window.fetch = (url, options) => {
  if (url.endsWith('/check')) window.sent.push(JSON.parse(options.body));
  return send(url, options);
};
"""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with fake_master("--speed", "4") as url:
        yield url


@pytest.fixture
def form(browser: Browser, base: str) -> Browser:
    """The form with only its URL filled in."""
    browser.open(f"{base}/runs/new")
    put(browser, "url", URL)
    return browser


def put(browser: Browser, name: str, text: str) -> None:
    """Replace the text of a field, as a person types."""
    field = browser.chrome.find_element(By.ID, name)
    details = browser.chrome.find_elements(By.CSS_SELECTOR, f"details:not([open]):has(#{name}) summary")
    if details:
        details[0].click()
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.DELETE, text)


def pace(browser: Browser, value: str) -> None:
    browser.chrome.find_element(By.CSS_SELECTOR, f"input[name=shape][value={value}]").click()


def line(browser: Browser, base: str, rest: str) -> None:
    """Waits until the command line ends so."""
    whole = f"gluten.pyz submit --master {base[7:]} {rest}"
    browser.wait(lambda: browser.chrome.find_element(By.ID, "command").get_property("textContent") == whole)


def said(option: str, text: str) -> str:
    with pytest.raises(TaskError) as caught:
        read(URL, {option: [text] if option in ("header", "resolve") else text})
    return str(caught.value)


@pytest.mark.parametrize(
    ("field", "option", "text"),
    [
        ("threads", "threads", "2.5"),
        ("connections", "connections", "0"),
        ("duration", "duration", "soon"),
        ("duration", "duration", "0"),
        ("requests", "requests", "-3"),
        ("timeout", "timeout", "2 s"),
        ("method", "method", "GE T"),
        ("headers", "header", "no colon"),
        ("resolve", "resolve", "a.test:80"),
        ("max_body", "max-body", "lots"),
        ("cacert", "cacert", "/etc/ssl/ca.pem"),
        ("name", "name", "n" * 201),
    ],
)
def test_what_is_typed_is_refused_in_the_command_lines_words(form: Browser, field: str, option: str, text: str) -> None:
    put(form, field, text)
    form.wait(lambda: form.text(f"{field}-wrong") == said(option, text))
    assert form.chrome.find_element(By.ID, field).get_attribute("aria-describedby") == f"{field}-wrong"
    assert not form.part("copy").is_enabled()


@pytest.mark.parametrize(
    ("kind", "text"), [("rate", "fast"), ("rate", "0"), ("stages", "30s"), ("stages", "9s:1,3s:2")]
)
def test_a_pace_is_refused_in_the_command_lines_words(form: Browser, kind: str, text: str) -> None:
    pace(form, kind)
    put(form, kind, text)
    form.wait(lambda: form.text(f"{kind}-wrong") == said(kind, text))


@pytest.mark.parametrize(("kind", "example"), [("rate", "such as 1k"), ("stages", "such as 0s:0,30s:1k,2m:1k")])
def test_a_pace_that_is_not_typed_yet_is_asked_for(form: Browser, kind: str, example: str) -> None:
    pace(form, kind)
    form.wait(lambda: form.chrome.find_element(By.ID, "summary").text.endswith(example))


def test_a_checkbox_stands_beside_its_words_on_a_small_phone(form: Browser) -> None:
    form.size(360, 800)
    below = form.run(BELOW)
    assert len(below) >= 4
    assert max(below) <= 0


def test_threads_and_connections_may_be_left_to_the_master(form: Browser, base: str) -> None:
    assert form.run(EMPTY) == [["", "the cores of the nodes"], ["", "10, or one for each thread"]]
    pace(form, "rate")
    assert form.run(EMPTY) == [["", "the cores of the nodes"], ["", "elastic: as many as are needed"]]
    put(form, "rate", "1k")
    form.run(SENT)
    put(form, "name", "elastic")
    form.wait(lambda: form.run("return window.sent.at(-1)?.name") == "elastic")
    assert not {"threads", "connections"} & set(form.run("return Object.keys(window.sent.at(-1))"))
    put(form, "connections", "40")
    form.wait(lambda: form.run("return window.sent.at(-1)?.connections") == "40")


def test_an_elastic_run_is_edited_with_its_connections_left_empty(form: Browser, base: str) -> None:
    run = ask(f"{base}/api/v1/runs", {"url": "http://t.test/elastic", "rate": "1k", "duration": "1h"})
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})
    form.open(f"{base}/runs/new?from={run['id']}")
    form.wait(lambda: "t.test/elastic" in form.text("command"))
    assert form.chrome.find_element(By.ID, "connections").get_property("value") == ""


def test_stages_last_until_their_last_point_unless_a_duration_is_said(form: Browser, base: str) -> None:
    pace(form, "stages")
    put(form, "stages", "0s:0,30s:1k,2m:1k")
    line(form, base, f"-d 2m --stages 0s:0,30s:1000,2m:1000 {URL}")
    form.wait(lambda: "105,000 requests are planned" in form.text("summary"))
    assert form.chrome.find_element(By.ID, "duration").get_attribute("placeholder") == "until the last stage's time"
    put(form, "duration", "1h")
    line(form, base, f"-d 1h --stages 0s:0,30s:1000,2m:1000 {URL}")


def test_a_number_of_requests_alone_has_no_time_limit(form: Browser, base: str) -> None:
    put(form, "requests", "1.5k")
    line(form, base, f"-n 1500 {URL}")


def test_headers_of_equal_names_a_body_of_lines_and_secrets_are_in_the_command_line(form: Browser, base: str) -> None:
    put(form, "method", "POST")
    put(form, "headers", "X-A: 1\n\nX-A: it's\nAuthorization: Bearer CANARY")
    put(form, "body", "a\nb")
    line(
        form,
        base,
        f"""-d 10s -m POST -b 'a\nb' -H 'X-A: 1' -H 'X-A: it'"'"'s' -H 'Authorization: ***' {URL}""",
    )
    assert "write it again" in form.text("command-hint")
    form.chrome.find_element(By.ID, "secret").click()
    line(
        form,
        base,
        "-d 10s -m POST -b @body.txt -H 'X-A: ***' -H 'X-A: ***' -H 'Authorization: ***' --secret " + URL,
    )
    assert "body.txt" in form.text("command-hint")


def test_a_file_is_sent_byte_for_byte(form: Browser, base: str, tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    form.part("body-file").send_keys(str(text))
    form.wait(lambda: form.chrome.find_element(By.ID, "body").get_property("value") == "\ufeffa\nb\n")
    form.part("start").click()
    form.wait(lambda: "/runs/new" not in form.chrome.current_url)
    run = ask(f"{base}/api/v1/runs/{form.chrome.current_url.rpartition('/')[2]}")
    assert run["task"]["body"] == "\ufeffa\r\nb\r\n"
    form.open(f"{base}/runs/new?from={run['id']}")
    line(form, base, f"-d 10s -b '\ufeffa\r\nb\r\n' {URL}")


def test_a_binary_file_is_refused_with_an_alternative(form: Browser, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\xff")
    form.part("body-file").send_keys(str(picture))
    form.wait(lambda: "a.png is no text" in form.text("body-wrong"))
    assert "-b @FILE" in form.text("body-wrong")
    put(form, "headers", "X-A: 1")
    form.wait(lambda: "X-A: 1" in form.text("command"))
    assert "a.png is no text" in form.text("body-wrong"), "it stays while other fields are filled"
    put(form, "body", "text")
    form.wait(lambda: not form.chrome.find_elements(By.ID, "body-wrong"))


def test_a_certificate_comes_from_a_file_and_a_key_needs_one(form: Browser, base: str, tmp_path: Path) -> None:
    form.chrome.find_element(By.CSS_SELECTOR, "details summary").click()
    for name in ("key", "cert"):
        (tmp_path / name).write_text(f"-----BEGIN {name}-----\nx\n")
    form.part("key-file").send_keys(str(tmp_path / "key"))
    form.wait(lambda: "of no use without" in form.text("summary"))
    form.part("cert-file").send_keys(str(tmp_path / "cert"))
    line(form, base, f"-d 10s --cert cert.pem --key key.pem {URL}")


def test_all_that_is_wrong_is_shown_when_one_wants_to_start(form: Browser) -> None:
    put(form, "url", "")
    for name in ("threads", "timeout"):
        form.run("document.getElementById(arguments[0]).value = '?'", name)  # as a browser fills in by itself
    form.part("start").click()
    form.wait(lambda: all(form.text(f"{name}-wrong") for name in ("url", "threads", "timeout")))
    assert form.run("return document.activeElement.getAttribute('aria-invalid')") == "true"
    form.wait(lambda: any("400" in entry for entry in form.console()))  # a refusal, which Chromium notes


def test_going_back_and_starting_once_more_is_another_run(form: Browser, base: str) -> None:
    form.part("start").click()
    form.wait(lambda: "/runs/new" not in form.chrome.current_url)
    before = len(ask(f"{base}/api/v1/runs?limit=500")["runs"])
    form.chrome.back()
    form.wait(lambda: "/runs/new" in form.chrome.current_url)
    assert form.chrome.execute_async_script(BACK) is False
    put(form, "url", URL)
    form.part("start").click()
    form.wait(lambda: "/runs/new" not in form.chrome.current_url)
    assert len(ask(f"{base}/api/v1/runs?limit=500")["runs"]) == before + 1


def test_a_run_with_secrets_is_edited_before_it_runs_again(form: Browser, base: str) -> None:
    task = {
        "url": URL,
        "method": "POST",
        "headers": ["Cookie: a=CANARY", "X-A: b"],
        "body": "CANARY",
        "secret": True,
        "stages": "0s:10,5s:20",
        "resolve": ["t.test:80:127.0.0.1"],
        "max_body": "1M",
        "timeout": "1500ms",
        "keepalive": False,
        "insecure": True,
        "on_loss": "fail",
        "split": "even",
        "name": "all of it",
    }
    run = ask(f"{base}/api/v1/runs", task)
    ask(f"{base}/api/v1/runs/{run['id']}/stop", {})
    form.open(f"{base}/runs/{run['id']}")
    form.part("again").click()
    form.wait(lambda: "/runs/new" in form.chrome.current_url)
    form.wait(lambda: "Secret headers are not kept" in form.chrome.find_element(By.ID, "origin").text)
    put(form, "headers", "X-A: c")
    put(form, "body", "d")
    line(
        form,
        base,
        "-d 5s --stages 0s:10,5s:20 -m POST -b @body.txt -H 'X-A: ***' -T 1.5s --secret --no-keepalive"
        f" --insecure --resolve t.test:80:127.0.0.1 --max-body 1048576 --name 'all of it' --on-loss fail"
        f" --split even {URL}",
    )
