"""gRPC still knows the caller's address behind the splice."""

import pytest

from gluten.net.door import peername
from gluten.net.door.peername import address_in, name_of, plain


@pytest.mark.skipif(not peername.KNOWN, reason="abstract unix addresses are Linux'")
@pytest.mark.parametrize("address", ["10.0.0.7", "fe80::1%eth0", "2001:db8::7"])
def test_a_name_contains_its_address_and_is_unique(address: str) -> None:
    first, second = name_of((address, 5)), name_of((address, 5))
    assert first is not None
    assert first != second
    assert first[0] == 0
    assert len(first) <= 108
    assert address_in("unix-abstract:" + first[1:].decode()) == address
    assert address_in("unix-abstract:" + first[1:].decode().replace(":", "%3A").replace("/", "%2F")) == address


@pytest.mark.parametrize("peer", ["unix:", "unix:/tmp/x", "ipv4:10.0.0.1:5", "", "unix-abstract:other/1.2.3.4"])
def test_what_was_not_named_by_the_door_has_no_address(peer: str) -> None:
    assert address_in(peer) == ""


def test_an_ipv4_address_is_written_as_such() -> None:
    assert plain("::ffff:10.0.0.7") == "10.0.0.7"
    assert plain("::1") == "::1"
