"""The real program gets a signal at any instant after its first line. It ends with a report or with one line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gluten import interrupts
from tests.support.e2e.programs import LINE, Program, environment, wait_for
from tests.support.served import served

pytestmark = pytest.mark.slow

INSTANTS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.3, 0.6)
NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
REPORT = "gluten: interrupted: the report covers the requests that were sent before\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        Handler.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as where:
        yield where


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The program in a group of its own, from the instant at which it handles signals."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gluten", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(folder),
        cwd=folder,
        start_new_session=True,
    )
    wait_for("its handlers", lambda: _handles(process.pid, signal.SIGTERM) or process.poll() is not None)
    return process


def _handles(pid: int, number: int) -> bool:
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)


def begun(asked: int) -> Callable[[], bool]:
    """Whether the target has received a request since."""
    return lambda: Handler.asked > asked


@pytest.mark.parametrize("name", NAMES)
def test_at_any_instant_run_ends_in_a_report_or_in_one_line(tmp_path: Path, url: str, name: str) -> None:
    for instant in INSTANTS[NAMES.index(name) % 2 :: 2]:
        process = started(tmp_path, "run", "--quiet", "--format", "json", "-c", "2", "-d", "300ms", "-R", "50", url)
        time.sleep(instant)
        os.killpg(process.pid, getattr(signal, name))
        out, err = process.communicate(timeout=60)
        assert process.returncode in (130, 0, 5), err
        assert not err or LINE.fullmatch(err), err
        assert out or "interrupted" in err
        if out:
            assert json.loads(out)["schema"] == "gluten.report/1"


def has_worker(pid: int) -> bool:
    """One of its children is a worker that was forked just now."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return "gluten-worker\n" in [Path(f"/proc/{child}/comm").read_text() for child in children]
    return False


@pytest.mark.parametrize("again", [False, True])
def test_ctrl_c_while_workers_are_forked_ends_in_a_report(tmp_path: Path, url: str, again: bool) -> None:
    for pause in (0.0, 0.001, 0.003, 0.01):
        process = started(tmp_path, "run", "--quiet", "--format", "json", "-t", "8", "-c", "8", "-d", "60s", url)
        while not has_worker(process.pid):
            assert process.poll() is None
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGINT)
        if again:
            time.sleep(2 * interrupts.SAME_SIGNAL)
            os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, REPORT)
        assert json.loads(out)["state"] == "stopped"


def test_timeout_signals_twice_and_gets_a_whole_report(tmp_path: Path, url: str) -> None:
    asked = Handler.asked
    process = started(tmp_path, "run", "--quiet", "--format", "json", "-R", "50", "-c", "2", "-d", "60s", url)
    wait_for("load", begun(asked + 10))
    os.kill(process.pid, signal.SIGTERM)
    os.killpg(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, REPORT)
    report = json.loads(out)
    assert (report["state"], report["requests"]["sent"]) == ("stopped", Handler.asked - asked)
    assert report["requests"]["completed"] == report["requests"]["sent"]


def test_a_stopped_run_goes_on_and_ends_in_a_report(tmp_path: Path, url: str) -> None:
    asked = Handler.asked
    process = started(tmp_path, "run", "--quiet", "--format", "json", "-R", "50", "-c", "2", "-d", "1s", url)
    wait_for("load", begun(asked + 10))
    os.killpg(process.pid, signal.SIGSTOP)
    wait_for("it to stand", lambda: " T " in Path(f"/proc/{process.pid}/stat").read_text())
    os.killpg(process.pid, signal.SIGCONT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 5), err
    assert json.loads(out)["requests"]["sent"] == Handler.asked - asked


def test_a_report_is_written_even_if_stderr_is_gone(tmp_path: Path, url: str) -> None:
    """The terminal was closed, so stderr is gone. The file is written nevertheless."""
    words = ["run", "-n", "5", "-c", "1", "-t", "1", "--out", "report.json", "--format", "json"]
    command = [sys.executable, "-m", "gluten", *words, url]
    done = subprocess.run(
        ["bash", "-c", 'exec 2> >(exec true); wait $!; "$@"', "bash", *command],
        env=environment(tmp_path),
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 5)
    assert json.loads((tmp_path / "report.json").read_text())["requests"]["completed"] == 5


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_target_ends_in_good_order(tmp_path: Path, name: str) -> None:
    target = Program(tmp_path, "target", "target", "--port", "0")
    target.find("listening")
    target.process.send_signal(getattr(signal, name))
    assert target.process.wait(30) == 0
    assert target.said.count("\n") == 1


def test_a_doctor_leaves_no_target_behind(tmp_path: Path) -> None:
    def children() -> list[str]:
        return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()

    process = started(tmp_path, "doctor", "--data", str(tmp_path))
    found = wait_for("its target", children)
    os.kill(process.pid, signal.SIGTERM)
    assert process.communicate(timeout=60)[1] == "gluten: interrupted\n"
    assert process.returncode == 130
    wait_for("its target to be gone", lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in found))
