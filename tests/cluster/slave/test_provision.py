"""An order begins once what it needs is here, and is refused in words where that cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from gluten.cluster.slave.provision import Hosts, Order, Provision
from gluten.net.bus import messages as wire
from gluten.plan.split import PlanNode, split
from gluten.task.task import Task
from tests.support.plain_files import PlainFiles

RUN = "a" * 32
DATA = b"ann\nbob\n"
SHA = hashlib.sha256(DATA).hexdigest()
TEXT = """
[[feed]]
name = "user"
file = "users.txt"
secret = true
[request.a]
get = "/{{user.line}}"
"""


class Bench:
    """A provision, what it sends, and what it begins."""

    def __init__(self) -> None:
        self.files = PlainFiles()
        self.sent: list[Any] = []
        self.begun: list[tuple[int, Hosts, Mapping[str, str]]] = []
        self.provision = Provision(self.files, self._send, lambda: 0.0, self._begin)

    def _send(self, message: wire.Message) -> bool:
        self.sent.append(message)
        return True

    def _begin(self, order: Order, hosts: Hosts, files: Mapping[str, str]) -> None:
        assert isinstance(order, wire.TaskOrder)
        self.begun.append((order.epoch, hosts, files))

    def take(self) -> list[Any]:
        sent, self.sent = self.sent, []
        return sent


def order(epoch: int = 1, text: str = TEXT) -> wire.TaskOrder:
    files = (("users.txt", SHA),) if text else ()
    task = Task("http://h.test/", threads=1, connections=1, workload=text, files=files)
    return wire.TaskOrder(RUN, epoch, split(task, [PlanNode("n", "n", 1)])[0], 10.0, 10.0, [])


def part(data: bytes = DATA) -> wire.FilePart:
    return wire.FilePart(SHA, 0, len(data), data)


def test_an_order_of_a_url_begins_at_once() -> None:
    bench = Bench()
    bench.provision.order(order(text=""))
    ((epoch, (host,), files),) = bench.begun
    assert (epoch, host.url, files, bench.sent) == (1, "http://h.test/", {}, [])


def test_an_order_waits_for_its_file_which_is_secret_as_the_text_says() -> None:
    bench = Bench()
    bench.provision.order(order())
    bench.provision.order(order())  # it is sent again while nothing is answered
    assert bench.take() == [wire.FileWanted(SHA, 0)]
    bench.provision.part(part())
    ((epoch, hosts, files),) = bench.begun
    assert (epoch, [host.url for host in hosts]) == (1, ["http://h.test/"])
    assert files["users.txt"].endswith(f"{SHA}.secret")


def test_what_is_prepared_is_answered_and_a_later_order_begins_at_once() -> None:
    bench = Bench()
    bench.provision.prepare(wire.Prepare(RUN, [(SHA, True)]))
    bench.provision.part(part())
    assert bench.take() == [wire.FileWanted(SHA, 0), wire.Prepared(RUN, "")]
    bench.provision.prepare(wire.Prepare(RUN, [(SHA, True)]))  # its first answer was lost
    assert bench.take() == [wire.Prepared(RUN, "")]
    bench.provision.order(order())
    assert len(bench.begun) == 1


def test_a_text_that_cannot_be_read_is_refused() -> None:
    bench = Bench()
    bench.provision.order(order(text="vus = 5"))
    (refused,) = bench.take()
    assert (type(refused), "vus: is no key" in refused.text) == (wire.Refused, True)
    assert bench.begun == []


@pytest.mark.parametrize(
    "answer", [wire.FilePart(SHA, 0, None, b""), part(b"other"), wire.FilePart(SHA, 0, 1 << 30, b"x")]
)
def test_a_file_that_does_not_come_is_told_in_words(answer: wire.FilePart) -> None:
    bench = Bench()
    bench.provision.prepare(wire.Prepare(RUN, [(SHA, False)]))
    bench.provision.order(order())
    bench.take()
    bench.provision.part(answer)
    prepared, refused = bench.take()
    assert isinstance(prepared, wire.Prepared)
    assert isinstance(refused, wire.Refused)
    assert prepared.text == refused.text != ""
    assert bench.files.names == []


def test_an_order_that_is_stopped_while_it_waits_never_begins() -> None:
    bench = Bench()
    bench.provision.order(order())
    bench.take()
    assert bench.provision.stop(RUN, 1)
    assert not bench.provision.stop(RUN, 1)
    assert [type(message) for message in bench.take()] == [wire.Refused]
    bench.provision.part(part())
    assert bench.begun == []


def test_a_run_that_is_over_needs_nothing_even_in_the_middle_of_a_file() -> None:
    bench = Bench()
    bench.provision.prepare(wire.Prepare(RUN, [(SHA, True)]))
    bench.provision.part(wire.FilePart(SHA, 0, 300_000, bytes(256 << 10)))
    assert len(bench.files.names) == 1
    bench.provision.prepare(wire.Prepare(RUN, []))
    bench.provision.step()
    assert bench.files.names == []
    assert bench.take()[-1] != wire.Prepared(RUN, "")


def test_two_runs_that_need_a_file_get_it_once() -> None:
    bench = Bench()
    bench.provision.prepare(wire.Prepare(RUN, [(SHA, True)]))
    bench.provision.prepare(wire.Prepare("b" * 32, [(SHA, False)]))
    bench.provision.part(part())
    assert bench.take() == [wire.FileWanted(SHA, 0), wire.Prepared(RUN, ""), wire.Prepared("b" * 32, "")]
    bench.provision.forget(RUN)
    assert bench.files.has(SHA)
    bench.provision.forget_all()
    assert bench.files.names == []


def test_a_new_connection_is_told_what_is_here_and_asked_for_what_is_not() -> None:
    bench = Bench()
    other = "c" * 64
    bench.provision.prepare(wire.Prepare(RUN, [(bench.files.add(DATA), False)]))
    bench.provision.prepare(wire.Prepare("b" * 32, [(other, False)]))
    bench.take()
    bench.provision.welcomed()
    assert bench.take() == [wire.Prepared(RUN, ""), wire.FileWanted(other, 0)]


def test_a_chore_waits_for_its_file_and_is_answered_when_it_cannot_come() -> None:
    bench = Bench()
    chore = wire.Chore(RUN, "setup", order().task, {})
    bench.provision.order(chore)
    bench.take()
    bench.provision.part(wire.FilePart(SHA, 0, None, b""))
    (answer,) = [message for message in bench.take() if isinstance(message, wire.ChoreDone)]
    assert (answer.kind, answer.taken) == ("setup", {})
    assert answer.reason
