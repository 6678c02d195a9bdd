"""The client raises what the master raised, says plainly if the peer is no master, and never hangs."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from gluten.errors import (
    GlutenError,
    NotFound,
    Refused,
    StandsBy,
    StoreError,
    TaskError,
    Unreachable,
    UsageError,
    WrongState,
)
from gluten.net.rpc.rpc_client import Client
from gluten.task.task import Task
from tests.support.net.fake_rpc_master import Node, node

TASK = Task("http://127.0.0.1:1/", rate=100.0, headers=(("a", "é"),))


@pytest.fixture
def living() -> Iterator[Node]:
    with node() as made:
        yield made


@pytest.fixture
def client(living: Node) -> Iterator[Client]:
    with Client(living.address) as made:
        yield made


@contextlib.contextmanager
def answering(answer: bytes, close: bool = False) -> Iterator[str]:
    """A port where another server answers every request in the same way."""
    kept: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                kept.append(sock)
                sock.sendall(answer)
                if close:
                    sock.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for sock in kept:
        sock.close()


def test_a_task_arrives_as_it_was_sent(living: Node, client: Client) -> None:
    run = client.submit(TASK, "k", "me")
    assert living.master.tasks[run["id"]] == TASK
    assert (run["number"], run["who"], run["link"]) == (1, "me", "http://m/runs/1")
    assert run["task"] == TASK.redacted()
    assert client.submit(TASK, "k")["number"] == 1
    assert client.submit(TASK)["number"] == 2
    assert client.submit(TASK)["number"] == 3


def test_each_question_has_its_answer(client: Client) -> None:
    client.submit(TASK)
    assert client.run("last")["number"] == 1
    assert client.adjust("1", 50)["asked_rate"] == 50
    assert [run["number"] for run in client.runs()] == [1]
    assert client.nodes()[0]["load"] is True
    assert client.report("1")["schema"] == "gluten.report/1"
    assert client.stop("1")["state"] == "finished"


@pytest.mark.parametrize(
    "failure",
    [
        TaskError("connections", "connections: too few"),
        NotFound("there is no run 9"),
        WrongState("it has ended"),
        Refused("no"),
        StoreError("the database is away"),
        UsageError("wrong"),
    ],
)
def test_what_the_master_raises_is_raised_here(living: Node, client: Client, failure: GlutenError) -> None:
    living.master.failure = failure
    with pytest.raises(type(failure)) as caught:
        client.run("1")
    assert type(caught.value) is type(failure)
    assert str(caught.value) == str(failure)
    assert getattr(caught.value, "field", "") == getattr(failure, "field", "")


def test_a_failure_within_the_master_is_not_called_unreachable(living: Node, client: Client) -> None:
    living.master.failure = ValueError("secret")
    with pytest.raises(GlutenError, match="its log says why") as caught:
        client.run("1")
    assert not isinstance(caught.value, Unreachable)


def test_a_closed_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    began = time.monotonic()
    with Client(address) as client, pytest.raises(Unreachable) as caught:
        client.nodes()
    assert time.monotonic() - began < 2
    assert str(caught.value) == f"cannot reach the master at {address}: start it or name it with --master"


@pytest.mark.parametrize(
    ("answer", "close"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False),
        (b"\x00\x01\x02" * 30, False),
        (b"", True),
        (b"", False),
    ],
)
def test_a_peer_that_is_no_master_is_reported_in_one_line_and_in_time(
    answer: bytes, close: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    with answering(answer, close) as address:
        for ask in (Client.nodes, lambda client: next(client.watch("1"))):
            began = time.monotonic()
            with Client(address, timeout=0.5) as client, pytest.raises(Unreachable) as caught:
                ask(client)
            assert time.monotonic() - began < 2.5
            assert address in str(caught.value)
            assert "--master" in str(caught.value)
            assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_name_that_is_not_known_is_unreachable() -> None:
    with Client("no.such.host.invalid:1") as client, pytest.raises(Unreachable):
        client.nodes()


@pytest.mark.parametrize("address", ["", "host", "host:", ":9090", "host:0", "host:x", "http://host:80/", "h:70000"])
def test_an_address_without_host_or_port_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        Client(address)


def test_a_proxy_in_the_environment_is_not_asked(living: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("grpc_proxy", "http://127.0.0.1:1")
    with Client(living.address) as client:
        assert client.nodes()


def test_watch_gives_each_change_once_and_ends(living: Node, client: Client) -> None:
    client.submit(TASK)
    living.do(living.master.second, "1")
    updates = client.watch("last")
    assert [row["second"] for row in next(updates)["rows"]] == [0]
    living.do(living.master.second, "1")
    assert [row["second"] for row in next(updates)["rows"]] == [1]
    living.do(living.master.end, "1")
    assert [update["final"] for update in updates] == [True]


def test_watch_of_an_unknown_run_says_so(client: Client) -> None:
    with pytest.raises(NotFound):
        next(client.watch("9"))


def test_watch_goes_on_after_the_master_came_back() -> None:
    with node() as first, Client(first.address) as client:
        client.submit(TASK)
        first.do(first.master.second, "1")
        updates = client.watch("1")
        assert [row["second"] for row in next(updates)["rows"]] == [0]
        port, master = first.port, first.master
        first.end()
        with node(port=port, master=master) as second:
            second.do(master.second, "1")
            assert [row["second"] for row in next(updates)["rows"]] == [1]
            second.do(master.end, "1")
            assert next(updates)["final"]


def test_watch_gives_up_when_the_master_stays_away() -> None:
    with node() as living, Client(living.address, patience=0.5) as client:
        client.submit(TASK)
        updates = client.watch("1")
        next(updates)
        living.end()
        with pytest.raises(Unreachable):
            next(updates)


def test_the_client_imports_neither_gevent_nor_zmq() -> None:
    program = "import sys, gluten.net.rpc.rpc_client; print(sorted({'gevent', 'zmq', 'greenlet'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_next_master_is_called_where_one_does_not_answer(living: Node) -> None:
    with Client("127.0.0.1:1", others=[living.address]) as client:
        assert client.submit(TASK)["number"] == 1
        assert client.address == living.address
        client.submit(TASK)
        assert [run["number"] for run in client.runs()] == [2, 1]


def test_a_master_that_stands_by_leads_to_the_one_that_it_names(living: Node) -> None:
    with node() as waiting:
        waiting.master.failure = StandsBy("it stands by", living.address)
        with Client(waiting.address) as client:
            assert client.submit(TASK)["number"] == 1
            assert client.address == living.address
    assert not waiting.master.tasks


def test_a_master_that_knows_no_active_one_says_that_it_stands_by(living: Node) -> None:
    living.master.failure = StandsBy("it stands by")
    with Client(living.address) as client, pytest.raises(StandsBy, match="stands by") as caught:
        client.run("1")
    assert caught.value.exit_code == 3


def test_two_masters_that_name_each_other_do_not_hold_a_client(living: Node) -> None:
    with node() as other:
        other.master.failure = StandsBy("it stands by", living.address)
        living.master.failure = StandsBy("it stands by", other.address)
        with Client(living.address) as client, pytest.raises(Unreachable, match="none of the masters can be used"):
            client.run("1")
