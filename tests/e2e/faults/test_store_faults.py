"""The master's database is locked or stopped, or its disk is full. Nothing is lost, by the target's count."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e.programs import key_below, wait_for
from tests.support.e2e.scene import Scene
from tests.support.needs import require
from tests.support.postgres import running
from tests.support.web.browser import Browser, chromium

pytestmark = pytest.mark.slow


def test_a_locked_database_loses_nothing(scene: Scene) -> None:
    scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "10s")
    wait_for("load", lambda: scene.run()["completed"] > 200)
    lock = sqlite3.connect(scene.folder / "m" / "gluten.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    time.sleep(7)  # the fault itself
    lock.rollback()
    lock.close()
    report = scene.finish()
    assert report["state"] == "finished"
    scene.check_complete(report, 2000)
    scene.master.find(r"database sqlite:///\S+: it took \d+ s: see that no other program holds it")


def test_a_stopped_postgres_loses_nothing_and_is_said(tmp_path: Path) -> None:
    with running() as server:
        scene = Scene(tmp_path, "--db", server.create_database())
        try:
            with chromium() as browser:
                browser.log_in(f"http://127.0.0.1:{scene.ports[0]}", key_below(tmp_path).text)
                scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "22s")
                wait_for("load", lambda: scene.run()["completed"] > 200)
                browser.open(f"http://127.0.0.1:{scene.ports[0]}/runs/{scene.run()['id']}")
                browser.wait(lambda: browser.part("state"))
                assert not banner(browser)
                server.stop()
                stopped = time.monotonic()
                browser.wait(lambda: "database" in banner(browser))
                time.sleep(max(0.0, stopped + 14 - time.monotonic()))  # the fault itself
                browser.wait(lambda: "nothing is lost" in banner(browser))
                assert scene.run()["completed"] > 200 * 10, "the run goes on meanwhile"
                server.start()
                browser.wait(lambda: not banner(browser))
            report = scene.finish()
            assert report["state"] == "finished"
            scene.check_complete(report, 22 * 200)
            assert all(node["gaps"] == 0 for node in report["nodes"])
            wait_for("no notice", lambda: scene.get("overview")["notice"] == "")
        finally:
            scene.stop()


def banner(browser: Browser) -> str:
    """The page's message about the state of the run. Empty while there is none."""
    part = browser.part("state")
    return part.text if part.is_displayed() else ""


@contextlib.contextmanager
def small_disk(mounted: Path, size: str) -> Iterator[Path]:
    """A real file system with little room."""
    require("root", "mount", "mounts")
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(mounted)], check=True)
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_full_disk_at_the_master_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "6m") as disk:
        scene = Scene(tmp_path, "--db", f"sqlite:///{disk}/gluten.db")
        try:
            scene.submit("-t", "2", "-c", "8", "-R", "200", "-d", "14s")
            wait_for("load", lambda: scene.run()["completed"] > 200)
            with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
                while ballast.write(bytes(4096)) == 4096:
                    pass
            said = wait_for("the notice", lambda: scene.get("overview")["notice"])
            time.sleep(5)  # the fault itself
            (disk / "ballast").unlink()
            report = scene.finish()
            assert re.match(r"database sqlite:///\S+: .*full.*: make room on its disk \(what is counted waits", said)
            assert report["state"] == "finished"
            scene.check_complete(report, 14 * 200)
        finally:
            scene.stop()
