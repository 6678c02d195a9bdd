"""The view on a real pseudo-terminal: drawn in place, by the window's size, and given back whatever happens."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from gluten.terminal.layout import shown_width
from gluten.terminal.progress import LINE_INTERVAL, LineProgress, NoProgress, ScreenProgress, progress_for, theme_for
from tests.support.e2e.programs import environment
from tests.terminal.test_live import row, update

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
TERMINAL = {"TERM": "xterm"}


class Pty:
    """A pseudo-terminal; `stream` is the program's end."""

    def __init__(self, columns: int, lines: int) -> None:
        self.master, slave = pty.openpty()
        self.stream: TextIO = os.fdopen(slave, "w", encoding="utf-8")
        self.resize(columns, lines)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self) -> bytes:
        """What was written until now."""
        found = b""
        while select.select([self.master], [], [], 0)[0]:
            found += os.read(self.master, 65536)
        return found


class Pipe(Pty):
    """One that is read all the time, because a large frame does not fit into its buffer."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self._said, self._ended = b"", threading.Event()
        self._reader = threading.Thread(target=self._read_on)
        self._reader.start()

    def read(self) -> bytes:
        """What was written since the last time, at least one frame."""
        deadline = time.monotonic() + 30
        while not self._said.endswith(b"\x1b[?2026l"):
            assert time.monotonic() < deadline
            self._ended.wait(0.01)
        found, self._said = self._said, b""
        return found

    def close(self) -> None:
        self._ended.set()
        self._reader.join()
        self.stream.close()
        os.close(self.master)

    def _read_on(self) -> None:
        while not self._ended.is_set():
            if select.select([self.master], [], [], 0.05)[0]:
                self._said += os.read(self.master, 65536)


@pytest.fixture
def terminal() -> Iterator[Pty]:
    made = Pty(80, 24)
    yield made
    made.stream.close()
    os.close(made.master)


def texts(frame: bytes) -> list[str]:
    """The lines of one frame."""
    return [line.split("\x1b[K")[0] for line in frame.decode().split("\x1b[H")[-1].split("\r\n")]


def test_the_view_is_drawn_in_place_and_the_screen_given_back(terminal: Pty) -> None:
    screen = ScreenProgress(terminal.stream, theme_for(terminal.stream, {"NO_COLOR": "1"}))
    assert terminal.read() == b""
    screen.show(update(row(0)))
    first = terminal.read()
    assert first.startswith(ENTER)
    assert texts(first)[1] == "GET http://127.0.0.1:8080/"
    screen.show(update(row(1)))
    second = terminal.read()
    assert ENTER not in second
    # Nothing is cleared before it is written over: that would flicker.
    assert b"\x1b[2J" not in second
    assert second.count(b"\n") == second.count(b"\x1b[K") - 1
    screen.clear()
    assert terminal.read().endswith(LEAVE)
    screen.clear()
    assert terminal.read() == b""


def test_a_window_s_new_size_is_drawn_at_once(terminal: Pty) -> None:
    screen = ScreenProgress(terminal.stream, theme_for(terminal.stream, {"NO_COLOR": "1"}))
    screen.show(update(*(row(at) for at in range(29))))
    assert len(texts(terminal.read())[0]) == 80
    terminal.resize(50, 4)
    os.kill(os.getpid(), signal.SIGWINCH)
    again = texts(terminal.read())
    assert len(again) == 4
    assert len(again[0]) == 50
    screen.clear()


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40), (200, 60)])
def test_the_view_fills_the_window_and_follows_it(columns: int, lines: int) -> None:
    pipe = Pipe(50, 10)
    screen = ScreenProgress(pipe.stream, theme_for(pipe.stream, {}))
    heat = [30, *range(1, 45)]
    screen.show(update(*(row(at, heat=heat) for at in range(29))))
    assert len(texts(pipe.read())) == 10
    pipe.resize(columns, lines)
    os.kill(os.getpid(), signal.SIGWINCH)
    again = texts(pipe.read())
    assert lines - lines // 8 <= len(again) <= lines
    assert columns - 3 <= max(map(shown_width, again)) <= columns
    screen.clear()
    pipe.close()


def test_the_handlers_of_signals_are_given_back(terminal: Pty) -> None:
    numbers = (signal.SIGWINCH, signal.SIGTSTP, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    screen = ScreenProgress(terminal.stream, theme_for(terminal.stream, {}))
    screen.show(update(row(0)))
    assert [signal.getsignal(number) for number in numbers] != before
    screen.clear()
    assert [signal.getsignal(number) for number in numbers] == before


def test_an_earlier_handler_is_kept(terminal: Pty) -> None:
    def mine(number: int, frame: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGTERM, mine)
    try:
        screen = ScreenProgress(terminal.stream, theme_for(terminal.stream, {}))
        screen.show(update(row(0)))
        assert signal.getsignal(signal.SIGTERM) is mine
        screen.clear()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_line_comes_every_ten_seconds_where_no_terminal_is() -> None:
    now, stream = [100.0], io.StringIO()
    lines = LineProgress(stream, lambda: now[0])
    for second in range(25):
        now[0] += 1.0
        lines.show(update(row(second)))
    said = stream.getvalue().splitlines()
    assert [line.split()[2] for line in said] == ["10s", "20s"]
    assert LINE_INTERVAL == 10.0


@pytest.mark.parametrize(
    ("quiet", "is_terminal", "environ", "kind"),
    [
        (False, True, TERMINAL, ScreenProgress),
        (False, True, {"TERM": "dumb"}, LineProgress),
        (False, True, {}, LineProgress),
        (False, False, TERMINAL, LineProgress),
        (True, True, TERMINAL, NoProgress),
        (True, False, TERMINAL, NoProgress),
    ],
)
def test_what_is_shown_fits_where_it_goes(
    terminal: Pty, quiet: bool, is_terminal: bool, environ: dict[str, str], kind: type
) -> None:
    stream = terminal.stream if is_terminal else io.StringIO()
    assert type(progress_for(quiet, stream, environ)) is kind


def test_no_color_and_a_poor_encoding_are_honoured(tmp_path: Path) -> None:
    with (tmp_path / "a").open("w", encoding="ascii") as plain, (tmp_path / "b").open("w", encoding="utf-8") as rich:
        assert theme_for(plain, {}).blocks.isascii()
        assert not theme_for(rich, {}).blocks.isascii()
        assert theme_for(rich, {}).colour
        assert not theme_for(rich, {"NO_COLOR": "1"}).colour
        assert theme_for(rich, {"NO_COLOR": ""}).colour  # no-color.org: when not empty


def test_silence_says_nothing() -> None:
    silence = NoProgress()
    silence.show(update(row(0)))
    silence.clear()
    assert not silence.wanted


class Command:
    """`gluten …` on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, program: tuple[str, ...] = ("-m", "gluten")) -> None:
        self.said = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            command = [sys.executable, *program, *arguments]
            os.execve(sys.executable, command, environment(folder) | TERMINAL)

    def wait_for(self, text: bytes, patience: float = 30.0) -> None:
        deadline = time.monotonic() + patience
        while text not in self.said:
            assert time.monotonic() < deadline, f"waited for {text!r} in {self.said!r}"
            self._read()

    def end(self) -> int:
        while self._read():
            pass
        os.close(self.fd)
        return os.waitpid(self.pid, 0)[1]

    def _read(self) -> bool:
        if not select.select([self.fd], [], [], 0.2)[0]:
            return True
        try:
            self.said += (data := os.read(self.fd, 65536))
        except OSError:  # Linux says so at a terminal's end
            return False
        return bool(data)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    from tests.support.e2e.programs import Program

    program = Program(tmp_path, "target", "target", "--port", "0")
    yield program.find(r"http://\S+")[0]
    program.stop()


@pytest.mark.slow
def test_ctrl_c_gives_the_terminal_back_before_the_report(tmp_path: Path, target: str) -> None:
    command = Command(tmp_path, "run", "-d", "60s", "-R", "50", target)
    command.wait_for(b"so far")
    os.write(command.fd, b"\x03")
    assert os.waitstatus_to_exitcode(command.end()) == 130
    view, given_back, rest = command.said.partition(LEAVE)
    assert given_back
    assert b"Verdict:" in rest
    assert b"Verdict:" not in view
    assert ENTER not in rest
    assert b"\x1b[?25h" in view[-10:]


@pytest.mark.slow
def test_a_quiet_run_on_a_terminal_prints_its_report_alone(tmp_path: Path, target: str) -> None:
    command = Command(tmp_path, "run", "--quiet", "-d", "2s", "-R", "50", target)
    assert os.waitstatus_to_exitcode(command.end()) == 0
    assert b"\x1b" not in command.said
    assert command.said.startswith(b"Running 2s test")


@pytest.mark.slow
def test_all_events_of_a_second_are_shown(tmp_path: Path, target: str) -> None:
    command = Command(tmp_path, "run", "-d", "60s", "-R", "50", "--slo", "p99 < 1us", "--slo", "p50 < 1us", target)
    fcntl.ioctl(command.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 120, 0, 0))
    for slo in (b"p99", b"p50"):
        command.wait_for(b"s: SLO missed: " + slo)
    os.write(command.fd, b"\x03")
    assert os.waitstatus_to_exitcode(command.end()) == 130


@pytest.mark.slow
def test_ctrl_z_gives_the_terminal_to_the_shell_until_it_goes_on(tmp_path: Path, target: str) -> None:
    command = Command(tmp_path, "run", "-d", "60s", "-R", "50", target)
    command.wait_for(b"so far")
    os.write(command.fd, b"\x1a")
    _, status = os.waitpid(command.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    command.wait_for(LEAVE)
    os.kill(command.pid, signal.SIGCONT)
    command.wait_for(LEAVE + ENTER)
    os.write(command.fd, b"\x03")
    assert os.waitstatus_to_exitcode(command.end()) == 130
    assert command.said.count(ENTER) == command.said.count(LEAVE) == 2


SHOWS = """
import signal, sys
from gluten.terminal.progress import ScreenProgress, theme_for
from tests.terminal.test_live import row, update
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup(1) the tests inherit that it is ignored
ScreenProgress(sys.stderr, theme_for(sys.stderr, {})).show(update(row(0)))
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_gives_the_terminal_back_first(tmp_path: Path, number: int) -> None:
    command = Command(tmp_path, program=("-c", SHOWS))
    command.wait_for(b"in flight")
    os.kill(command.pid, number)
    assert os.waitstatus_to_exitcode(command.end()) == -number
    assert command.said.endswith(LEAVE)
