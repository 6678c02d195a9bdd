"""Where a target is: by rule, by name, and only where somebody answers."""

from __future__ import annotations

import socket

import pytest

from gluten.engine.fault import Fault
from gluten.engine.scout import addresses, reachable
from gluten.load.task import Task


def task(host: str, port: int = 80, timeout: float = 0.5, resolve: tuple[str, ...] = ()) -> Task:
    return Task(f"http://{host}:{port}/", timeout=timeout, resolve=resolve)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_rules_for_this_host_and_port_come_before_dns() -> None:
    rules = ("a.invalid:80:10.0.0.1", "A.invalid:80:[::1]", "a.invalid:81:10.0.0.2", "b.invalid:80:10.0.0.3")
    assert addresses(task("a.invalid", resolve=rules)) == ["10.0.0.1", "::1"]


def test_a_port_that_the_url_does_not_name_is_its_schemes() -> None:
    assert addresses(Task("https://a.invalid/", resolve=("a.invalid:443:10.0.0.1",))) == ["10.0.0.1"]


def test_an_address_is_itself() -> None:
    assert addresses(task("127.0.0.3")) == ["127.0.0.3"]
    assert addresses(task("[::1]")) == ["::1"]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid"])
def test_a_name_without_an_address_is_a_dns_fault(host: str) -> None:
    with pytest.raises(Fault) as caught:
        addresses(task(host))
    assert caught.value.kind == "dns"
    assert host in str(caught.value)


def test_localhost_with_one_family_listening_is_that_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = task("localhost", server.getsockname()[1])
        assert reachable(there, ["::1", "127.0.0.1"]) == ["127.0.0.1"]


def test_all_addresses_that_answer_are_kept_in_order() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        there = task("a.invalid", server.getsockname()[1])
        assert reachable(there, ["127.0.0.2", "127.0.0.1"]) == ["127.0.0.2", "127.0.0.1"]


def test_a_refusal_says_so() -> None:
    with pytest.raises(Fault, match="refused") as caught:
        reachable(task("127.0.0.1", closed_port()), ["127.0.0.1"])
    assert caught.value.kind == "connect"


def test_a_family_that_this_host_has_no_way_for_is_a_fault_not_an_address() -> None:
    """2001:db8::/32 is for documentation: without IPv6 there is no route at all, with it nobody answers."""
    with pytest.raises(Fault) as caught:
        reachable(task("a.invalid", 9, timeout=0.1), ["2001:db8::1"])
    assert caught.value.kind in ("connect", "timeout")


def test_a_rule_to_what_is_no_address_is_a_dns_fault() -> None:
    with pytest.raises(Fault) as caught:
        reachable(task("a.invalid"), ["not-an-address"])
    assert caught.value.kind == "dns"


def test_silence_ends_at_the_timeout() -> None:
    """A listener with a full queue answers nobody."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        crowd = [socket.socket() for _ in range(3)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        with pytest.raises(Fault) as caught:
            reachable(task("127.0.0.1", port, timeout=0.2), ["127.0.0.1"])
        for one in crowd:
            one.close()
    assert caught.value.kind == "timeout"
