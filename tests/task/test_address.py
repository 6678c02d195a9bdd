"""A guarded address is recognised in every spelling, and also behind other addresses that lead to it."""

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.task.address import Address, canonical, faces, guarded, literal

METADATA = IPv4Address("169.254.169.254")

FORMS = [
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0XA9FEA9FE", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe",
    "169.254.43518", "169.16689662", "025177524776", "169.0xfe.0251.254", "169.254.169.254.",
    "[::ffff:169.254.169.254]", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:a9fe:a9fe", "::ffff:169.254.169.254%eth0",
    "169\u3002254\u3002169\u3002254", "\uff11\uff16\uff19.254.169.254", " 169.254.169.254",
]  # fmt: skip

WAYS = [
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::",
    "::169.254.169.254",
    "::ffff:0:a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:a9fe:a9fe::1",
    "2001::5601:5601",
    "2001:db8::5efe:a9fe:a9fe",
    "2001:db8::200:5efe:a9fe:a9fe",
]

OTHERS = [
    "169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1", "fd00:ec2::254", "fd20:ce::254", "fd00:42::42",
    "100.100.100.200",
    "fd00:c1::a9fe:a9fe", "fd00:a9fe:a9fe::1", "168.63.129.16", "224.0.0.1", "239.255.255.255", "255.255.255.255",
    "240.0.0.1", "ff02::1", "0.1.2.3", "192.0.0.192",
]  # fmt: skip

PLAIN = ["127.0.0.1", "::1", "0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "203.0.113.7", "fd00::1", "2001:db8::1"]


@pytest.mark.parametrize("text", FORMS)
def test_every_way_to_write_an_address_is_that_address(text: str) -> None:
    assert literal(text) == METADATA


@pytest.mark.parametrize("text", WAYS)
def test_what_is_translated_leads_to_the_address_inside(text: str) -> None:
    place = canonical(text)
    assert METADATA in faces(place)
    assert faces(place)[0] == place


@pytest.mark.parametrize("text", OTHERS)
def test_addresses_that_must_not_be_loaded_by_accident_are_guarded(text: str) -> None:
    assert guarded(canonical(text)) is not None


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_addresses_are_not_guarded(text: str) -> None:
    assert all(guarded(face) is None for face in faces(canonical(text)))


def test_any_address_is_this_host() -> None:
    assert (canonical("0.0.0.0"), canonical("::")) == (IPv4Address("127.0.0.1"), IPv6Address("::1"))


@pytest.mark.parametrize(
    "text", ["", "a.b", "1.2.3.4.5", "256.1.1.1", "0x", "08.1.1.1", "1..2", "-1", "4294967296", "localhost"]
)
def test_a_text_that_is_no_address_is_a_name(text: str) -> None:
    assert literal(text) is None


@given(st.integers(0, 0xFFFFFFFF), st.integers(1, 4), st.sampled_from(["d", "o", "x"]))
def test_an_ipv4_address_in_any_notation_is_what_the_system_makes_of_it(value: int, parts: int, base: str) -> None:
    bits = [value >> 8 * (3 - i) & 255 for i in range(parts - 1)] + [value & (1 << 8 * (5 - parts)) - 1]
    prefix = {"d": "", "o": "0", "x": "0x"}[base]
    text = ".".join(f"{prefix}{bit:{base}}" for bit in bits)
    assert faces(canonical(text)) == (canonical(socket.inet_ntoa(socket.inet_aton(text))),)


@given(st.text("0123456789abcdefxX.:%[]", max_size=40))
def test_whatever_the_system_takes_for_an_address_is_read_as_the_same(text: str) -> None:
    try:
        system = socket.inet_aton(text)
    except (OSError, ValueError):
        return
    if not text[-1:].isspace():
        assert canonical(text) == canonical(socket.inet_ntoa(system))


@given(st.integers(0, (1 << 128) - 1).map(IPv6Address))
def test_every_spelling_of_an_address_is_judged(address: Address) -> None:
    found = faces(canonical(str(address)))
    assert 1 <= len(found) <= 5
    assert all(isinstance(face, IPv4Address) for face in found[1:])


@given(st.integers(0, 0xFFFFFFFF).map(IPv4Address))
def test_an_ipv4_address_inside_ipv6_is_itself(address: IPv4Address) -> None:
    assert canonical(f"::ffff:{address}") == canonical(str(address))
    assert address in faces(IPv6Address(int(IPv6Address("64:ff9b::")) + int(address)))
