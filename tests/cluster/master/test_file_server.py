"""Parts of files go to the nodes in turn."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.cluster.master.file_server import BATCH, WAITING, FileServer
from gluten.net.bus import messages as wire
from gluten.net.bus.messages import FILE_PART
from tests.support.plain_files import PlainFiles


class Node:
    def __init__(self, name: str) -> None:
        self.name = name


class Bench:
    def __init__(self) -> None:
        self.files = PlainFiles()
        self.sha = self.files.add(bytes(3 * FILE_PART + 7))
        self.sent: list[tuple[str, wire.FilePart]] = []
        self.woken = 0
        self.server = FileServer(self.files, self._send, self._wake)
        self.nodes: dict[str, Any] = {name: Node(name) for name in "abc"}

    def _send(self, node: Any, message: Any) -> bool:
        self.sent.append((node.name, message))
        return True

    def _wake(self) -> None:
        self.woken += 1

    def want(self, name: str, *offsets: int) -> None:
        for offset in offsets:
            self.server.want(self.nodes[name], self.sha, offset)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_each_part_says_where_it_is_and_how_long_the_file_is(bench: Bench) -> None:
    bench.want("a", 0, 3 * FILE_PART)
    assert bench.woken == 2
    assert bench.server.serve()
    assert not bench.server.serve()
    assert [(part.offset, part.total, len(part.data)) for _, part in bench.sent] == [
        (0, 3 * FILE_PART + 7, FILE_PART),
        (3 * FILE_PART, 3 * FILE_PART + 7, 7),
    ]


def test_nodes_get_parts_in_turn(bench: Bench) -> None:
    bench.want("a", 0, 1, 2)
    bench.want("b", 0, 1)
    bench.want("c", 0)
    bench.server.serve()
    assert [name for name, _ in bench.sent] == ["a", "b", "c", "a", "b", "a"]


def test_one_that_asks_again_and_again_does_not_lose_its_turn_nor_take_another_s(bench: Bench) -> None:
    bench.want("a", *range(5))
    bench.want("b", *range(5))
    bench.want("a", *range(5))
    bench.server.serve()
    assert [name for name, _ in bench.sent] == ["a", "b"] * (BATCH // 2)


def test_a_node_waits_for_few_parts(bench: Bench) -> None:
    bench.want("a", *range(1000))
    while bench.server.serve():
        pass
    assert len(bench.sent) == WAITING


def test_others_get_a_turn_after_a_few_parts(bench: Bench) -> None:
    bench.want("a", *range(WAITING))
    bench.server.serve()
    assert len(bench.sent) == BATCH


def test_a_file_that_is_not_here_is_told(bench: Bench) -> None:
    bench.files.remove(bench.sha)
    bench.want("a", 0)
    bench.server.serve()
    assert bench.sent == [("a", wire.FilePart(bench.sha, 0, None, b""))]
