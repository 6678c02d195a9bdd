from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gluten.errors import StoreConfigError
from gluten.store.mastership.single_master_lock import SUFFIX, SingleMasterLock
from gluten.store.store import Store

HOLDER = """
import sys
from pathlib import Path
from gluten.store.mastership.single_master_lock import SingleMasterLock
SingleMasterLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_database_has_one_master_at_a_time_and_a_second_one_learns_which(tmp_path: Path) -> None:
    first, second = Store.open("", tmp_path), Store.open("", tmp_path)
    first.claim()
    with pytest.raises(StoreConfigError, match=rf"gluten\.db: the master with process {os.getpid()} uses it"):
        second.claim()
    first.close()
    second.claim()
    second.close()


def test_another_database_in_the_same_directory_is_not_locked(tmp_path: Path) -> None:
    first, second = Store.open("", tmp_path), Store.open(f"sqlite://{tmp_path}/other.db")
    first.claim()
    second.claim()
    first.close()
    second.close()


def test_a_database_in_memory_is_not_locked() -> None:
    first, second = Store.open("sqlite:///:memory:"), Store.open("sqlite:///:memory:")
    first.claim()
    second.claim()
    first.close()
    second.close()


def test_a_killed_master_holds_nothing(tmp_path: Path) -> None:
    database = tmp_path / "gluten.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreConfigError, match=f"process {holder.pid} "):
            SingleMasterLock.acquire(database)
        holder.kill()
    SingleMasterLock.acquire(database).release()


def test_the_lock_is_its_owners_alone(tmp_path: Path) -> None:
    SingleMasterLock.acquire(tmp_path / "gluten.db").release()
    assert stat.S_IMODE((tmp_path / f"gluten.db{SUFFIX}").stat().st_mode) == 0o600


def test_a_lock_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    with pytest.raises(StoreConfigError, match=r"nowhere/gluten\.db: -master beside it: no such file or directory"):
        SingleMasterLock.acquire(tmp_path / "nowhere" / "gluten.db")


def test_a_symbolic_link_is_no_other_database(tmp_path: Path) -> None:
    first = Store.open("", tmp_path)
    first.claim()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(tmp_path / "gluten.db")
    second = Store.open(f"sqlite://{tmp_path}/elsewhere/link.db")
    with pytest.raises(StoreConfigError, match=rf"the master with process {os.getpid()} uses it"):
        second.claim()
    second.close()
    first.close()


def test_a_directory_that_is_a_symbolic_link_is_no_other_one(tmp_path: Path) -> None:
    first = Store.open("", tmp_path / "data")
    first.claim()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    second = Store.open("", tmp_path / "link")
    with pytest.raises(StoreConfigError, match=rf"the master with process {os.getpid()} uses it"):
        second.claim()
    second.close()
    first.close()


def test_a_database_with_another_name_by_a_hard_link_is_refused_by_both(tmp_path: Path) -> None:
    Store.open("", tmp_path).close()
    os.link(tmp_path / "gluten.db", tmp_path / "other.db")
    for name in ("gluten.db", "other.db"):
        with pytest.raises(StoreConfigError, match=rf"{name}: the file has 2 names \(hard links\)"):
            Store.open(f"sqlite://{tmp_path}/{name}")
    (tmp_path / "other.db").unlink()
    Store.open("", tmp_path).close()
