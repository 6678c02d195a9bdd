"""What the disk keeps can be read again, whatever happened to the process or to the disk."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.store.codec import pack
from gluten.store.files import spool as module
from gluten.store.files import spools
from gluten.store.files.spool import FRAME, Key, Spool
from gluten.store.files.spools import open_spools
from tests.support.needs import require

RUN = "r" * 32
KIND = "test 1"


def opened(root: Path, name: str = "a", most: int = module.MAX_BYTES) -> Spool:
    return open_spools(root, name, KIND, most)[0]


def key(number: int) -> Key:
    return (RUN, 1, number)


def content(spool: Spool) -> dict[Key, bytes]:
    return {name: spool.get(name) for name in spool}


def die(spool: Spool) -> None:
    """The state in which the system leaves a killed process: nothing is tidied, and the lock is free."""
    for segment in spool._segments:
        os.close(segment.file)
    os.close(spool._lock)


def put_until_refused(spool: Spool, size: int) -> tuple[int, OSError]:
    """How many records of `size` bytes it accepted, and its answer to the next."""
    for number in range(10_000):
        try:
            spool.put(key(number), bytes(size))
        except OSError as error:
            return number, error
    raise AssertionError("it takes everything")


def test_what_was_put_is_there_and_what_was_dropped_is_not(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(5):
        spool.put(key(number), b"x" * number)
    spool.drop([key(1), key(3), key(99)])
    assert content(spool) == {key(0): b"", key(2): b"xx", key(4): b"xxxx"}


def test_the_next_process_of_the_name_finds_it(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(5):
        spool.put(key(number), b"old")
    spool.drop([key(1)])
    spool.put(key(2), b"new")
    die(spool)
    assert content(opened(tmp_path)) == {key(0): b"old", key(2): b"new", key(3): b"old", key(4): b"old"}


def test_an_empty_spool_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.put(key(1), b"x")
    spool.drop([key(1)])
    spool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_the_space_of_what_was_dropped_is_given_back(tmp_path: Path) -> None:
    spool = opened(tmp_path, most=1 << 20)  # segments of 128 KiB
    spool.put(key(0), b"stays")
    for number in range(1, 5000):  # 5 MB pass through
        spool.put(key(number), bytes(1000))
        spool.drop([key(number)])
    assert spool.size <= 3 * (128 << 10)
    die(spool)
    assert content(opened(tmp_path)) == {key(0): b"stays"}


def test_what_is_beyond_the_bound_is_refused_until_something_is_dropped(tmp_path: Path) -> None:
    spool = opened(tmp_path, most=100_000)
    kept, trouble = put_until_refused(spool, 1000)
    assert "it is full, with" in str(trouble)
    assert 80 < kept < 100
    spool.drop([key(number) for number in range(50)])
    spool.put(key(kept), bytes(1000))
    assert set(spool) == {key(number) for number in range(50, kept + 1)}


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_only_a_record_that_was_cut_off_is_lost(tmp_path: Path, cut: int) -> None:
    spool = opened(tmp_path)
    spool.put(key(1), b"whole")
    spool.put(key(2), b"the last one")
    file = spool._segments[-1].path
    die(spool)
    size = len(file.read_bytes())
    last = FRAME.size + len(pack([key(2), b"the last one"]))
    os.truncate(file, size - min(cut, last))
    again = opened(tmp_path)
    assert content(again) == {key(1): b"whole"}
    again.put(key(2), b"again")
    die(again)
    assert content(opened(tmp_path)) == {key(1): b"whole", key(2): b"again"}


def test_a_damaged_record_ends_its_segment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = opened(tmp_path, most=40_000)  # segments of 5,000 bytes
    for number in range(12):
        spool.put(key(number), bytes(1000))
    first = spool._segments[0]
    middle = first.size // 2
    die(spool)
    data = bytearray(first.path.read_bytes())
    data[middle] ^= 0xFF
    first.path.write_bytes(data)
    found = set(opened(tmp_path))
    assert found < {key(number) for number in range(12)}
    assert {key(0), key(1), key(11), key(10)} <= found


def test_what_cannot_be_read_back_is_said(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.put(key(1), b"x")
    os.truncate(spool._segments[0].path, 5)
    with pytest.raises(OSError, match="the stored data is damaged"):
        spool.get(key(1))


def test_two_processes_of_one_directory_do_not_touch_each_other(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    first.put(key(1), b"first")
    second.put(key(1), b"second")
    assert (first.get(key(1)), second.get(key(1))) == (b"first", b"second")
    die(first)
    die(second)
    heir, others = open_spools(tmp_path, "a", KIND)
    assert set(heir) == {key(1)}
    assert not others


def test_leftovers_of_other_names_are_adopted_under_their_names(tmp_path: Path) -> None:
    dead = [opened(tmp_path, name) for name in ("b", "c", "c", "empty")]
    for number, spool in enumerate(dead[:3]):
        spool.put(key(number), b"x")
    opened(tmp_path, "living").put(key(7), b"mine")
    for spool in dead:
        die(spool)
    own, others = open_spools(tmp_path, "a", KIND)
    assert not own
    assert [(spool.name, set(spool)) for spool in others] == [("b", {key(0)}), ("c", {key(1), key(2)})]


def test_blobs_of_another_kind_are_not_delivered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spool = opened(tmp_path)
    spool.put(key(1), b"x")
    die(spool)
    assert not open_spools(tmp_path, "a", "test 2")[0]
    assert "was written by another version" in caplog.text


def test_a_directory_that_cannot_be_made_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        opened(tmp_path / "file" / "spool")


def _count_until_killed(root: Path, pipe: int) -> None:
    spool = opened(root)
    number = 0
    while True:
        number += 1
        spool.put(key(number), bytes(300))
        os.write(pipe, b"%d\n" % number)


def test_kill_9_loses_nothing_that_was_put(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=_count_until_killed, args=(tmp_path, writer))
    process.start()
    os.close(writer)
    told = b""
    while told.count(b"\n") < 2000:
        told += os.read(reader, 65536)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    while more := os.read(reader, 65536):
        told += more
    os.close(reader)
    said = int(told.rsplit(b"\n", 2)[-2])
    found = set(opened(tmp_path))
    assert {key(number) for number in range(1, said + 1)} <= found


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    require("root", "mount", "mounts")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(mounted)], check=True)
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_full_disk_changes_nothing_that_is_there_and_works_again_with_room(small_disk: Path) -> None:
    spool = opened(small_disk)
    number, trouble = put_until_refused(spool, 3000)
    assert trouble.errno == errno.ENOSPC
    assert set(spool) == {key(n) for n in range(number)}
    assert spool.get(key(number - 1)) == bytes(3000)
    spool.drop(list(spool))
    spool.put(key(5), b"fits again")
    die(spool)
    assert content(opened(small_disk)) == {key(5): b"fits again"}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 20), st.binary(max_size=600)),
        st.tuples(st.just("drop"), st.lists(st.integers(0, 20), max_size=5), st.just(b"")),
        st.tuples(st.just("restart"), st.just(0), st.just(b"")),
    ),
    max_size=60,
)


@given(steps=STEPS)
@settings(max_examples=20, deadline=None)
def test_it_is_a_map_across_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("map")
    spool = opened(root, most=64 << 10)  # segments of 8 KiB
    expected: dict[Key, bytes] = {}
    for what, which, blob in steps:
        if what == "put":
            assert isinstance(which, int)
            spool.put(key(which), blob)
            expected[key(which)] = blob
        elif what == "drop":
            assert isinstance(which, list)
            spool.drop([key(number) for number in which])
            for number in which:
                expected.pop(key(number), None)
        else:
            die(spool)
            spool = opened(root, most=64 << 10)
        assert content(spool) == expected
    die(spool)
    assert content(opened(root)) == expected


@pytest.mark.parametrize("made", [None, 0o755])
def test_no_other_user_may_look_into_the_spools(tmp_path: Path, made: int | None) -> None:
    root = tmp_path / "spool"
    if made is not None:
        root.mkdir(made)
        (root / "lock").touch(0o644)
    spool = opened(root)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "lock").stat().st_mode) == 0o600
    spool.close()


def test_a_link_in_the_place_of_the_lock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="lock"):
        opened(tmp_path)
    assert (tmp_path / "elsewhere").read_text() == "kept"


def test_a_lock_that_is_never_freed_is_waited_for_in_words_and_not_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spools, "PATIENCE", 0.3)
    monkeypatch.setattr(spools, "SILENCE", 0.1)
    opened(tmp_path).close()
    with open(tmp_path / "lock") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match=r"another process has kept .*lock locked for 0\.3 s"):
            opened(tmp_path)
    assert [said.startswith("spool: another process holds the lock") for said in caplog.messages] == [True]
    opened(tmp_path).close()
