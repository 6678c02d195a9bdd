"""The cache is complete or mended, is used only if it is ours, and is cleaned up."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.target import running_target
from gluten_bootstrap.cache import MANIFEST, Tree, damaged, roots, unpacked
from gluten_bootstrap.host import Refusal
from gluten_bootstrap.unpack import ABANDONED_AFTER, FRESH, UNUSED_AFTER, sweep
from tests.packaging.conftest import Project

VALUE = "made_up/__init__.py"


def tree_of(project: Project) -> Tree:
    key = running_target().key
    with zipfile.ZipFile(project.output) as archive:
        identities = dict(line.split() for line in archive.read("targets").decode().splitlines())
        return Tree(identities[key], archive.read(f"manifest/{key}").decode())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def unpack(built: Project, root: Path) -> Callable[..., Path]:
    tree = tree_of(built)
    return lambda *more: Path(unpacked(str(built.output), tree, [str(root), *map(str, more)]))


def truncate(file: Path) -> None:
    os.truncate(file, 5)


def change_a_byte(file: Path) -> None:
    file.write_bytes(b"X" + file.read_bytes()[1:])


def link_elsewhere(file: Path) -> None:
    copy = file.with_suffix(".elsewhere")
    shutil.copy2(file, copy)
    file.unlink()
    file.symlink_to(copy)


def become_a_directory(file: Path) -> None:
    file.unlink()
    (file / "nested").mkdir(parents=True)


def lose_the_directory(file: Path) -> None:
    shutil.rmtree(file.parent)


def file_for_the_directory(file: Path) -> None:
    shutil.rmtree(file.parent)
    file.parent.write_text("in the way")


DAMAGES = [truncate, change_a_byte, Path.unlink, link_elsewhere, become_a_directory, lose_the_directory]


@pytest.mark.parametrize("damage", [*DAMAGES, file_for_the_directory])
def test_whatever_is_damaged_is_mended(
    built: Project, unpack: Callable[..., Path], damage: Callable[[Path], None]
) -> None:
    directory = unpack()
    damage(directory / VALUE)
    assert [path for path, _, _ in damaged(str(directory), tree_of(built))] != []
    assert unpack() == directory
    assert damaged(str(directory), tree_of(built)) == []
    assert (directory / VALUE).read_text().startswith("VALUE = 42")


def test_a_mended_file_is_a_new_one_so_that_a_running_process_keeps_the_old(
    unpack: Callable[..., Path],
) -> None:
    file = unpack() / VALUE
    with file.open() as held:
        truncate(file)
        inode = os.fstat(held.fileno()).st_ino
        unpack()
        assert file.stat().st_ino != inode


def test_everything_is_private(unpack: Callable[..., Path], root: Path) -> None:
    directory = unpack()
    assert [path.stat().st_mode & 0o777 for path in (root, directory)] == [0o700, 0o700]
    assert (directory / VALUE).stat().st_mode & 0o777 == 0o600


def test_a_root_that_is_a_link_is_passed_over(unpack: Callable[..., Path], root: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    planted.mkdir(mode=0o700)
    root.symlink_to(planted)
    assert unpack(tmp_path / "next").is_relative_to(tmp_path / "next")
    assert list(planted.iterdir()) == []


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o750])
def test_a_root_that_others_can_enter_is_passed_over(
    unpack: Callable[..., Path], root: Path, tmp_path: Path, mode: int
) -> None:
    root.mkdir()
    root.chmod(mode)
    assert unpack(tmp_path / "next").is_relative_to(tmp_path / "next")


@pytest.mark.needs("root")
def test_a_root_of_another_user_is_passed_over(unpack: Callable[..., Path], root: Path, tmp_path: Path) -> None:
    root.mkdir(mode=0o700)
    os.chown(root, 12345, 12345)
    assert unpack(tmp_path / "next").is_relative_to(tmp_path / "next")


def test_a_tree_that_is_a_link_is_not_used(
    built: Project, unpack: Callable[..., Path], root: Path, tmp_path: Path
) -> None:
    real = unpack()
    elsewhere = tmp_path / "elsewhere"
    real.rename(elsewhere)
    (root / tree_of(built).identity).symlink_to(elsewhere)
    assert unpack(tmp_path / "next").is_relative_to(tmp_path / "next")


def test_a_root_without_programs_is_passed_over(
    unpack: Callable[..., Path], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = os.statvfs

    def noexec_here(path: str) -> os.statvfs_result:
        fields = list(genuine(path))
        if path == str(root):
            fields[8] |= os.ST_NOEXEC
        return os.statvfs_result(fields)

    monkeypatch.setattr(os, "statvfs", noexec_here)
    assert unpack(tmp_path / "next").is_relative_to(tmp_path / "next")


def test_a_full_disk_is_reported_in_one_line_and_leaves_nothing_behind(unpack: Callable[..., Path], root: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # bytes a file: the write fails as on a full disk
    try:
        with pytest.raises(Refusal, match=r"no directory to unpack into: .*cache \(File too large\).*GLUTEN_CACHE"):
            unpack()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(root.iterdir()) == []


def test_the_roots_are_tried_in_this_order() -> None:
    uid = os.geteuid()
    environ = {"GLUTEN_CACHE": "/a", "XDG_CACHE_HOME": "/b", "TMPDIR": "/c"}
    home = os.path.expanduser("~/.cache/gluten")
    shared = [f"{parent}/gluten-{uid}" for parent in ("/var/tmp", "/c", "/tmp", "/dev/shm")]
    assert list(roots(environ)) == ["/a", "/b/gluten", home, *shared]


def old(path: Path, age: float) -> None:
    os.utime(path, (time.time() - age, time.time() - age))


def other_version(root: Path, age: float) -> Path:
    tree = root / ("0" * 64)
    tree.mkdir(parents=True, mode=0o700)
    (tree / MANIFEST).write_text("")
    old(tree / MANIFEST, age)
    return tree


@pytest.mark.parametrize(
    ("age", "stays"),
    [(UNUSED_AFTER - 3600, True), (UNUSED_AFTER + 3600, False)],
)
def test_another_version_is_swept_when_it_was_not_started_lately(root: Path, age: float, stays: bool) -> None:
    tree = other_version(root, age)
    sweep(str(root), "1" * 64, time.time())
    assert tree.exists() is stays
    assert len(list(root.iterdir())) == stays


def test_a_version_that_is_running_is_not_swept(root: Path) -> None:
    tree = other_version(root, UNUSED_AFTER + 3600)
    with (tree / MANIFEST).open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        sweep(str(root), "1" * 64, time.time())
    assert tree.exists()


def test_only_abandoned_halves_are_swept(root: Path) -> None:
    abandoned, busy = root / f"{FRESH}1-a", root / f"{FRESH}2-b"
    abandoned.mkdir(parents=True)
    busy.mkdir()
    old(abandoned, ABANDONED_AFTER + 60)
    sweep(str(root), "1" * 64, time.time())
    assert (abandoned.exists(), busy.exists()) == (False, True)


def test_what_is_not_the_caches_is_left_alone(root: Path) -> None:
    root.mkdir()
    mine = root / "notes"
    mine.write_text("")
    old(mine, 10 * UNUSED_AFTER)
    sweep(str(root), "1" * 64, time.time())
    assert mine.exists()
