"""The dialer connects to the addresses that it is given, and a connect that fails leaves no socket open."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from gluten.engine.fault import Fault
from gluten.engine.worker.transport.dialer import Dialer
from gluten.task.task import Task
from tests.support.authority import Authority, serving


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.2", 0)) as made:
        made.settimeout(10)
        yield made


def port(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_it_connects_to_the_address_whatever_the_name_says(listener: socket.socket) -> None:
    sock = Dialer(Task(f"http://no-such-name.invalid:{port(listener)}/"), ["127.0.0.2"]).open()
    assert sock.getpeername() == ("127.0.0.2", port(listener))
    sock.close()


def test_connections_take_the_addresses_in_turn(listener: socket.socket) -> None:
    with socket.create_server(("127.0.0.3", port(listener))):
        dialer = Dialer(Task(f"http://a.invalid:{port(listener)}/"), ["127.0.0.2", "127.0.0.3"])
        socks = [dialer.open() for _ in range(4)]
        assert [sock.getpeername()[0] for sock in socks] == ["127.0.0.2", "127.0.0.3"] * 2
        for sock in socks:
            sock.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
def test_a_refused_connect_leaves_no_socket_open(listener: socket.socket) -> None:
    dialer = Dialer(Task(f"http://a.invalid:{port(listener)}/"), ["127.0.0.2"])
    dialer.open().close()  # makes the hub, which has descriptors of its own
    listener.close()
    before = descriptors()
    with pytest.raises(Fault, match="refused") as caught:
        dialer.open()
    assert (caught.value.kind, descriptors()) == ("connect", before)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
def test_a_handshake_beyond_the_deadline_is_a_timeout_and_leaves_no_socket_open(listener: socket.socket) -> None:
    Dialer(Task(f"http://a.invalid:{port(listener)}/"), ["127.0.0.2"]).open().close()
    dialer = Dialer(Task(f"https://a.invalid:{port(listener)}/", timeout=0.05), ["127.0.0.2"])
    before = descriptors()
    with pytest.raises(Fault, match="no TLS connection within the deadline") as caught:
        dialer.open()
    assert (caught.value.kind, descriptors()) == ("timeout", before)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_s_own_deadline_cuts_the_connect(scheme: str) -> None:
    """A listener with a full queue does not answer."""
    with socket.create_server(("127.0.0.2", 0), backlog=0) as server:
        crowd = [socket.socket() for _ in range(3)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        began = time.monotonic()
        with pytest.raises(Fault) as caught:
            Dialer(Task(f"{scheme}://a.invalid:{port(server)}/", timeout=20.0), ["127.0.0.2"]).open(0.05)
        for one in crowd:
            one.close()
    assert (caught.value.kind, time.monotonic() - began < 5) == ("timeout", True)


@pytest.mark.parametrize("host", ["shop.test", "shop.test."])
def test_the_server_is_asked_for_the_name_that_its_certificate_must_have(
    listener: socket.socket, host: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    names: list[str | None] = []
    context = serving(authority.issue("server", "DNS:shop.test"))
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    served = Thread(target=serve_one, args=(listener, context))
    served.start()
    task = Task(f"https://{host}:{port(listener)}/", cacert=authority.text)
    with Dialer(task, ["127.0.0.2"]).open() as sock:
        assert isinstance(sock.getpeercert(), dict)
    served.join(10)
    assert names == ["shop.test"]


def serve_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    with context.wrap_socket(listener.accept()[0], server_side=True) as sock:
        sock.recv(1)
