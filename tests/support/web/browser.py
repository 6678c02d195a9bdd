"""A real Chromium, and the fake master in a process of its own."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from selenium.webdriver import ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.support.needs import find_program
from tests.support.web.element import PATIENCE, PageChrome

ROOT = Path(__file__).parents[3]
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--force-prefers-reduced-motion",  # else a badge that pulses has the whole page composed 60 times a second
    "--disable-dev-shm-usage",  # a container's /dev/shm is too small for it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1360,1000",
)

_NICE = 5
_PR_CAPBSET_DROP, _CAP_SYS_NICE = 24, 23
_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux has it
_PRESS = """
const [selector, keys] = arguments;
const element = document.querySelector(selector);
for (const key of keys) element.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
return performance.now();
"""


class Browser:
    """Finds by data-testid, waits by condition."""

    def __init__(self, chrome: PageChrome) -> None:
        self.chrome = chrome

    def open(self, url: str) -> None:
        self.chrome.get(url)

    def log_in(self, base: str, key: str) -> None:
        self.open(f"{base}/login")
        self.chrome.find_element(By.ID, "key").send_keys(key)
        self.part("enter").click()
        self.wait(lambda: "Dashboard" in self.chrome.title)

    def part(self, name: str) -> WebElement:
        found: WebElement = self.wait(lambda: self.chrome.find_element(By.CSS_SELECTOR, f"[data-testid='{name}']"))
        return found

    def text(self, name: str) -> str:
        return str(self.part(name).text)

    def run(self, script: str, *values: Any) -> Any:
        return self.chrome.execute_script(script, *values)

    def stop(self) -> None:
        """Stop the run whose page is open: the button asks first."""
        self.part("stop").click()
        self.wait(lambda: self.text("stop") == "Really stop?")
        self.part("stop").click()

    def press(self, selector: str, keys: list[str]) -> float:
        """Send the keys to an element, all at once: a slow machine makes no pause between them. The page's time after
        the last one."""
        return float(self.run(_PRESS, selector, keys))

    def wait(self, condition: Callable[[], Any]) -> Any:
        """The condition's value once it is true. Raises TimeoutException."""
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

        ignored = (NoSuchElementException, StaleElementReferenceException)
        return WebDriverWait(self.chrome, PATIENCE, 0.05, ignored).until(lambda _: condition())

    def fresh(self) -> None:
        """As when it was started: no page is open any more that could still ask a server that is gone, nobody is logged
        in, and the console is empty."""
        self.open("about:blank")
        self.chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.scheme("light")
        self.desk()
        self.console()

    def console(self) -> list[str]:
        return [entry["message"] for entry in self.chrome.get_log("browser")]  # type: ignore[no-untyped-call]

    def scheme(self, value: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": value}]
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def phone(self) -> None:
        screen = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def size(self, width: int, height: int = 1000) -> None:
        """A screen of so many CSS pixels; `desk` takes it back."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def desk(self) -> None:
        self.chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def worked(self) -> float:
        """CPU seconds of the page's main thread so far: what a page costs, whatever else this machine does."""
        self.chrome.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        found = self.chrome.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return float(next(metric["value"] for metric in found if metric["name"] == "TaskDuration"))

    def pixels(self, chart: str) -> str:
        """The picture of a chart, as it is painted."""
        script = "return document.querySelector(arguments[0] + ' canvas')?.toDataURL() ?? ''"
        return str(self.run(script, f"[data-testid='chart-{chart}']"))


def _behind() -> None:
    """The browser takes what other tests leave of the CPU: these may measure times. As root it would put itself before
    everybody."""
    os.nice(_NICE)
    if _prctl is not None:
        _prctl(_PR_CAPBSET_DROP, _CAP_SYS_NICE, 0, 0, 0)


@contextmanager
def chromium(*flags: str, network: bool = False) -> Iterator[Browser]:
    """A started browser. Skips the test where none is installed. `network`: it logs what it asks and is answered."""
    binary, driver = find_program("chromium"), find_program("chromedriver")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = binary
        for flag in (*FLAGS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        logs = {"browser": "ALL"} | ({"performance": "ALL"} if network else {})
        options.set_capability("goog:loggingPrefs", logs)
        chrome = PageChrome(options=options, service=Service(driver, popen_kw={"preexec_fn": _behind}))
        try:
            yield Browser(chrome)
        finally:
            chrome.quit()


@contextmanager
def fake_master(*options: str) -> Iterator[str]:
    """The base URL of a fake master that lives as long as the context."""
    command = [sys.executable, "-m", "tests.support.web.fake_master", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


@contextmanager
def own_master(browser: Browser, *options: str) -> Iterator[str]:
    """A fake master for one test. The page is left before the master ends: it would note in the console that nobody
    answers, perhaps in the next test."""
    with fake_master(*options) as base:
        try:
            yield base
        finally:
            browser.open("about:blank")


def stop_run(base: str, run: str) -> None:
    """Stop a run, unless it has ended by itself meanwhile."""
    try:
        ask(f"{base}/api/v1/runs/{run}/stop", {})
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.CONFLICT:
            raise


def ask(url: str, value: Any = None) -> Any:
    """JSON of the master, by GET or, with a value, by POST."""
    body = None if value is None else json.dumps(value).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)
