"""The addresses of a target, by rule and by name. Only those that accept a connection count."""

from __future__ import annotations

import socket

import pytest

from gluten.engine.fault import Fault
from gluten.engine.host.preflight import addresses, allowed, reachable
from gluten.engine.worker.transport.dialer import Dialer
from gluten.task.policy import OPEN, Policy, read_patterns
from gluten.task.task import Task
from tests.support.rig import Rig


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


@pytest.mark.parametrize("host", ["no-such-host.invalid", 5 * ("a" * 60 + ".") + "invalid"])
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


def test_a_refusal_names_an_address_of_ipv6_in_brackets() -> None:
    with pytest.raises(Fault, match=r"^\[::1\]:\d+: "):
        reachable(task("[::1]", closed_port()), ["::1"])


def test_a_family_that_this_host_has_no_way_for_is_a_fault_not_an_address() -> None:
    """2001:db8::/32 is for documentation. Without IPv6 there is no route to it. With IPv6 nothing answers there."""
    with pytest.raises(Fault) as caught:
        reachable(task("a.invalid", 9, timeout=0.1), ["2001:db8::1"])
    assert caught.value.kind in ("connect", "timeout")


def test_a_rule_with_an_invalid_address_is_a_dns_fault() -> None:
    with pytest.raises(Fault) as caught:
        reachable(task("a.invalid"), ["not-an-address"])
    assert caught.value.kind == "dns"


def test_silence_ends_at_the_timeout() -> None:
    """A listener with a full queue does not answer."""
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


def test_a_forbidden_address_is_left_out_and_the_others_are_used() -> None:
    there = task("a.invalid")
    assert allowed(there, OPEN, ["169.254.169.254", "127.0.0.1", "fe80::1%lo"]) == ["127.0.0.1"]
    assert allowed(there, Policy(read_patterns(["10.0.0.0/8"])), ["127.0.0.1", "10.0.0.1"]) == ["10.0.0.1"]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "0xa9fea9fe", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1"]
)
def test_where_every_address_is_forbidden_the_first_is_named(address: str) -> None:
    with pytest.raises(Fault, match=r"target not allowed: a\.invalid at .*--allow-target") as caught:
        allowed(task("a.invalid"), OPEN, [address])
    assert caught.value.kind == "refused"


def test_a_worker_asks_again_for_every_address_that_it_is_given() -> None:
    # It would connect to what it was told, whoever told it: no socket is made for a forbidden address.
    for address in ("169.254.169.254", "127.0.0.1"):
        with pytest.raises(Fault, match="target not allowed") as caught:
            Dialer(task("a.invalid"), [address], Policy(read_patterns(["10.0.0.0/8"])))
        assert caught.value.kind == "refused"


def test_a_run_whose_target_is_forbidden_fails_before_anything_is_sent(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rule = (f"a.invalid:{port}:127.0.0.1",)
        for host, rules in (("127.0.0.1", ()), ("a.invalid", rule), ("localhost", ())):
            outcome = rig.run(task(host, port, resolve=rules), allow=("10.0.0.0/8", "a.invalid"))
            assert (outcome.state, outcome.kind, outcome.total.sent) == ("failed", "refused", 0)
            assert "target not allowed: " in outcome.reason
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_is_allowed_is_loaded_at_the_addresses_that_it_has(rig: Rig, known_target: str) -> None:
    port = int(known_target.rstrip("/").rpartition(":")[2])
    there = Task(f"http://localhost:{port}/", requests=10, duration=None)
    assert rig.run(there, allow=("localhost",)).total.completed == 10
