"""If a front door cannot listen, its command says so in one line."""

import socket

import gevent
import gevent.event
import pytest

from gluten.errors import ConfigError
from gluten.net.door.frontdoor import FrontDoor, Routes
from tests.support.net.door import read_all
from tests.support.net.fake_rpc_master import hello


def test_a_busy_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            FrontDoor(("127.0.0.1", port), hello, Routes(), "--rpc-port").start()
    assert str(caught.value) == (
        f"--rpc-port {port} is already in use on 127.0.0.1: stop what listens there or choose another port"
    )


@pytest.mark.needs("IPv6")
def test_a_door_opens_on_ipv6_too() -> None:
    door = FrontDoor(("::1", 0), hello, Routes())
    door.start()
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.settimeout(10)
            sock.connect(("::1", door.port))
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert gevent.get_hub().threadpool.apply(read_all, (sock,)).endswith(b"hello /")
    finally:
        door.stop()


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_that_is_not_here_is_one_line(host: str) -> None:
    with pytest.raises(ConfigError, match="is not an address of this machine"):
        FrontDoor((host, 0), hello, Routes()).start()


def test_a_unix_path_that_is_too_long_says_so() -> None:
    Routes(grpc="/" + "x" * 106)
    with pytest.raises(ConfigError, match="at most 107 bytes"):
        Routes(bus="/" + "x" * 107)
