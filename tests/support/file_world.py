"""A simulated cluster whose runs have a file: what tests of files begin with."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from gluten.cluster.master.membership import ClusterNode
from gluten.errors import StoreError
from gluten.net.bus import frames
from gluten.net.bus import messages as wire
from gluten.task.task import Task
from tests.support.plain_files import PlainFiles
from tests.support.world import Node, World

CSV = b"name,word\n" + b"".join(b"user%d,%d\n" % (number, number**7) for number in range(40_000))

SHA = hashlib.sha256(CSV).hexdigest()

TEXT = """
[[feed]]
name = "user"
file = "users.csv"
pick = "unique"
secret = SECRET
[request.a]
get = "/{{user.name}}"
"""


class FullFiles(PlainFiles):
    """Those of a node whose disk is full."""

    def download(self, sha: str, size: int, secret: bool, then: Callable[[], None]) -> NoReturn:
        raise StoreError("the disk is full")


def a_task(secret: bool = False, sha: str = SHA, text: str = TEXT, **fields: Any) -> Task:
    text = text.replace("SECRET", str(secret).lower())
    values = {"threads": 6, "connections": 60, "duration": 5.0, "workload": text, "files": (("users.csv", sha),)}
    return Task("http://127.0.0.1:1/", **{**values, **fields})


def cluster(*names: str) -> tuple[World, list[Node]]:
    world = World()
    world.files.add(CSV)
    return world, world.cluster(*names)


def sent_parts(world: World) -> list[wire.FilePart]:
    """The parts of files that are in transit to a node."""
    decoded = [frames.decode_down(frame.frame) for frame in world.network.in_transit if not frame.up]
    return [message for message in decoded if isinstance(message, wire.FilePart)]


def served(world: World, then: Callable[[], None] = lambda: None) -> Counter[str]:
    """How many parts each node is sent from now on. `then` is called after each."""
    counts: Counter[str] = Counter()
    server = world.master._file_server
    send = server._send

    def counted(node: ClusterNode, message: wire.Message) -> bool:
        counts[node.name] += 1
        sent = send(node, message)
        then()
        return sent

    server._send = counted
    return counts


def state(world: World) -> tuple[str, str]:
    run = world.master.run("last")
    return run["state"], run["reason"]
