"""IP addresses as a target may hide them: all forms of one address, where it leads, and which are guarded. Pure.

An address stands for others where the network translates it: NAT64 (RFC 6052, 8215), 6to4 (RFC 3056), Teredo (RFC
4380), ISATAP (RFC 5214), and IPv4 inside IPv6 (RFC 4291 section 2.5.5, RFC 2765).
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from gluten.task.host_names import bare_name, unzoned

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_HERE: dict[Address, Address] = {
    IPv4Address("0.0.0.0"): IPv4Address("127.0.0.1"),
    IPv6Address("::"): IPv6Address("::1"),
}
"""Connecting to "any" connects to this host."""
_LINK_LOCAL = "link-local, where clouds hand out credentials"
_METADATA = "a cloud's metadata service"
_MANY = "a multicast or broadcast address"
_GUARDED: tuple[tuple[Network, str], ...] = (
    (IPv4Network("169.254.0.0/16"), _LINK_LOCAL),
    (IPv6Network("fe80::/10"), _LINK_LOCAL),
    (IPv6Network("fd00:ec2::/32"), _METADATA),  # AWS
    (IPv6Network("fd20:ce::/32"), _METADATA),  # Google
    (IPv6Network("fd00:42::42/128"), _METADATA),  # Scaleway
    (IPv6Network("fd00:c1::a9fe:a9fe/128"), _METADATA),  # Oracle
    (IPv6Network("fd00:a9fe:a9fe::/48"), _METADATA),  # Linode
    (IPv4Network("100.100.100.200/32"), _METADATA),  # Alibaba
    (IPv4Network("168.63.129.16/32"), _METADATA),  # Azure
    (IPv4Network("192.0.0.192/32"), _METADATA),  # Oracle, classic
    (IPv4Network("0.0.0.0/8"), "no host's address"),
    (IPv4Network("224.0.0.0/4"), _MANY),
    (IPv6Network("ff00::/8"), _MANY),
    (IPv4Network("240.0.0.0/4"), "a reserved or broadcast address"),
)
NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_LOW = (NAT64, _LOCAL_NAT64, IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
_ISATAP = (0x00005EFE, 0x02005EFE)
_MOST = 0xFFFFFFFF


def canonical(text: str) -> Address:
    """The address to which a connection to `text` goes. IPv4 inside IPv6 becomes IPv4, "any" becomes this host, and a
    scope is left out. Raises ValueError for a text in none of the forms of `inet_aton` and `inet_pton`."""
    bare = text.strip("[]").partition("%")[0]
    if ":" not in bare:
        found: Address = _ipv4(bare)
    else:
        long = IPv6Address(bare)
        found = long if long.ipv4_mapped is None else long.ipv4_mapped

    return _HERE.get(found, found)


def literal(host: str) -> Address | None:
    """The address that a URL's host stands for, in any form; None for a name."""
    try:
        return canonical(plain_name(host))
    except ValueError:
        return None


def plain_name(host: str) -> str:
    """A host in the form for a resolver: lower-case ASCII (a full-width digit is a digit), without a last dot."""
    return bare_name(host)


def server_name(host: str) -> str:
    """The name that a target's certificate must have (RFC 6066, 9525): without a last dot; of an address, without its
    zone."""
    name = unzoned(plain_name(host))
    try:
        return name if ":" in name else str(_ipv4(name))
    except ValueError:
        return name


def faces(address: Address) -> tuple[Address, ...]:
    """The address itself, and the IPv4 addresses that it may lead to."""
    if isinstance(address, IPv4Address):
        return (address,)
    return (address, *dict.fromkeys(map(IPv4Address, _embedded(address))))


def guarded(address: Address) -> tuple[Network, str] | None:
    """The guarded network that the address is in, and what that network is. Nobody should load one by accident."""
    return next(((net, what) for net, what in _GUARDED if address.version == net.version and address in net), None)


def _embedded(address: IPv6Address) -> list[int]:
    bits = int(address)
    found = [bits & _MOST] if bits > 1 and any(address in net for net in _LOW) else []
    if address in _LOCAL_NAT64:  # RFC 6052: behind a prefix of 48 bits, bits 64 to 71 are left out
        found.append((bits >> 48 & 0xFFFF0000) | (bits >> 40 & 0xFFFF))
    if address.sixtofour is not None:
        found.append(int(address.sixtofour))
    if address.teredo is not None:
        found += map(int, address.teredo)
    if bits >> 32 & _MOST in _ISATAP:
        found.append(bits & _MOST)
    return found


def _ipv4(text: str) -> IPv4Address:
    """One to four numbers, decimal, octal (0…) or hexadecimal (0x…). The last one fills the remaining bytes
    (inet_aton(3))."""
    *first, last = [_number(part) for part in text.split(".")]
    if len(first) > 3 or any(part > 255 for part in first) or last >> 8 * (4 - len(first)):
        raise AddressValueError(f"{text!r} is no IPv4 address")
    head = sum(part << 8 * (3 - place) for place, part in enumerate(first))
    return IPv4Address(head + last)


def _number(text: str) -> int:
    if re.fullmatch("0[xX][0-9a-fA-F]{1,16}", text):
        return int(text, 16)
    if re.fullmatch("0[0-7]{1,16}", text):
        return int(text, 8)
    if re.fullmatch("0|[1-9][0-9]{0,15}", text):
        return int(text)
    raise AddressValueError(f"{text!r} is no number of an IPv4 address")
