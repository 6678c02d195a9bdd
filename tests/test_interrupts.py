"""A process that gets a signal ends with one line and 130, or finishes what it was doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gluten import interrupts
from gluten.interrupts import SAME_SIGNAL, RepeatDetector
from tests.support.e2e.programs import environment

LINE = "gluten: interrupted\n"


def tried(folder: Path, code: str, shell: str = '"$@"') -> subprocess.CompletedProcess[str]:
    """A process that runs the code, in which `kill(name)` signals it."""
    head = "import os, signal, sys, time\nfrom gluten import interrupts\n"
    head += "kill = lambda name: os.kill(os.getpid(), getattr(signal, name))\n"
    command = ["bash", "-c", shell, "bash", sys.executable, "-c", head + code]
    known = environment(folder)
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=known, check=False, preexec_fn=_as_on_a_terminal
    )


def _as_on_a_terminal() -> None:
    """A shell that starts tests in the background, as `scripts/test &` in a script, makes them ignore SIGQUIT."""
    for number in interrupts.ENDING_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("name", [number.name for number in interrupts.ENDING_SIGNALS])
def test_every_signal_ends_a_process_with_one_line_and_130(tmp_path: Path, name: str) -> None:
    done = tried(tmp_path, f"interrupts.install(interrupts.exit_now)\nkill({name!r})\nprint('not here')")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", LINE)


def test_what_nohup_ignores_stays_ignored_but_ctrl_c_does_not(tmp_path: Path) -> None:
    ignoring = "trap '' HUP INT; \"$@\""
    done = tried(tmp_path, "interrupts.install(interrupts.exit_now)\nkill('SIGHUP')\nprint('here')", ignoring)
    assert (done.returncode, done.stdout) == (0, "here\n")
    assert tried(tmp_path, "interrupts.install(interrupts.exit_now)\nkill('SIGINT')", ignoring).returncode == 130


def test_what_must_not_be_left_half_done_is_done_first(tmp_path: Path) -> None:
    code = "interrupts.install(interrupts.exit_now)\nwith interrupts.deferred():\n"
    code += "    kill('SIGTERM')\n    kill('SIGTERM')\n"
    done = tried(tmp_path, f"{code}    print('whole', flush=True)\nprint('not here')")
    assert (done.returncode, done.stdout, done.stderr) == (130, "whole\n", LINE)


def test_a_second_signal_ends_what_does_not_end_by_itself(tmp_path: Path) -> None:
    code = f"    kill('SIGINT')\n    time.sleep({2 * SAME_SIGNAL})\n    kill('SIGINT')\n    time.sleep(60)\n"
    done = tried(tmp_path, f"interrupts.install(interrupts.exit_now)\nwith interrupts.deferred():\n{code}")
    assert (done.returncode, done.stderr) == (130, LINE)


def test_once_the_outcome_is_known_a_signal_changes_nothing(tmp_path: Path) -> None:
    done = tried(
        tmp_path, "interrupts.install(interrupts.exit_now)\ninterrupts.ignore()\nkill('SIGINT')\nkill('SIGTERM')"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fork_leaves_signals_to_its_parent(tmp_path: Path) -> None:
    code = "from gluten.engine.host.process import fork\ninterrupts.install(interrupts.exit_now)\n"
    code += "pid = fork('one', lambda: (kill('SIGTERM'), kill('SIGINT'), kill('SIGHUP')))\nprint(os.waitpid(pid, 0)[1])"
    done = tried(tmp_path, code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_two_signals_at_once_are_one() -> None:
    repeats = RepeatDetector()
    times = (5.0, 5.0 + SAME_SIGNAL / 2, 5.0 + 2 * SAME_SIGNAL)
    assert [repeats.is_repeat(now) for now in times] == [False, False, True]


def test_the_signals_do_again_what_they_did_before() -> None:
    seen: list[str] = []
    before = {number: signal.getsignal(number) for number in interrupts.ENDING_SIGNALS}
    with interrupts.handled_by(lambda: seen.append("taken")):
        os.kill(os.getpid(), signal.SIGTERM)
    assert seen == ["taken"]
    assert {number: signal.getsignal(number) for number in interrupts.ENDING_SIGNALS} == before
