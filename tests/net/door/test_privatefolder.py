"""The next process removes what a killed process left in the temporary directory, and nothing that is in use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from gluten.net.door.privatefolder import LOCK, PrivateFolder

CHILD = """
import sys, time, pathlib
from gluten.net.door.privatefolder import PrivateFolder
print(PrivateFolder(pathlib.Path(sys.argv[1])).path, flush=True)
time.sleep(600)
"""


def start(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(parent)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    return child, Path(child.stdout.readline().strip())


def test_it_is_private_and_removed(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    dead, left = start(tmp_path)
    alive, held = start(tmp_path)
    try:
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        for lock in (left / LOCK, held / LOCK):
            os.utime(lock, (0, 0))
        mine = PrivateFolder(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([held, mine.path])
    finally:
        alive.kill()
        alive.wait()


def test_one_that_is_being_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "gluten-new").mkdir()
    (tmp_path / "gluten-new" / LOCK).touch()
    PrivateFolder(tmp_path).remove()
    assert (tmp_path / "gluten-new").is_dir()


def test_what_looks_like_one_and_is_not_stays(tmp_path: Path) -> None:
    (tmp_path / "gluten-notes").mkdir()
    (tmp_path / "gluten-notes" / "text").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / LOCK).touch()
    os.utime(tmp_path / "elsewhere" / LOCK, (0, 0))
    os.symlink(tmp_path / "elsewhere", tmp_path / "gluten-link")
    PrivateFolder(tmp_path).remove()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "gluten-link", "gluten-notes"]
    assert (tmp_path / "elsewhere" / LOCK).exists()
