"""One file on its way: in order, few parts at once, more where the line is quick."""

from __future__ import annotations

import pytest

from gluten.cluster.slave.fetch import AGAIN, MOST, UNWRITTEN, Fetch
from gluten.errors import GlutenError
from gluten.net.bus.messages import FILE_PART, FilePart

SHA = "a" * 64


class Disk:
    """A download that writes when the test says so."""

    def __init__(self) -> None:
        self.data, self.waiting, self.slow = b"", 0, False
        self.problem, self.finished, self.dropped = "", False, False

    @property
    def done(self) -> bool:
        return self.finished

    def write(self, data: bytes) -> None:
        self.data += data
        self.waiting += self.slow

    def finish(self) -> None:
        self.finished = True

    def drop(self) -> None:
        self.dropped = True


def fetch(size: int = 100 * FILE_PART) -> tuple[Fetch, Disk, bytes]:
    disk = Disk()
    return (
        Fetch(SHA, lambda total: disk),
        disk,
        bytes(index % 251 for index in range(size % 1000)) + bytes(size // 1000 * 1000),
    )


def answer(whole: bytes, offset: int) -> FilePart:
    return FilePart(SHA, offset, len(whole), whole[offset : offset + FILE_PART])


def test_the_first_part_says_how_many_there_are() -> None:
    one, _, whole = fetch()
    assert one.wanted(0.0) == [0]
    assert one.wanted(0.1) == []
    one.part(answer(whole, 0), 0.2)
    assert one.wanted(0.2) == [FILE_PART, 2 * FILE_PART]


@pytest.mark.parametrize("size", [0, 1, FILE_PART - 1, FILE_PART, FILE_PART + 1, 5 * FILE_PART, 7 * FILE_PART + 3])
def test_a_file_of_any_length_is_whole(size: int) -> None:
    one, disk, whole = fetch(size)
    asked: list[int] = []
    for _ in range(100):
        asked += one.wanted(0.0)
        if not asked:
            break
        one.part(answer(whole, asked.pop(0)), 0.1)
    assert (disk.data, disk.finished, one.problem) == (whole, True, "")


def in_flight(took: float, parts: int = 40) -> int:
    """How many parts are asked for at once after so many of this slowness."""
    one, _, whole = fetch()
    asked: list[int] = []
    for turn in range(parts):
        asked += one.wanted(turn * took)
        one.part(answer(whole, asked.pop(0)), (turn + 1) * took)
    return len(asked) + len(one.wanted(parts * took))


def test_a_quick_line_gets_more_at_once_and_a_slow_one_a_single_part() -> None:
    assert in_flight(0.01) == MOST
    assert in_flight(1.5) == 1


def test_a_slow_disk_is_not_asked_to_take_more() -> None:
    one, disk, whole = fetch()
    disk.slow = True
    asked: list[int] = []
    while asked := asked + one.wanted(0.0):
        one.part(answer(whole, asked.pop(0)), 0.0)
    assert UNWRITTEN <= disk.waiting < UNWRITTEN + MOST
    disk.waiting = 0
    assert one.wanted(0.0)


def test_what_does_not_come_is_asked_for_again_from_where_the_file_ends() -> None:
    one, _, whole = fetch()
    one.wanted(0.0)
    one.part(answer(whole, 0), 0.1)
    first, second = one.wanted(0.1)
    assert one.wanted(AGAIN) == []
    assert one.wanted(AGAIN + 0.2) == [first]
    one.part(answer(whole, first), AGAIN + 0.3)
    assert one.wanted(AGAIN + 0.3)[0] == second


def test_before_a_part_that_is_not_the_next_one_was_lost() -> None:
    one, disk, whole = fetch()
    one.wanted(0.0)
    one.part(answer(whole, 0), 0.1)
    first, second = one.wanted(0.1)
    one.part(answer(whole, second), 0.2)
    assert one.wanted(0.2) == [first]
    one.part(answer(whole, second), 0.3)  # it is not asked for now
    one.part(answer(whole, first), 0.4)
    assert disk.data == whole[: 2 * FILE_PART]


def test_a_part_that_comes_twice_counts_once() -> None:
    one, disk, whole = fetch()
    one.wanted(0.0)
    for _ in range(2):
        one.part(answer(whole, 0), 0.1)
    assert len(disk.data) == FILE_PART


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (FilePart(SHA, 0, None, b""), "does not have it"),
        (FilePart(SHA, 0, 100, b"x" * 10), "another length"),
        (FilePart(SHA, 0, 5, b"x" * 10), "another length"),
        (FilePart(SHA, 0, FILE_PART * 2, b""), "another length"),
    ],
)
def test_what_does_not_fit_is_a_problem(part: FilePart, why: str) -> None:
    one, _, _ = fetch()
    one.wanted(0.0)
    one.part(part, 0.1)
    assert why in one.problem
    assert one.wanted(0.1) == []


def test_a_problem_of_the_disk_is_one_of_the_file() -> None:
    one, disk, whole = fetch()
    one.wanted(0.0)
    one.part(answer(whole, 0), 0.1)
    disk.problem = "the disk is full"
    assert one.problem == "the disk is full"
    one.drop()
    assert disk.dropped


def test_a_download_that_cannot_begin_raises() -> None:
    def refuse(total: int) -> Disk:
        raise GlutenError("no")

    one = Fetch(SHA, refuse)
    one.wanted(0.0)
    with pytest.raises(GlutenError):
        one.part(answer(b"abc", 0), 0.1)
