"""The locks that are committed, and the form that they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builder.errors import BuildError
from builder.lock import Locked, read_lock, write_lock, write_union
from builder.target import TARGETS, Target
from tests.support.onefile import REPOSITORY

LOCKS = REPOSITORY / "vendor" / "locks"
A = Locked("a", "1.0", "a-1.0-py3-none-any.whl", "aa")
B = Locked("b", "2.0", "b-2.0-cp311-abi3-macosx_11_0_arm64.whl", "bb")


def test_what_is_written_is_read_back_sorted(tmp_path: Path) -> None:
    write_lock(tmp_path / "x.txt", "x", [B, A])
    assert read_lock(tmp_path / "x.txt") == [A, B]


def test_a_missing_lock_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"build_zipapp\.py lock"):
        read_lock(tmp_path / "x.txt")


@pytest.mark.parametrize(
    "text", ["a==1.0 --hash=sha256:aa\n", "#: a.whl\na>=1.0\n", "#: ../a.whl\na==1 --hash=sha256:a\n"]
)
def test_a_lock_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.txt").write_text(text)
    with pytest.raises(BuildError):
        read_lock(tmp_path / "x.txt")


def test_a_union_marks_only_what_some_targets_do_not_have(tmp_path: Path) -> None:
    write_union(tmp_path / "dev.txt", {"x": ("on x", [A, B]), "y": ("on y", [A])})
    lines = (tmp_path / "dev.txt").read_text().splitlines()[2:]
    assert lines == ["a==1.0 \\", "    --hash=sha256:aa", "b==2.0 ; on x \\", "    --hash=sha256:bb"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.key)
def test_each_target_locks_all_that_is_required(target: Target) -> None:
    lines = (REPOSITORY / "vendor" / "requirements.in").read_text().splitlines()
    bounds = {line.partition(">=")[0]: line.partition(">=")[2] for line in lines if line and not line.startswith("#")}
    locked = read_lock(LOCKS / f"{target.key}.txt")
    assert bounds.keys() <= {wheel.name for wheel in locked}
    assert all(_numbers(wheel.version) >= _numbers(bounds[wheel.name]) for wheel in locked if wheel.name in bounds)
    assert all(re.fullmatch("[0-9a-f]{64}", wheel.sha256) for wheel in locked)


def test_what_the_generated_code_was_made_with_is_the_least_that_is_required() -> None:
    """Older versions of protobuf and grpcio refuse to load it."""
    required = (REPOSITORY / "vendor" / "requirements.in").read_text()
    messages = _first(r"Protobuf Python Version: ([0-9.]+)", "gluten_pb2.py")
    stubs = _first(r"GRPC_GENERATED_VERSION = '([0-9.]+)'", "gluten_pb2_grpc.py")
    assert f"protobuf>={messages}\n" in required
    assert f"grpcio>={stubs}\n" in required


def _first(pattern: str, name: str) -> str:
    found = re.search(pattern, (REPOSITORY / "gluten" / "net" / name).read_text())
    assert found is not None
    return found[1]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def test_no_lock_names_a_host_or_a_path() -> None:
    for lock in LOCKS.iterdir():
        text = lock.read_text()
        assert "://" not in text, lock
        assert "--index" not in text, lock
        assert "--find-links" not in text, lock
